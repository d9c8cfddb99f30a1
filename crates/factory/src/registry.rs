//! The factory: families by name, models from configs.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use graph::{Graph, Shape};
use serde::de::DeserializeOwned;

use crate::config::{Config, Network};
use crate::family::Request;
use crate::yaml::Level;
use crate::{ConfigError, Family, Overrides, models};

/// A model built from a config.
#[derive(Clone, Debug)]
pub struct Model {
    /// The config's name.
    pub name: String,
    /// The family.
    pub architecture: String,
    /// The input it is built for.
    pub input: Shape,
    /// The network.
    pub graph: Graph,
    /// The family's config that the graph was built from, for those who know its type; `None` for a decoder
    /// on another family's encoder.
    pub config: Option<Arc<dyn Any + Send + Sync>>,
}

/// Families by name.
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
        crate::builtin::families().into_iter().for_each(|family| drop(factory.register(family)));
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

    /// Adds a family; gives back the one that had its name.
    pub fn register(&mut self, family: Family) -> Option<Family> {
        self.families.insert(family.name().to_owned(), family)
    }

    /// Removes a family.
    pub fn unregister(&mut self, name: &str) -> Option<Family> {
        self.families.remove(name)
    }

    /// The presets that match `pattern`, as `family/preset`; `*` stands for any text.
    pub fn presets(&self, pattern: &str) -> Vec<String> {
        let all = self
            .list()
            .flat_map(|family| family.presets().iter().map(|preset| format!("{}/{preset}", family.name())));
        all.filter(|name| matches(pattern, name)).collect()
    }

    /// Builds a model from a config's text, YAML or JSON.
    ///
    /// # Errors
    /// Names the place in the config, what was found and what was needed.
    pub fn build(&self, text: &str) -> Result<Model, ConfigError> {
        self.build_with(text, Overrides::default())
    }

    /// Builds a model from a config's text, in which some numbers are missing or to be others.
    ///
    /// # Errors
    /// As [`Factory::build`].
    pub fn build_with(&self, text: &str, overrides: Overrides) -> Result<Model, ConfigError> {
        let top = Level::parse(text)?;
        let Config { name, input, classes, network, encoder } = Config::read(top, overrides)?;
        let family = self.family(&network, "")?;
        let request =
            Request { input: input.clone(), classes, preset: network.preset, params: network.params };
        let (graph, config) = match encoder {
            None => {
                let (graph, config) = family.build(request, "")?;
                (graph, Some(config))
            }
            Some(encoder) => (self.build_on(family, request, encoder)?, None),
        };
        Ok(Model { name, architecture: network.architecture, input, graph, config })
    }

    /// A section of a config's text beside the model, such as `train`, where there is one.
    ///
    /// # Errors
    /// Names the place in the config, what was found and what was needed.
    pub fn section<T: DeserializeOwned>(text: &str, key: &str) -> Result<Option<T>, ConfigError> {
        Level::parse(text)?.read(key)
    }

    /// Builds a model from a config file, in which some numbers may be missing.
    ///
    /// # Errors
    /// As [`Factory::build`], and a file that cannot be read.
    pub fn build_file(&self, file: &Path, overrides: Overrides) -> Result<Model, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError::new("", error.to_string()).in_file(file))?;
        self.build_with(&text, overrides).map_err(|error| error.in_file(file))
    }

    /// Builds a ready model by name, such as `activity-resnet`.
    ///
    /// # Errors
    /// Names the ready models there are.
    pub fn build_ready(&self, name: &str) -> Result<Model, ConfigError> {
        let text = models::get(name).ok_or_else(|| {
            let known: Vec<&str> = models::names().collect();
            ConfigError::new("", format!("no ready model {name:?}; there are {}", known.join(", ")))
        })?;
        self.build(text)
    }

    /// A decoder of `family` on the features of `encoder`, whose names begin with `encoder.`.
    fn build_on(&self, family: &Family, request: Request, encoder: Network) -> Result<Graph, ConfigError> {
        let path = "encoder.";
        let (input, has_classes) = (request.input.clone(), request.classes.is_some());
        let refused = |message: String| ConfigError::new("encoder", message);
        let decoder = family.decoder(request, "");
        let decoder = decoder.ok_or_else(|| refused(format!("{} takes no encoder", family.name())))??;
        let other = self.family(&encoder, path)?;
        let request =
            Request { input: input.clone(), classes: None, preset: encoder.preset, params: encoder.params };
        let features = other.features(request, path);
        let features =
            features.ok_or_else(|| refused(format!("{} gives no features to a decoder", other.name())))??;
        let graph = Graph::build(|g| {
            let x = g.input("input", input)?;
            let levels = features(g / "encoder", x)?;
            let y = decoder(g, &[&[x], levels.as_slice()].concat())?;
            g.output(if has_classes { "logits" } else { "features" }, y)
        });
        graph.map_err(|error| match (error.field(), error.to_string().strip_prefix(path)) {
            (Some(field), _) => ConfigError::field("params", field.clone()),
            (None, Some(message)) => ConfigError::new(format!("{path}params"), message),
            (None, None) => ConfigError::new("params", error.to_string()),
        })
    }

    fn family(&self, network: &Network, parent: &str) -> Result<&Family, ConfigError> {
        self.get(&network.architecture).ok_or_else(|| {
            let known: Vec<&str> = self.families.keys().map(String::as_str).collect();
            let message = format!("no family {:?}; there are {}", network.architecture, known.join(", "));
            ConfigError::new(format!("{parent}architecture"), message)
        })
    }
}

/// Whether `text` is like `pattern`, in which `*` stands for any text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| matches(rest, &tail[at..]))
        }),
    }
}
