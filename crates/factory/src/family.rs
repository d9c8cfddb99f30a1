//! A family of models, whatever the type of its config.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use graph::{BuildError, FieldError, Graph, Scope, Shape, Value};
use layers::Architecture;

use crate::{ConfigError, Document, keys};

/// A config of some family.
pub(crate) trait AnyConfig: Send + Sync {
    fn validate(&self) -> Result<(), FieldError>;
    /// All fields, as the section `params` of a config has them.
    fn params(&self) -> Result<Document, ConfigError>;
    fn graph(&self, input: Shape) -> Result<Graph, BuildError>;
    fn features(&self, g: Scope<'_>, x: Value) -> Option<Result<Vec<Value>, BuildError>>;
    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>>;
    fn decoder_for(&self, features: &[Shape]) -> Option<Arc<dyn AnyConfig>>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<C: Architecture> AnyConfig for C {
    fn validate(&self) -> Result<(), FieldError> {
        Architecture::validate(self)
    }

    fn params(&self) -> Result<Document, ConfigError> {
        let mut params = Document::serialize(self)?;
        // The number of classes is at the top level of a config.
        params.remove("classes");
        Ok(params)
    }

    fn graph(&self, input: Shape) -> Result<Graph, BuildError> {
        Architecture::graph(self, input)
    }

    fn features(&self, g: Scope<'_>, x: Value) -> Option<Result<Vec<Value>, BuildError>> {
        Architecture::features(self, g, x)
    }

    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>> {
        Architecture::decode(self, g, features)
    }

    fn decoder_for(&self, features: &[Shape]) -> Option<Arc<dyn AnyConfig>> {
        let config = Architecture::decoder_for(self, features)?;
        Some(Arc::new(config))
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// Reads a config for networks whose inputs have this many spatial axes.
type ReadConfig = fn(&Document, usize) -> Result<Arc<dyn AnyConfig>, ConfigError>;

/// A preset's name, its number of classes, and its config as a document.
struct Preset {
    name: &'static str,
    classes: Option<usize>,
    config: fn(&'static str) -> Result<Document, ConfigError>,
}

/// A family of models.
///
/// ```
/// use factory::{Factory, Family};
/// let mut factory = Factory::default();
/// factory.register(Family::of::<resnet::Config>());
/// assert!(factory.has("resnet"));
/// ```
pub struct Family {
    name: &'static str,
    input: Shape,
    presets: Vec<Preset>,
    read: ReadConfig,
}

impl Family {
    /// The family whose networks are described by the config `C`.
    pub fn of<C: Architecture>() -> Self {
        let preset = |(name, config): &(&'static str, fn() -> C)| Preset {
            name,
            classes: config().classes(),
            config: preset_document::<C>,
        };
        Self {
            name: C::NAME,
            input: C::default_input(),
            presets: C::PRESETS.iter().map(preset).collect(),
            read: |params, rank| {
                let config: C = params.read_for(rank)?;
                Ok(Arc::new(config))
            },
        }
    }

    /// The name of the family, such as `resnet`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The names of the presets.
    pub fn presets(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.presets.iter().map(|preset| preset.name)
    }

    /// The input that presets are built for unless another is given.
    pub fn input(&self) -> &Shape {
        &self.input
    }

    /// The number of classes of a preset; `None` if it outputs features, or if the preset is unknown.
    pub fn classes(&self, preset: &str) -> Option<usize> {
        self.find(preset)?.classes
    }

    /// The whole name of a preset: `mobileone_s1` for `s1` of mobileone. `None` if the preset is unknown.
    pub fn preset_name(&self, preset: &str) -> Option<&'static str> {
        self.find(preset).map(|preset| preset.name)
    }

    fn find(&self, name: &str) -> Option<&Preset> {
        let long = format!("{}_{name}", self.name);
        self.presets.iter().find(|preset| preset.name == name || preset.name == long)
    }

    /// Reads and checks a config: `params` over the preset, if one is named. Paths in errors are relative
    /// to the mapping that holds `preset` and `params`.
    pub(crate) fn config(
        &self,
        preset: Option<&str>,
        mut params: Document,
        classes: Option<usize>,
        rank: usize,
    ) -> Result<Arc<dyn AnyConfig>, ConfigError> {
        if params.has("classes") {
            let message = "unknown key; use `classes` at the top level, beside `input`";
            return Err(ConfigError::new("params.classes", message));
        }
        params.set("classes", classes);
        let params = match preset {
            Some(preset) => params.over(self.preset(preset)?),
            None => params,
        };
        let config = (self.read)(&params, rank).map_err(|error| ConfigError::params(error.into()))?;
        config.validate().map_err(ConfigError::params)?;
        Ok(config)
    }

    fn preset(&self, name: &str) -> Result<Document, ConfigError> {
        match self.find(name) {
            Some(preset) => (preset.config)(preset.name),
            None => Err(ConfigError::new("preset", keys::unknown_name("preset", name, self.presets()))),
        }
    }
}

fn preset_document<C: Architecture>(name: &'static str) -> Result<Document, ConfigError> {
    let preset = C::PRESETS.iter().find(|(known, _)| *known == name);
    let (_, config) = preset.expect("the name comes from the same list");
    Document::serialize(&config())
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let presets: Vec<&str> = self.presets().collect();
        f.debug_struct("Family").field("name", &self.name).field("presets", &presets).finish_non_exhaustive()
    }
}
