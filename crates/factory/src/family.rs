//! A family of models: what an architecture crate or a user's own code offers to the factory.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use graph::{BuildError, FieldError, Graph, Scope, Shape, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ConfigError;
use crate::yaml::{self, Level};

/// A preset's name and config.
pub type Preset<C> = (&'static str, fn() -> C);

/// The features of a family's network at each stride, for a decoder of another family.
pub(crate) type Features = Box<dyn Fn(Scope<'_>, Value) -> Result<Vec<Value>, BuildError>>;

/// From the input and an encoder's features, fine to coarse, to the output.
pub(crate) type Decoder = Box<dyn Fn(Scope<'_>, &[Value]) -> Result<Value, BuildError>>;

/// From a request, and the path of its params' parent, to a result.
type Read<T> = Box<dyn Fn(Request, &str) -> Result<T, ConfigError>>;

/// A graph and the config that it was built from.
pub(crate) type Built = (Graph, Arc<dyn Any + Send + Sync>);

/// What a model of a family is built from, its params still as written.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) input: Shape,
    pub(crate) classes: Option<usize>,
    pub(crate) preset: Option<String>,
    pub(crate) params: Option<Level>,
}

/// A family of models.
///
/// ```
/// use factory::{Factory, Family};
/// let mine = Family::new("mine", resnet::PRESETS.to_vec(), resnet::Config::validate, |config, input| {
///     resnet::graph(config, input)
/// });
/// let mut factory = Factory::builtin();
/// factory.register(mine);
/// assert!(factory.has("mine"));
/// ```
pub struct Family {
    name: String,
    presets: Vec<&'static str>,
    build: Read<Built>,
    features: Option<Read<Features>>,
    decoder: Option<Read<Decoder>>,
    input: Shape,
    classes: Vec<Option<usize>>,
}

impl Family {
    /// A family whose config `C` is read by serde and has a field `classes`.
    ///
    /// `validate` names the field it rejects as the error's node.
    pub fn new<C>(
        name: impl Into<String>,
        presets: Vec<Preset<C>>,
        validate: impl Fn(&C) -> Result<(), FieldError> + 'static,
        graph: impl Fn(&C, Shape) -> Result<Graph, BuildError> + 'static,
    ) -> Self
    where
        C: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let family = name.into();
        let name = family.clone();
        let names = presets.iter().map(|(name, _)| *name).collect();
        let classes = presets.iter().map(|(_, config)| classes(&config())).collect();
        let build = move |request: Request, path: &str| {
            let input = request.input.clone();
            let config = config(request, path, &presets, &family)?;
            validate(&config).map_err(|error| ConfigError::field(&format!("{path}params"), error))?;
            let graph = graph(&config, input)
                .map_err(|error| ConfigError::new(format!("{path}params"), error.to_string()))?;
            Ok((graph, Arc::new(config) as _))
        };
        Self {
            name,
            presets: names,
            build: Box::new(build),
            features: None,
            decoder: None,
            input: Shape::new(3, [224, 224]),
            classes,
        }
    }

    /// The same family, as one that serves as another's encoder.
    #[must_use]
    pub fn with_features<C>(
        self,
        presets: Vec<Preset<C>>,
        validate: impl Fn(&C) -> Result<(), FieldError> + 'static,
        features: fn(Scope<'_>, Value, &C) -> Result<Vec<Value>, BuildError>,
    ) -> Self
    where
        C: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let family = self.name.clone();
        let read = move |request: Request, path: &str| -> Result<Features, ConfigError> {
            let config = config(request, path, &presets, &family)?;
            validate(&config).map_err(|error| ConfigError::field(&format!("{path}params"), error))?;
            Ok(Box::new(move |g, x| features(g, x, &config)))
        };
        Self { features: Some(Box::new(read)), ..self }
    }

    /// The same family, as one that decodes the features of another's encoder; the first
    /// "feature" is the input.
    #[must_use]
    pub fn with_decoder<C>(
        self,
        presets: Vec<Preset<C>>,
        validate: impl Fn(&C) -> Result<(), FieldError> + 'static,
        decoder: fn(Scope<'_>, &[Value], &C) -> Result<Value, BuildError>,
    ) -> Self
    where
        C: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let family = self.name.clone();
        let read = move |request: Request, path: &str| -> Result<Decoder, ConfigError> {
            let config = config(request, path, &presets, &family)?;
            validate(&config).map_err(|error| ConfigError::field(&format!("{path}params"), error))?;
            Ok(Box::new(move |g, features| decoder(g, features, &config)))
        };
        Self { decoder: Some(Box::new(read)), ..self }
    }

    /// The same family, whose presets are for this input where none is said; else for
    /// `[N, 3, 224, 224]`.
    #[must_use]
    pub fn with_input(self, input: impl Into<Shape>) -> Self {
        Self { input: input.into(), ..self }
    }

    /// The family's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its presets.
    pub fn presets(&self) -> &[&'static str] {
        &self.presets
    }

    /// The input that its presets are for where none is said.
    pub fn input(&self) -> &Shape {
        &self.input
    }

    /// The classes of a preset.
    pub fn classes(&self, preset: &str) -> Option<usize> {
        let i = self.presets.iter().position(|name| *name == preset)?;
        self.classes[i]
    }

    pub(crate) fn build(&self, request: Request, path: &str) -> Result<Built, ConfigError> {
        (self.build)(request, path)
    }

    /// What an encoder of this family gives; `None` where it is no encoder.
    pub(crate) fn features(&self, request: Request, path: &str) -> Option<Result<Features, ConfigError>> {
        self.features.as_ref().map(|read| read(request, path))
    }

    /// What a decoder of this family makes of features; `None` where it is no decoder.
    pub(crate) fn decoder(&self, request: Request, path: &str) -> Option<Result<Decoder, ConfigError>> {
        self.decoder.as_ref().map(|read| read(request, path))
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family")
            .field("name", &self.name)
            .field("presets", &self.presets)
            .finish_non_exhaustive()
    }
}

fn classes(config: &impl Serialize) -> Option<usize> {
    yaml::write("", config).ok()?.read("classes").ok()?
}

/// The preset, or the family's defaults, with the params laid over it.
fn config<C: Serialize + DeserializeOwned>(
    request: Request,
    parent: &str,
    presets: &[Preset<C>],
    family: &str,
) -> Result<C, ConfigError> {
    let path = format!("{parent}params");
    let base = match &request.preset {
        None => Level::empty(&path),
        Some(name) => {
            // `s1` of mobileone is its `mobileone_s1`.
            let long = format!("{family}_{name}");
            let preset =
                presets.iter().find(|(preset, _)| preset == name || *preset == long).ok_or_else(|| {
                    let known: Vec<&str> = presets.iter().map(|(name, _)| *name).collect();
                    ConfigError::new(
                        format!("{parent}preset"),
                        format!("no preset {name:?}; there are {}", known.join(", ")),
                    )
                })?;
            yaml::write(&path, &preset.1())?
        }
    };
    let mut params = request.params.unwrap_or_else(|| Level::empty(&path));
    if params.has("classes") {
        return Err(ConfigError::new(
            params.path("classes"),
            "stands at the top level of a config, beside `input`",
        ));
    }
    params.set("classes", request.classes);
    let params = params.over(base);
    let config = params.clone().read_whole()?;
    params.extents(request.input.rank())?;
    Ok(config)
}
