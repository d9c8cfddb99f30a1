//! Configs of SleepKit and heartKIT, taken as they are.
//!
//! JSON with `frame_size`, `num_classes`, `feature: { name }` and `architecture: { name, params }`
//! among the settings of a training, which are not read here. The same file means different
//! networks in helia-edge and in SleepKit 0.3.0: `origin: sleepkit` at the top level chooses the
//! latter.

use graph::Shape;
use serde_json::Value as Json;

use crate::dialect::Dialects;
use crate::reference::{self, Error};
use crate::yaml::Level;
use crate::{ConfigError, Dialect, Model, Overrides};

/// Channels of SleepKit's feature sets.
const FEATURES: [(&str, usize); 6] = [
    ("FS-W-P-5", 5),
    ("FS-W-P-40", 40),
    ("FS-W-A-5", 5),
    ("FS-W-PA-14", 14),
    ("FS-H-E-10", 10),
    ("FS-C-EAR-9", 9),
];

/// The packages that read such files.
const ORIGINS: [&str; 2] = ["helia-edge", "sleepkit"];

/// Whether a config is one of the origin's: its architecture is a mapping, not a name.
pub(crate) fn is_origin(top: &Level) -> bool {
    top.is_level("architecture")
}

/// Builds the network of an origin's config.
pub(crate) fn build(mut top: Level, overrides: Overrides) -> Result<Model, ConfigError> {
    let name = top.read("name")?.unwrap_or_else(|| "model".to_owned());
    let length: usize = top.need("frame_size")?;
    let channels = channels(&mut top, overrides)?;
    let classes: Option<usize> = top.read("num_classes")?;
    let classes = overrides.classes.or(classes).ok_or_else(|| {
        ConfigError::new(
            "num_classes",
            "missing; the file does not say how many classes there are, say it with --classes",
        )
    })?;
    let origin = top.read("origin")?.unwrap_or_else(|| ORIGINS[0].to_owned());
    if !ORIGINS.contains(&origin.as_str()) {
        return Err(ConfigError::new(
            "origin",
            format!("{origin:?} is not known; {} are", ORIGINS.join(" and ")),
        ));
    }
    let mut level = top.level("architecture")?.unwrap_or_else(|| Level::empty("architecture"));
    level.only(&["name", "params"])?;
    let architecture: String = level.need("name")?;
    let params: Json = level.need("params")?;
    let spec = serde_json::json!({ "params": params, "num_classes": classes });
    let model = reference::graph(&origin, &architecture, &spec, &[1, channels, length]).map_err(located)?;
    let dialect = if origin == ORIGINS[0] { Dialect::Keras } else { Dialect::Sleepkit };
    let (input, dialects) = (Shape::new(channels, [length]), Dialects::one(dialect, model.renames));
    Ok(Model { name, architecture, input, graph: model.graph, dialects })
}

/// A feature set's channels; heartKIT's files have none, its signals have one channel.
fn channels(top: &mut Level, overrides: Overrides) -> Result<usize, ConfigError> {
    let feature = top.level("feature")?;
    if let Some(channels) = overrides.channels {
        return Ok(channels);
    }
    let Some(mut feature) = feature else { return Ok(1) };
    let name: String = feature.need("name")?;
    let known = FEATURES.iter().find(|(feature, _)| *feature == name);
    known.map(|(_, channels)| *channels).ok_or_else(|| {
        let known: Vec<&str> = FEATURES.iter().map(|(feature, _)| *feature).collect();
        let message = format!(
            "{name:?} is no feature set with known channels ({}); say them with --channels",
            known.join(", ")
        );
        ConfigError::new("feature.name", message)
    })
}

fn located(error: Error) -> ConfigError {
    match error {
        Error::Build(error) => match error.field() {
            Some(field) => ConfigError::field("architecture.params", field.clone()),
            None => ConfigError::new("architecture.params", error.to_string()),
        },
        Error::Unsupported(_) => ConfigError::new("architecture", error.to_string()),
        Error::Invalid(message) => match message.split_once(": ") {
            Some((path, message)) if path.starts_with("params") => {
                ConfigError::new(format!("architecture.{path}"), message)
            }
            _ => ConfigError::new("architecture", message),
        },
    }
}
