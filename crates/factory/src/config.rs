//! The config file of a model.
//!
//! ```yaml
//! name: activity
//! input: { channels: 6, length: 100 }        # or { channels: 3, height: 224, width: 224 }
//! classes: 4                                 # absent: the network outputs features
//! architecture: resnet
//! preset: micro                              # optional; `params` changes its fields
//! params: { dropout: 0.1 }
//! data: { task: classification, train: recordings.ts, test: others.ts } # for the crate `data`
//! train: { epochs: 60, batch_size: 16 }                                 # for the crate `train`
//! ```

use graph::{FieldError, LARGEST_EXTENT, Shape};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_yaml::Value;

use crate::{ConfigError, Document, check_name};

/// Numbers that a config file leaves open, or that replace its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Number of input channels.
    pub channels: Option<usize>,
    /// Number of classes.
    pub classes: Option<usize>,
}

/// A config, the parameters of its networks not read yet.
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) input: Shape,
    pub(crate) classes: Option<usize>,
    pub(crate) network: Network,
    /// The network that a decoder takes its features from.
    pub(crate) encoder: Option<Network>,
}

/// A network of a family.
pub(crate) struct Network {
    pub(crate) architecture: String,
    pub(crate) preset: Option<String>,
    pub(crate) params: Document,
}

/// The top level, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopLevel {
    name: String,
    input: Input,
    classes: Option<usize>,
    architecture: String,
    preset: Option<String>,
    params: Option<Value>,
    encoder: Option<Encoder>,
    #[serde(rename = "data")]
    _data: Option<IgnoredAny>,
    #[serde(rename = "train")]
    _train: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoder {
    architecture: String,
    preset: Option<String>,
    params: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    channels: usize,
    length: Option<usize>,
    height: Option<usize>,
    width: Option<usize>,
}

impl Config {
    /// Reads the top level of a config.
    pub(crate) fn read(document: &Document, overrides: Overrides) -> Result<Self, ConfigError> {
        let top: TopLevel = document.read()?;
        check_name(&top.name)?;
        let Shape { channels, space } = top.input.shape().map_err(|error| error.within("input"))?;
        let encoder = match top.encoder {
            Some(encoder) => {
                let network = Network::of(encoder.architecture, encoder.preset, encoder.params);
                Some(network.map_err(|error| error.within("encoder"))?)
            }
            None => None,
        };
        Ok(Self {
            name: top.name,
            input: Shape::new(overrides.channels.unwrap_or(channels), space),
            classes: overrides.classes.or(top.classes),
            network: Network::of(top.architecture, top.preset, top.params)?,
            encoder,
        })
    }
}

/// Checks the sizes of an input.
pub(crate) fn check_input(input: &Shape) -> Result<(), FieldError> {
    let axes: &[&str] = if input.rank() == 1 { &["length"] } else { &["height", "width"] };
    let axes = std::iter::once(&"channels").chain(axes);
    for (axis, size) in axes.zip(input.dims()) {
        if !(1..=LARGEST_EXTENT).contains(&size) {
            let error = FieldError::expected(*axis, format!("1 to {LARGEST_EXTENT}"), size);
            return Err(error.within("input"));
        }
    }
    Ok(())
}

impl Network {
    fn of(architecture: String, preset: Option<String>, params: Option<Value>) -> Result<Self, ConfigError> {
        let params = match params {
            Some(params) => Document::of(params).map_err(|error| error.within("params"))?,
            None => Document::default(),
        };
        Ok(Self { architecture, preset, params })
    }
}

impl Input {
    fn shape(&self) -> Result<Shape, FieldError> {
        match (self.length, self.height, self.width) {
            (Some(length), None, None) => Ok(Shape::new(self.channels, [length])),
            (None, Some(height), Some(width)) => Ok(Shape::new(self.channels, [height, width])),
            _ => {
                let message = "expected either `length` (a series) or `height` and `width` (an image)";
                Err(FieldError::new("", message))
            }
        }
    }
}
