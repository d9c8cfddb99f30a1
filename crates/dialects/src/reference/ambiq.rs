//! Parameter dicts of Ambiq's packages, SleepKit and helia-edge.

use factory::Document;
use graph::{Extent, FieldError};
use layers::Norm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::ReferenceError;

/// Values of `norm`.
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

/// The classes that are given beside the parameters.
#[derive(Clone, Copy)]
pub(super) enum Classes {
    /// A number of classes.
    Given(usize),
    /// No number; the parameters may hold it.
    Unknown,
    /// No classifier, although the parameters include the top: the network outputs features.
    NoClassifier,
}

/// `{params, num_classes}`, or `{params, classifier: false}` for the features before the classifier.
pub(super) fn spec(spec: &Json) -> Result<(&Json, Classes), ReferenceError> {
    let params = spec.get("params").ok_or_else(|| ReferenceError::invalid("params", "missing"))?;
    if spec.get("classifier").and_then(Json::as_bool) == Some(false) {
        return Ok((params, Classes::NoClassifier));
    }
    let classes = match spec.get("num_classes") {
        None | Some(Json::Null) => Classes::Unknown,
        Some(classes) => match classes.as_u64().and_then(|classes| usize::try_from(classes).ok()) {
            Some(classes) => Classes::Given(classes),
            None => {
                return Err(ReferenceError::expected("num_classes", "a non-negative integer", classes));
            }
        },
    };
    Ok((params, classes))
}

/// Reads a dict of parameters; an error names the key by its path.
pub(super) fn read<T: DeserializeOwned>(params: &Json) -> Result<T, ReferenceError> {
    let params = Document::serialize(params).and_then(|params| params.read());
    params.map_err(|error| ReferenceError::Invalid(FieldError::from(error).within("params")))
}

/// The classifier's parameters; newer dicts hold the number of classes too.
pub(super) struct Top {
    pub(super) include_top: bool,
    pub(super) num_classes: Option<usize>,
}

impl Top {
    /// The classes of the network; `classes` are those given beside the parameters.
    pub(super) fn classes(&self, classes: Classes) -> Result<Option<usize>, ReferenceError> {
        if !self.include_top {
            return Ok(None);
        }
        match (classes, self.num_classes) {
            (Classes::NoClassifier, _) => Ok(None),
            (Classes::Given(classes), _) | (Classes::Unknown, Some(classes)) => Ok(Some(classes)),
            (Classes::Unknown, None) => {
                Err(ReferenceError::invalid("num_classes", "missing, but `include_top` requires it"))
            }
        }
    }
}

/// The parameters of `UNetParams` and of `UNextParams`, in either package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "B: Deserialize<'de>")]
pub(super) struct UNetParams<B> {
    #[serde(default)]
    pub(super) blocks: Vec<B>,
    #[serde(default = "yes")]
    include_top: bool,
    #[serde(default = "yes")]
    pub(super) use_logits: bool,
    #[serde(default = "three")]
    pub(super) output_kernel_size: Extent,
    num_classes: Option<usize>,
    /// Ignored by both packages.
    #[serde(default, rename = "output_kernel_stride")]
    _output_kernel_stride: Json,
    #[serde(default, rename = "name", alias = "model_name")]
    _name: Json,
    #[serde(default, rename = "family")]
    _family: Json,
}

impl<B> UNetParams<B> {
    pub(super) fn top(&self) -> Top {
        Top { include_top: self.include_top, num_classes: self.num_classes }
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
