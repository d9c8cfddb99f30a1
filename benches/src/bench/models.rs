//! What is measured, and on which input.

use anyhow::{Result, bail};
use graph::{Array, BuildError, Graph, Shape};

use crate::{data, folder};

/// A model and a real input for it.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Its name here.
    pub name: &'static str,
    /// What it is run on.
    pub input: Input,
    build: fn(Shape) -> Result<Graph, BuildError>,
}

/// A real input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The photograph `china.jpg`, `[1, 3, 224, 224]`.
    Photograph,
    /// The first recording of BasicMotions, six channels of a smart watch, `[1, 6, 100]`.
    Recording,
}

/// Every model, smaller ones first.
#[rustfmt::skip]
pub const MODELS: [Model; 3] = [
    // name                     input              config
    Model { name: "resnet-micro", input: Input::Recording,  build: |x| resnet::graph(&activities(), x) },
    Model { name: "resnet18",     input: Input::Photograph, build: |x| resnet::graph(&resnet::Config::resnet18(), x) },
    Model { name: "resnet50",     input: Input::Photograph, build: |x| resnet::graph(&resnet::Config::resnet50(), x) },
];

/// The small ResNet for BasicMotions' four activities.
fn activities() -> resnet::Config {
    resnet::Config { classes: Some(4), ..resnet::Config::micro() }
}

impl Model {
    /// The graph, for the size of the input.
    ///
    /// # Errors
    /// None that is known: tests build every model.
    pub fn graph(&self) -> Result<Graph, BuildError> {
        (self.build)(self.input.shape())
    }
}

impl Input {
    /// Its shape, the batch aside.
    pub fn shape(self) -> Shape {
        match self {
            Self::Photograph => [3, 224, 224].into(),
            Self::Recording => [6, 100].into(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// A file of `data/` that is missing or broken.
    pub fn read(self) -> Result<Array> {
        match self {
            Self::Photograph => data::photograph(&folder("data/china.jpg")),
            Self::Recording => data::recording(&folder("data/BasicMotions_TRAIN.ts")),
        }
    }
}

/// The models whose names contain `filter`, or all.
///
/// # Errors
/// A filter that no name contains; lists the names.
pub fn matching(filter: Option<&str>) -> Result<Vec<Model>> {
    let wanted = |model: &Model| filter.is_none_or(|filter| model.name.contains(filter));
    let models: Vec<Model> = MODELS.into_iter().filter(wanted).collect();
    if models.is_empty() {
        let names = MODELS.map(|model| model.name).join(", ");
        bail!("no model's name contains `{}`; there are: {names}", filter.unwrap_or_default());
    }
    Ok(models)
}
