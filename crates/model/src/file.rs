//! Model files.

use std::path::Path;

use graph::Graph;
use serde::{Deserialize, Serialize};

use crate::{Model, ModelError, Normalization, Source, Task, read_annotated, write_annotated};

/// The key of a model's text in a safetensors header.
const KEY: &str = "model-factory";
/// The version of that text. Format 1 had a config in place of the graph.
const FORMAT: u32 = 2;

/// Everything but the weights.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u32,
    graph: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
    classes: Vec<String>,
    normalization: Normalization,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

/// The part of a header that all versions have.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Model {
    /// Writes a safetensors file, as a whole or not at all. Equal models give equal bytes.
    ///
    /// # Errors
    /// Names the file: one that cannot be written, or a model whose parts contradict each other.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ModelError> {
        let path = path.as_ref();
        let inconsistent = |message: String| ModelError::Inconsistent { path: path.to_owned(), message };
        self.check().map_err(inconsistent)?;
        let header = Header {
            format: FORMAT,
            graph: self.graph.text(),
            task: self.task,
            classes: self.classes.clone(),
            normalization: self.normalization.clone(),
            source: self.source.clone(),
        };
        // The folder of a source can be a path that is not valid Unicode.
        let text =
            serde_json::to_string(&header).map_err(|error| inconsistent(format!("source: {error}")))?;
        Ok(write_annotated(path, &self.weights, KEY, &text)?)
    }

    /// Reads a model file, merged or not, and checks everything in it.
    ///
    /// # Errors
    /// Names the file: one that cannot be read, holds weights alone, is of another version, or whose
    /// parts contradict each other.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        let path = path.as_ref();
        let (weights, text) = read_annotated(path, KEY)?;
        let not_a_model = |found: String| ModelError::NotAModel { path: path.to_owned(), found };
        let Some(text) = text else {
            let found = "weights alone; `factory merge CONFIG WEIGHTS -o FILE` writes a model file";
            return Err(not_a_model(found.to_owned()));
        };
        let damaged = |error: serde_json::Error| not_a_model(format!("a damaged header: {error}"));
        let Version { format } = serde_json::from_str(&text).map_err(damaged)?;
        if format != FORMAT {
            let advice = match format {
                1 => "train the model again",
                _ => "a newer version of Model Factory wrote it",
            };
            return Err(ModelError::Version {
                path: path.to_owned(),
                expected: FORMAT,
                found: format,
                advice,
            });
        }
        let header: Header = serde_json::from_str(&text).map_err(damaged)?;
        let graph: Graph =
            header.graph.parse().map_err(|source| ModelError::Graph { path: path.to_owned(), source })?;
        let Header { task, classes, normalization, source, .. } = header;
        let model = Self { graph, weights, task, classes, normalization, source };
        model.check().map_err(|message| ModelError::Inconsistent { path: path.to_owned(), message })?;
        Ok(model)
    }
}
