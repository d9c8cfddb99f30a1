//! The config file of a model.
//!
//! ```yaml
//! name: activity
//! input: { channels: 6, length: 100 }        # or { channels: 3, height: 224, width: 224 }
//! classes: 4                                 # without: features
//! architecture: resnet
//! preset: micro                              # optional; `params` changes its fields
//! params: { dropout: 0.1 }
//! data: { task: classification, train: recordings.ts, test: others.ts }     # to train it, as is
//! train: { epochs: 60, batch: 16 }
//! ```

use graph::Shape;

use crate::yaml::Level;
use crate::{ConfigError, Overrides};

/// The keys of a config's top level.
const KEYS: [&str; 9] =
    ["name", "input", "classes", "architecture", "preset", "params", "encoder", "data", "train"];

/// Largest size of an input axis that a config may say.
const LARGEST: usize = 1 << 24;

/// A config, its params still as written.
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) input: Shape,
    pub(crate) classes: Option<usize>,
    pub(crate) network: Network,
    /// The network whose features a decoder takes.
    pub(crate) encoder: Option<Network>,
}

/// A network of a family.
pub(crate) struct Network {
    pub(crate) architecture: String,
    pub(crate) preset: Option<String>,
    pub(crate) params: Option<Level>,
}

impl Config {
    /// Reads a config's top level; how it is trained is left to who trains it.
    pub(crate) fn read(mut top: Level, overrides: Overrides) -> Result<Self, ConfigError> {
        top.only(&KEYS)?;
        let name = top.need("name")?;
        let input = top.level("input")?.ok_or_else(|| ConfigError::new("input", "missing"))?;
        let Shape { channels, space } = shape(input)?;
        let classes = top.read("classes")?;
        Ok(Self {
            name,
            input: Shape::new(overrides.channels.unwrap_or(channels), space),
            classes: overrides.classes.or(classes),
            network: network(&mut top)?,
            encoder: top.level("encoder")?.map(encoder).transpose()?,
        })
    }
}

/// `{ channels, length }` or `{ channels, height, width }`.
fn shape(mut input: Level) -> Result<Shape, ConfigError> {
    input.only(&["channels", "length", "height", "width"])?;
    let mut size = |key: &str| -> Result<Option<usize>, ConfigError> {
        let size: Option<usize> = input.read(key)?;
        match size {
            Some(size) if size == 0 || size > LARGEST => {
                Err(ConfigError::new(input.path(key), format!("{size}; 1 to {LARGEST} is needed")))
            }
            size => Ok(size),
        }
    };
    let channels = size("channels")?.ok_or_else(|| ConfigError::new("input.channels", "missing"))?;
    match (size("length")?, size("height")?, size("width")?) {
        (Some(length), None, None) => Ok(Shape::new(channels, [length])),
        (None, Some(height), Some(width)) => Ok(Shape::new(channels, [height, width])),
        _ => Err(ConfigError::new(
            "input",
            "either `length` (a series) or `height` and `width` (an image) is needed",
        )),
    }
}

fn network(level: &mut Level) -> Result<Network, ConfigError> {
    Ok(Network {
        architecture: level.need("architecture")?,
        preset: level.read("preset")?,
        params: level.level("params")?,
    })
}

fn encoder(mut level: Level) -> Result<Network, ConfigError> {
    level.only(&["architecture", "preset", "params"])?;
    network(&mut level)
}
