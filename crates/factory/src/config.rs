//! The config file of a model.
//!
//! ```yaml
//! name: activity
//! input: { channels: 6, length: 100 } # or { channels: 3, height: 224, width: 224 }; short: [6, 100]
//! classes: 4                                 # absent: the network outputs features
//! architecture: resnet
//! preset: micro                              # optional; `params` changes its fields
//! params: { dropout: 0.1 }
//! data: { task: classification, train: recordings.ts, test: others.ts } # for the crate `data`
//! train: { epochs: 60, batch_size: 16 }                                 # for the crate `train`
//! ```

use std::fmt;

use graph::{FieldError, LARGEST_EXTENT, Shape};
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
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
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) architecture: String,
    pub(crate) preset: Option<String>,
    pub(crate) params: Document,
}

impl Network {
    /// Whether the config says which levels the network has.
    pub(crate) fn has_levels(&self) -> bool {
        self.preset.is_some() || self.params.has("blocks")
    }
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

/// The input as it is written.
enum Input {
    Mapping(Sizes),
    /// `[channels, length]` or `[channels, height, width]`.
    List(Vec<usize>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    channels: usize,
    length: Option<usize>,
    height: Option<usize>,
    width: Option<usize>,
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MappingOrList;

        impl<'de> Visitor<'de> for MappingOrList {
            type Value = Input;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("sizes, such as `{ channels: 6, length: 100 }` or `[6, 100]`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Input, A::Error> {
                Sizes::deserialize(MapAccessDeserializer::new(map)).map(Input::Mapping)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Input, A::Error> {
                let mut sizes = Vec::new();
                while let Some(size) = list.next_element()? {
                    sizes.push(size);
                }
                Ok(Input::List(sizes))
            }
        }

        deserializer.deserialize_any(MappingOrList)
    }
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

/// The value of the key `input` of a config, such as `{ channels: 6, length: 100 }`, for inputs of one or two spatial
/// axes.
pub fn input_section(input: &Shape) -> String {
    let axes: &[&str] = if input.rank() == 1 { &["length"] } else { &["height", "width"] };
    let space = axes.iter().zip(&input.space).map(|(axis, size)| format!(", {axis}: {size}"));
    format!("{{ channels: {}{} }}", input.channels, space.collect::<String>())
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
        match self {
            Self::Mapping(Sizes { channels, length: Some(length), height: None, width: None }) => {
                Ok(Shape::new(*channels, [*length]))
            }
            Self::Mapping(Sizes { channels, length: None, height: Some(height), width: Some(width) }) => {
                Ok(Shape::new(*channels, [*height, *width]))
            }
            Self::Mapping(_) => {
                let message = "expected either `length` (a series) or `height` and `width` (an image)";
                Err(FieldError::new("", message))
            }
            Self::List(sizes) => match sizes.as_slice() {
                [channels, space @ ..] if (1..=2).contains(&space.len()) => Ok(Shape::new(*channels, space)),
                _ => {
                    let found = format!("a list of {}", sizes.len());
                    Err(FieldError::expected(
                        "",
                        "`[channels, length]` or `[channels, height, width]`",
                        found,
                    ))
                }
            },
        }
    }
}
