//! What is measured, and on which input.

use anyhow::{Result, bail};
use factory::{ConfigError, Factory};
use graph::{Array, Graph, Shape};

use crate::{data, folder};

/// A model and a real input for it.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// A ready model of [`factory`], or `family/preset`.
    pub name: &'static str,
    /// What it is run on.
    pub input: Input,
    /// Number of classes.
    pub classes: usize,
}

/// A real input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The photograph `china.jpg`, `[1, 3, 224, 224]`.
    Photograph,
    /// The first recording of BasicMotions, six channels of a smart watch, `[1, 6, 100]`.
    Recording,
}

use Input::{Photograph, Recording};

/// Each family on a series and on an image.
#[rustfmt::skip]
pub const MODELS: [Model; 13] = [
    // name                                              input              classes
    Model { name: "activity-efficientnetv2",             input: Recording,  classes: 4 },
    Model { name: "activity-mobileone",                  input: Recording,  classes: 4 },
    Model { name: "activity-resnet",                     input: Recording,  classes: 4 },
    Model { name: "activity-tcn",                        input: Recording,  classes: 4 },
    Model { name: "unet/micro",                          input: Recording,  classes: 4 },
    Model { name: "unext/micro",                         input: Recording,  classes: 4 },
    Model { name: "efficientnetv2/tf_efficientnetv2_b0", input: Photograph, classes: 1000 },
    Model { name: "mobileone/mobileone_s1",              input: Photograph, classes: 1000 },
    Model { name: "resnet/resnet18",                     input: Photograph, classes: 1000 },
    Model { name: "resnet/resnet50",                     input: Photograph, classes: 1000 },
    Model { name: "tcn/sm",                              input: Photograph, classes: 2 },
    Model { name: "unet/small",                          input: Photograph, classes: 2 },
    Model { name: "unext/small",                         input: Photograph, classes: 2 },
];

impl Model {
    /// The graph, for the size of the input.
    ///
    /// # Errors
    /// None that is known: tests build every model.
    pub fn graph(&self) -> Result<Graph, ConfigError> {
        let factory = Factory::builtin();
        let model = match self.name.split_once('/') {
            None => factory.build_ready(self.name),
            Some((family, preset)) => factory.preset(family, preset, self.input.shape(), Some(self.classes)),
        };
        Ok(model?.graph)
    }

    /// Whether a pass takes a millisecond or so: the models of series.
    pub fn is_small(&self) -> bool {
        self.input == Recording
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
