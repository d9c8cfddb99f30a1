//! Models of other packages, from the arguments that those packages take.
//!
//! ```
//! use dialects::reference;
//! let spec = serde_json::json!({ "model": "resnet18", "kwargs": { "num_classes": 10 } });
//! let model = reference::graph("torchvision", "resnet", &spec, &[1, 3, 64, 64])?;
//! assert_eq!(model.graph.cost()?.trainable, 11_181_642);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activation;
mod ambiq;
mod arguments;
mod efficientnetv2;
mod mobileone;
mod resnet;
mod tcn;
mod timm;
mod torchvision;
mod unet;
mod unext;

use std::fmt::Display;

use graph::{BuildError, FieldError, Graph, Shape, one_line};
use serde_json::Value as Json;

use crate::{Ambiq, Dialect, Names, Rename};
use arguments::Arguments;

/// A model of another package, rebuilt.
#[derive(Clone, Debug)]
pub struct ForeignModel {
    /// Its graph.
    pub graph: Graph,
    /// The package's tensors, their names here and their layouts.
    pub renames: Vec<Rename>,
}

/// The error of rebuilding a model of another package.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// A package, model or argument that this project does not have.
    #[error("{} is not supported", one_line(.0))]
    Unsupported(String),
    /// An argument that is invalid in its own package.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// A network that cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl ReferenceError {
    fn invalid(argument: &str, message: impl Into<String>) -> Self {
        FieldError::new(argument, message).into()
    }

    fn expected(argument: &str, expected: impl Display, found: impl Display) -> Self {
        FieldError::expected(argument, expected, found).into()
    }
}

/// The model that `system` builds from `spec`, for inputs of `input_shape`, `[N, C, T]` or
/// `[N, C, H, W]`. `spec` is `{model, kwargs}` (torchvision's `get_model`, timm's `create_model`),
/// `{block, layers, kwargs}` (torchvision's `ResNet`) or `{params, num_classes}` (helia-edge's and
/// SleepKit's dictionaries of parameters).
///
/// # Errors
/// [`ReferenceError::Unsupported`] for a package, family, model or argument that is not known here.
pub fn graph(
    system: &str,
    family: &str,
    spec: &Json,
    input_shape: &[usize],
) -> Result<ForeignModel, ReferenceError> {
    let [_, channels, space @ ..] = input_shape else {
        let found = format!("{input_shape:?}");
        return Err(ReferenceError::expected("input shape", "batch, channels and sizes", found));
    };
    let input = Shape::new(*channels, space);
    match (system, family) {
        ("torchvision", "resnet") => {
            Ok(native(::resnet::graph(&torchvision::resnet(&Arguments::of(spec)?)?, input)?))
        }
        ("timm", "resnet") => {
            Ok(native(::resnet::graph(&timm::resnet(&Arguments::of(spec)?, *channels)?, input)?))
        }
        ("helia-edge", "resnet") => resnet::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "resnet") => resnet::ambiq(spec, Ambiq::SleepKit, &input),
        ("torchvision", "efficientnetv2") => efficientnetv2::torchvision(&Arguments::of(spec)?, &input),
        ("timm", "efficientnetv2") => efficientnetv2::timm(&Arguments::of(spec)?, input),
        ("helia-edge", "efficientnetv2") => efficientnetv2::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "efficientnetv2") => efficientnetv2::ambiq(spec, Ambiq::SleepKit, &input),
        ("timm", "mobileone") => mobileone::timm(&Arguments::of(spec)?, input),
        ("helia-edge", "mobileone") => mobileone::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "mobileone") => mobileone::ambiq(spec, Ambiq::SleepKit, &input),
        ("helia-edge", "unet") => unet::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "unet") => unet::ambiq(spec, Ambiq::SleepKit, &input),
        ("self-written-unet", "unet") => unet::self_written(&Arguments::of(spec)?, input),
        ("helia-edge", "tcn") => tcn::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "tcn") => tcn::ambiq(spec, Ambiq::SleepKit, &input),
        ("keras-tcn", "tcn") => tcn::keras_tcn(&Arguments::of(spec)?, &input),
        ("pytorch-tcn", "tcn") => tcn::pytorch_tcn(&Arguments::of(spec)?, input),
        ("helia-edge", "unext") => unext::ambiq(spec, Ambiq::HeliaEdge, &input),
        ("sleepkit", "unext") => unext::ambiq(spec, Ambiq::SleepKit, &input),
        _ => Err(ReferenceError::Unsupported(format!("{family} of {system}"))),
    }
}

/// The names of the parameters of a config's network in `dialect`.
fn renames(config: &impl Names, input: &Shape, dialect: Dialect) -> Result<Vec<Rename>, ReferenceError> {
    match config.renames(input, dialect) {
        Some(renames) => Ok(renames?),
        None => Err(ReferenceError::Unsupported(format!("such a network of {dialect}"))),
    }
}

/// A model whose names are the package's.
fn native(graph: Graph) -> ForeignModel {
    let names = graph.parameters().map(|parameter| parameter.name);
    let renames = names.map(|name| Rename::same(name.clone(), name)).collect();
    ForeignModel { graph, renames }
}

/// A ResNet preset that another package has by the same name.
fn preset(name: &str, theirs: impl Fn(&str) -> bool) -> Result<::resnet::Config, ReferenceError> {
    let preset = ::resnet::PRESETS.iter().find(|(preset, _)| *preset == name && theirs(preset));
    preset
        .map(|(_, config)| config())
        .ok_or_else(|| ReferenceError::Unsupported(format!("the model {name:?}")))
}
