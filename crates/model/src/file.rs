//! Reading and writing of model files.

use std::path::Path;

use graph::Graph;
use serde::{Deserialize, Serialize};

use crate::annotated::read_annotation;
use crate::{Model, ModelError, Normalization, Source, Task, read_annotated, write_annotated};

/// The key of the model's description in the safetensors header.
const KEY: &str = "model-factory";
/// The format version of the description. Format 1 stored a config instead of the graph.
const FORMAT: u32 = 3;
/// The format without names of channels, columns and outputs, target normalization, sampling rate and fold. It is still
/// written if the model has none of them.
const PLAIN_FORMAT: u32 = 2;

/// The description of a model: everything except the weights.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "the description of a model")]
struct Header {
    format: u32,
    graph: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
    classes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    channels: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<String>,
    normalization: Normalization,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_normalization: Option<Normalization>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sampling_rate: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

/// The part of the description that all format versions share.
#[derive(Deserialize)]
#[serde(expecting = "the description of a model")]
struct Version {
    format: u32,
}

impl Model {
    /// Writes the model as a safetensors file, atomically. Equal models give equal bytes.
    ///
    /// # Errors
    /// If the file cannot be written or the parts of the model do not agree. The error names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ModelError> {
        let path = path.as_ref();
        let inconsistent = |message: String| ModelError::Inconsistent { path: path.to_owned(), message };
        self.check().map_err(inconsistent)?;
        let header = Header {
            format: if self.is_plain() { PLAIN_FORMAT } else { FORMAT },
            graph: self.graph.text(),
            task: self.task,
            classes: self.classes.clone(),
            channels: self.channels.clone(),
            columns: self.columns.clone(),
            outputs: self.outputs.clone(),
            normalization: self.normalization.clone(),
            target_normalization: self.target_normalization.clone(),
            sampling_rate: self.sampling_rate,
            source: self.source.clone(),
        };
        // This fails if the source's folder is not valid Unicode.
        let text =
            serde_json::to_string(&header).map_err(|error| inconsistent(format!("source: {error}")))?;
        Ok(write_annotated(path, &self.weights, KEY, &text)?)
    }

    /// Returns whether [`PLAIN_FORMAT`] can represent the model.
    fn is_plain(&self) -> bool {
        self.channels.is_empty()
            && self.columns.is_empty()
            && self.outputs.is_empty()
            && self.target_normalization.is_none()
            && self.sampling_rate.is_none()
            && self.task != Some(Task::MultiLabel)
            && self.source.as_ref().is_none_or(|source| source.fold.is_none())
    }

    /// Returns whether a file has the header of a model file, whatever its name is.
    pub fn is_stored_in(path: impl AsRef<Path>) -> bool {
        path.as_ref().is_file() && read_annotation(path.as_ref(), KEY).is_some()
    }

    /// Reads a model file, merged or not, and checks everything in it.
    ///
    /// # Errors
    /// If the file cannot be read, contains only weights, or has another format version, or if the parts of
    /// the model do not agree. The error names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        let path = path.as_ref();
        let (weights, text) = read_annotated(path, KEY)?;
        let not_a_model = |found: String| ModelError::NotAModel { path: path.to_owned(), found };
        let Some(text) = text else {
            let found = "only weights; `factory convert CONFIG WEIGHTS -o FILE` writes a model file";
            return Err(not_a_model(found.to_owned()));
        };
        let damaged =
            |error: serde_json::Error| not_a_model(format!("a damaged header: {}", sentence(&error)));
        let Version { format } = serde_json::from_str(&text).map_err(damaged)?;
        if format != FORMAT && format != PLAIN_FORMAT {
            let advice = match format {
                1 => "train the model again",
                _ => "update Model Factory to read it",
            };
            return Err(ModelError::Version {
                path: path.to_owned(),
                expected: [PLAIN_FORMAT, FORMAT],
                found: format,
                advice,
            });
        }
        let header: Header = serde_json::from_str(&text).map_err(damaged)?;
        let graph: Graph =
            header.graph.parse().map_err(|source| ModelError::Graph { path: path.to_owned(), source })?;
        let model = Self {
            graph,
            weights,
            task: header.task,
            classes: header.classes,
            channels: header.channels,
            columns: header.columns,
            outputs: header.outputs,
            normalization: header.normalization,
            target_normalization: header.target_normalization,
            sampling_rate: header.sampling_rate,
            source: header.source,
        };
        model.check().map_err(|message| ModelError::Inconsistent { path: path.to_owned(), message })?;
        Ok(model)
    }
}

/// Returns the message of an error without its position, because users do not see the header.
fn sentence(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}
