//! Configs of SleepKit and heartKIT, read as they are.
//!
//! JSON with `frame_size`, `num_classes`, `feature: { name }` and `architecture: { name, params }`
//! among the settings of a training, which are ignored. The same file describes different networks in
//! helia-edge and in SleepKit 0.3.0; `origin: sleepkit` at the top level selects the latter.

use std::sync::Arc;

use factory::{BuiltModel, ConfigError, Document, Factory, Overrides, check_name};
use graph::{Shape, quoted};
use serde::Deserialize;
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

/// The keys of such a file that describe the network.
#[derive(Deserialize)]
struct Config {
    name: Option<String>,
    frame_size: usize,
    num_classes: Option<usize>,
    feature: Option<Feature>,
    #[serde(default)]
    origin: Ambiq,
    architecture: Architecture,
}

#[derive(Deserialize)]
struct Feature {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Architecture {
    name: String,
    params: Json,
}

/// Builds a model from the text of a config, of SleepKit or heartKIT or of this project.
///
/// # Errors
/// Names the field of the config, what was expected and what was found.
pub fn build(factory: &Factory, text: &str, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
    let document = Document::parse(text)?;
    // In this project, `architecture` is a name.
    if document.is_mapping("architecture") {
        build_foreign(document.read()?, overrides)
    } else {
        factory.build_document(&document, overrides)
    }
}

fn build_foreign(config: Config, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
    let name = config.name.unwrap_or_else(|| "model".to_owned());
    check_name(&name)?;
    let channels = match overrides.channels {
        Some(channels) => channels,
        None => channels(config.feature.as_ref())?,
    };
    let Some(classes) = overrides.classes.or(config.num_classes) else {
        return Err(ConfigError::new("num_classes", "missing; use the option `--classes`"));
    };
    let Architecture { name: architecture, params } = config.architecture;
    let spec = serde_json::json!({ "params": params, "num_classes": classes });
    let dialect = config.origin.dialect();
    let model = reference::graph(dialect.name(), &architecture, &spec, &[1, channels, config.frame_size])
        .map_err(|error| located(error).within("architecture"))?;
    let names = ForeignNames { dialect, renames: model.renames };
    Ok(BuiltModel {
        name,
        architecture,
        input: Shape::new(channels, [config.frame_size]),
        graph: model.graph,
        config: Some(Arc::new(names)),
    })
}

/// The channels of a feature set; heartKIT's files have none, its signals have one channel.
fn channels(feature: Option<&Feature>) -> Result<usize, ConfigError> {
    let Some(Feature { name }) = feature else { return Ok(1) };
    match FEATURES.iter().find(|(known, _)| known == name) {
        Some((_, channels)) => Ok(*channels),
        None => {
            let known: Vec<&str> = FEATURES.iter().map(|(known, _)| *known).collect();
            let message = format!(
                "the number of channels of {} is unknown; use the option `--channels`, or one of {}",
                quoted(name),
                known.join(", ")
            );
            Err(ConfigError::new("feature.name", message))
        }
    }
}

fn located(error: ReferenceError) -> ConfigError {
    match error {
        ReferenceError::Build(error) => match error.field() {
            Some(field) => field.clone().within("params").into(),
            None => ConfigError::new("params", error.to_string()),
        },
        ReferenceError::Unsupported(_) => ConfigError::new("", error.to_string()),
        ReferenceError::Invalid(error) => error.into(),
    }
}
