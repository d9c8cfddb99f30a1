//! Safetensors files with text in their header.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use graph::{FileError, Weights};
use safetensors::tensor::SafeTensors;
use serde::Deserialize;

/// The key of the description of a training's checkpoint in the safetensors header.
pub const CHECKPOINT_KEY: &str = "model-factory-checkpoint";

/// Returns whether a file is a checkpoint of a training. Its weights are those of one step, not the best ones.
pub fn is_checkpoint(path: impl AsRef<Path>) -> bool {
    path.as_ref().is_file() && read_annotation(path.as_ref(), CHECKPOINT_KEY).is_some()
}

/// Reads a safetensors file. Returns the weights and the text under `key` in the header, if there is one.
///
/// # Errors
/// As [`Weights::read`].
pub fn read_annotated(path: &Path, key: &str) -> Result<(Weights, Option<String>), FileError> {
    let bytes = graph::file::read(path).map_err(|source| FileError::Io { path: path.to_owned(), source })?;
    let weights = Weights::from_bytes(&bytes, path)?;
    let (_, header) = SafeTensors::read_metadata(&bytes)
        .map_err(|error| FileError::Corrupt { path: path.to_owned(), reason: error.to_string() })?;
    let text = header.metadata().as_ref().and_then(|texts| texts.get(key)).cloned();
    Ok((weights, text))
}

/// Returns the text under `key` in the header of a safetensors file, without reading the weights. Returns
/// `None` if there is no such text, or if the file is not a safetensors file.
pub(crate) fn read_annotation(path: &Path, key: &str) -> Option<String> {
    /// As in the safetensors library.
    const LONGEST_HEADER: u64 = 100_000_000;
    let mut file = File::open(path).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let mut bytes = Vec::new();
    file.take(u64::from_le_bytes(length).min(LONGEST_HEADER)).read_to_end(&mut bytes).ok()?;
    let Header { mut texts } = serde_json::from_slice(&bytes).ok()?;
    texts.remove(key)
}

/// The metadata in a safetensors header.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    texts: HashMap<String, String>,
}

/// Writes a safetensors file, atomically, with `text` under `key` in the header. Equal weights and texts
/// give equal bytes.
///
/// # Errors
/// If the file cannot be written. The error names the file.
pub fn write_annotated(path: &Path, weights: &Weights, key: &str, text: &str) -> Result<(), FileError> {
    let bytes = weights.to_annotated_bytes(key, text);
    graph::file::write(path, &bytes).map_err(|source| FileError::Write { path: path.to_owned(), source })
}
