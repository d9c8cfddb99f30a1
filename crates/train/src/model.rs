//! A trained model in one file.

use std::path::Path;

use data::Normalization;
use graph::Weights;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The key of the text in a model's file.
const KEY: &str = "model-factory";
/// The version of that text.
const FORMAT: u32 = 1;

/// A trained model, in itself complete: a safetensors file whose header has the rest as JSON. Tools
/// that know nothing of it read its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The config it was trained from, YAML.
    pub config: String,
    /// The classes' names, in the order of the outputs; none where it puts out values.
    pub classes: Vec<String>,
    /// What inputs go through first.
    pub normalization: Normalization,
    /// The weights, norms and branches not merged.
    pub weights: Weights,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    format: u32,
    config: String,
    classes: Vec<String>,
    normalization: Normalization,
}

impl Model {
    /// Writes the file, whole or not at all; equal models give equal bytes.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let about = About {
            format: FORMAT,
            config: self.config.clone(),
            classes: self.classes.clone(),
            normalization: self.normalization.clone(),
        };
        let text = serde_json::to_string(&about).expect("a model is plain data");
        Ok(self.weights.write_with(path, KEY, &text)?)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Names the file: one that cannot be read, holds weights alone, or is of another version.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let refused = |message: String| Error::Run { path: path.to_owned(), message };
        let (weights, text) = Weights::read_with(path, KEY)?;
        let text =
            text.ok_or_else(|| refused("weights alone; a model that was trained here is needed".into()))?;
        let about: About = serde_json::from_str(&text)
            .map_err(|error| refused(format!("not a model of this version: {error}")))?;
        let About { format, config, classes, normalization } = about;
        if format != FORMAT {
            return Err(refused(format!("a model of format {format}; {FORMAT} is needed")));
        }
        Ok(Self { config, classes, normalization, weights })
    }
}
