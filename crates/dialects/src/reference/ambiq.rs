//! Parameter dicts of Ambiq's packages, SleepKit and helia-edge.

use graph::Extent;
use layers::Norm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::ReferenceError;

/// What `norm` may say.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Batch norm.
    Batch,
    /// Over positions, with a scale and a shift for each.
    Layer,
}

impl Kind {
    pub(super) fn norm(self) -> Norm {
        match self {
            Self::Batch => Norm::Batch,
            Self::Layer => Norm::Position,
        }
    }
}

/// `{params, num_classes}`.
pub(super) fn spec(spec: &Json) -> Result<(&Json, Option<usize>), ReferenceError> {
    let params =
        spec.get("params").ok_or_else(|| ReferenceError::Invalid("the spec has no params".to_owned()))?;
    let classes = match spec.get("num_classes") {
        None | Some(Json::Null) => None,
        Some(classes) => Some(read_at("num_classes", classes)?),
    };
    Ok((params, classes))
}

/// A dict of parameters; an error names the key by its path.
pub(super) fn read<T: DeserializeOwned>(params: &Json) -> Result<T, ReferenceError> {
    read_at("params", params)
}

fn read_at<T: DeserializeOwned>(parent: &str, json: &Json) -> Result<T, ReferenceError> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => parent.to_owned(),
            path => format!("{parent}.{path}"),
        };
        ReferenceError::Invalid(format!("{path}: {}", error.inner()))
    })
}

/// Whether there is a classifier, and the classes that newer parameter dicts hold.
pub(super) struct Top {
    pub(super) include_top: bool,
    pub(super) num_classes: Option<usize>,
}

impl Top {
    /// The classes of the network; `classes` are those given beside the parameters.
    pub(super) fn classes(&self, classes: Option<usize>) -> Result<Option<usize>, ReferenceError> {
        match (self.include_top, classes.or(self.num_classes)) {
            (false, _) => Ok(None),
            (true, Some(classes)) => Ok(Some(classes)),
            (true, None) => {
                Err(ReferenceError::Invalid("num_classes is missing, and include_top needs it".to_owned()))
            }
        }
    }
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn one() -> usize {
    1
}

pub(super) fn unit() -> Extent {
    1.into()
}

pub(super) fn three() -> Extent {
    3.into()
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
pub(super) fn batch() -> Option<Kind> {
    Some(Kind::Batch)
}
