//! Models of other packages, from the arguments that those packages take.
//!
//! ```
//! use factory::reference;
//! let spec = serde_json::json!({ "model": "resnet18", "kwargs": { "num_classes": 10 } });
//! let model = reference::graph("torchvision", "resnet", &spec, &[1, 3, 64, 64])?;
//! assert_eq!(model.graph.cost()?.trainable, 11_181_642);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arguments;
mod timm;
mod torchvision;

use graph::{BuildError, Graph, Shape};
pub use graph::{Layout, Rename};
use serde_json::Value as Json;

use arguments::Arguments;

/// A model of another package, rebuilt.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its graph.
    pub graph: Graph,
    /// The package's tensors, their names here and their layouts.
    pub renames: Vec<Rename>,
}

/// Why a model of another package is not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing wrong with it, but this project has no such thing.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// The arguments make no sense.
    #[error("{0}")]
    Invalid(String),
    /// The arguments make no network.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The model that `system` builds from `spec`, for inputs of `input_shape`, `[N, C, T]` or
/// `[N, C, H, W]`. `spec` is `{model, kwargs}` (torchvision's `get_model`, timm's `create_model`)
/// or `{block, layers, kwargs}` (torchvision's `ResNet`).
///
/// # Errors
/// [`Error::Unsupported`] for a package, family, model or argument that is not known here.
pub fn graph(system: &str, family: &str, spec: &Json, input_shape: &[usize]) -> Result<Model, Error> {
    let [_, channels, space @ ..] = input_shape else {
        return Err(Error::Invalid(format!("the input shape {input_shape:?} has no batch and channels")));
    };
    let input = Shape::new(*channels, space);
    let config = match (system, family) {
        ("torchvision", "resnet") => torchvision::resnet(&Arguments::of(spec)?)?,
        ("timm", "resnet") => timm::resnet(&Arguments::of(spec)?, *channels)?,
        _ => return Err(Error::Unsupported(format!("{family} of {system}"))),
    };
    let graph = resnet::graph(&config, input)?;
    let renames =
        graph.parameters().map(|parameter| Rename::same(parameter.name.clone(), parameter.name)).collect();
    Ok(Model { graph, renames })
}

/// A ResNet preset that another package has by the same name.
fn preset(name: &str, theirs: impl Fn(&str) -> bool) -> Result<resnet::Config, Error> {
    let preset = resnet::PRESETS.iter().find(|(preset, _)| *preset == name && theirs(preset));
    preset.map(|(_, config)| config()).ok_or_else(|| Error::Unsupported(format!("the model {name:?}")))
}
