//! The factory: families by name, models from configs.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use graph::{Graph, Shape};
use serde::de::DeserializeOwned;

use crate::config::{Config, Network, Overrides, check_input};
use crate::family::AnyConfig;
use crate::read::LARGEST_TEXT;
use crate::{ConfigError, Document, Family, keys, models, pattern};

/// A model built from a config. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct BuiltModel {
    /// The name in the config.
    pub name: String,
    /// The name of the family.
    pub architecture: String,
    /// The input that the graph is built for.
    pub input: Shape,
    /// The network.
    pub graph: Graph,
    /// The family's config that the graph is built from, for callers that know its type; `None` for a
    /// decoder on another family's encoder.
    pub config: Option<Arc<dyn Any + Send + Sync>>,
}

/// Families by name. A factory is `Send` and `Sync`, so all threads can share one.
///
/// ```
/// use factory::Factory;
/// let factory = Factory::builtin();
/// let model = factory.build("
///     name: activity
///     input: { channels: 6, length: 100 }
///     classes: 4
///     architecture: resnet
///     preset: micro
/// ")?;
/// assert_eq!(model.graph.cost().unwrap().trainable, 45_124);
/// # Ok::<(), factory::ConfigError>(())
/// ```
#[derive(Debug, Default)]
pub struct Factory {
    families: BTreeMap<String, Family>,
}

impl Factory {
    /// The families of this project.
    pub fn builtin() -> Self {
        let mut factory = Self::default();
        factory.register(Family::of::<efficientnetv2::Config>());
        factory.register(Family::of::<mobileone::Config>());
        factory.register(Family::of::<resnet::Config>());
        factory.register(Family::of::<tcn::Config>());
        factory.register(Family::of::<unet::Config>());
        factory.register(Family::of::<unext::Config>());
        factory
    }

    /// The families, in order of name.
    pub fn list(&self) -> impl Iterator<Item = &Family> {
        self.families.values()
    }

    /// Whether there is a family called `name`.
    pub fn has(&self, name: &str) -> bool {
        self.families.contains_key(name)
    }

    /// The family called `name`.
    pub fn get(&self, name: &str) -> Option<&Family> {
        self.families.get(name)
    }

    /// Adds a family; returns the one that had its name.
    pub fn register(&mut self, family: Family) -> Option<Family> {
        self.families.insert(family.name().to_owned(), family)
    }

    /// Removes a family.
    pub fn unregister(&mut self, name: &str) -> Option<Family> {
        self.families.remove(name)
    }

    /// The presets that match `pattern`, as `family/preset`; `*` stands for any characters.
    pub fn presets(&self, pattern: &str) -> Vec<String> {
        let mut names = Vec::new();
        for family in self.list() {
            names.extend(family.presets().map(|preset| format!("{}/{preset}", family.name())));
        }
        names.retain(|name| pattern::matches(pattern, name));
        names
    }

    /// Builds a preset for an input and a number of classes. If `classes` is `None`, the network outputs
    /// features.
    ///
    /// ```
    /// let model = factory::Factory::builtin().preset("resnet", "resnet18", [3, 224, 224], Some(1000))?;
    /// assert_eq!(model.graph.cost().unwrap().trainable, 11_689_512);
    /// # Ok::<(), factory::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// An unknown family or preset, or an input that the network cannot take.
    pub fn preset(
        &self,
        family: &str,
        preset: &str,
        input: impl Into<Shape>,
        classes: Option<usize>,
    ) -> Result<BuiltModel, ConfigError> {
        let params = Document::default();
        let network = Network { architecture: family.to_owned(), preset: Some(preset.to_owned()), params };
        let config = Config { name: preset.to_owned(), input: input.into(), classes, network, encoder: None };
        self.build_config(config)
    }

    /// Builds a model from the text of a config, YAML or JSON.
    ///
    /// # Errors
    /// Names the field of the config, what was expected and what was found.
    pub fn build(&self, text: &str) -> Result<BuiltModel, ConfigError> {
        self.build_with(text, Overrides::default())
    }

    /// Builds a model from the text of a config, some numbers of which are replaced.
    ///
    /// # Errors
    /// As [`Factory::build`].
    pub fn build_with(&self, text: &str, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
        self.build_document(&Document::parse(text)?, overrides)
    }

    /// Builds a model from a config that has been parsed.
    ///
    /// # Errors
    /// As [`Factory::build`].
    pub fn build_document(
        &self,
        document: &Document,
        overrides: Overrides,
    ) -> Result<BuiltModel, ConfigError> {
        self.build_config(Config::read(document, overrides)?)
    }

    /// Builds a model from a config file, some numbers of which are replaced.
    ///
    /// # Errors
    /// As [`Factory::build`], and a file that cannot be read.
    pub fn build_file(&self, file: &Path, overrides: Overrides) -> Result<BuiltModel, ConfigError> {
        let text = graph::file::read_text(file, LARGEST_TEXT as u64)
            .map_err(|error| ConfigError::new("", error.to_string()).in_file(file))?;
        self.build_with(&text, overrides).map_err(|error| error.in_file(file))
    }

    /// Builds a ready model by name, such as `activity-resnet`.
    ///
    /// # Errors
    /// An unknown name.
    pub fn build_ready(&self, name: &str) -> Result<BuiltModel, ConfigError> {
        match models::get(name) {
            Some(text) => self.build(text),
            None => Err(ConfigError::new("", keys::unknown_name("ready model", name, models::names()))),
        }
    }

    /// Reads a section of a config's text other than the model, such as `train`; `None` if it is absent.
    ///
    /// # Errors
    /// Names the field of the config, what was expected and what was found.
    pub fn section<T: DeserializeOwned>(text: &str, key: &str) -> Result<Option<T>, ConfigError> {
        Document::parse(text)?.section(key)
    }

    fn build_config(&self, config: Config) -> Result<BuiltModel, ConfigError> {
        let Config { name, input, classes, network, encoder } = config;
        check_input(&input)?;
        let architecture = network.architecture.clone();
        let (graph, config) = match encoder {
            None => {
                let network = self.network(network, classes, input.rank())?;
                let graph = network.graph(input.clone()).map_err(|error| ConfigError::build(&error))?;
                (graph, Some(network.into_any()))
            }
            Some(encoder) => {
                let pair = self.encoder_and_decoder(encoder, network, classes, &input)?;
                (pair.graph(&input, if classes.is_some() { "logits" } else { "features" })?, None)
            }
        };
        Ok(BuiltModel { name, architecture, input, graph, config })
    }

    pub(crate) fn network(
        &self,
        network: Network,
        classes: Option<usize>,
        rank: usize,
    ) -> Result<Arc<dyn AnyConfig>, ConfigError> {
        let Network { architecture, preset, params } = network;
        match self.get(&architecture) {
            Some(family) => family.config(preset.as_deref(), params, classes, rank),
            None => {
                let known = self.families.keys().map(String::as_str);
                let message = keys::unknown_name("architecture", &architecture, known);
                Err(ConfigError::new("architecture", message))
            }
        }
    }
}
