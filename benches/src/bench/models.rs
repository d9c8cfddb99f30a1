//! The measured models and their inputs.

use anyhow::{Result, bail};
use factory::{ConfigError, Factory};
use graph::{Array, Graph, Shape};

use crate::{data, folder};

/// A model to measure, with a real input.
#[derive(Clone, Copy, Debug)]
pub struct BenchSubject {
    /// A ready model of [`factory`], or `family/preset`.
    pub name: &'static str,
    /// Input of the measurement.
    pub input: Input,
    /// Number of classes.
    pub classes: usize,
}

/// A real input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The photograph `china.jpg`, `[1, 3, 224, 224]`.
    Photograph,
    /// The first recording of BasicMotions, six channels of a smartwatch, `[1, 6, 100]`.
    Recording,
}

use Input::{Photograph, Recording};

/// Every family, on a series and on an image.
#[rustfmt::skip]
pub const MODELS: [BenchSubject; 13] = [
    // name                                              input              classes
    BenchSubject { name: "activity-efficientnetv2",             input: Recording,  classes: 4 },
    BenchSubject { name: "activity-mobileone",                  input: Recording,  classes: 4 },
    BenchSubject { name: "activity-resnet",                     input: Recording,  classes: 4 },
    BenchSubject { name: "activity-tcn",                        input: Recording,  classes: 4 },
    BenchSubject { name: "unet/micro",                          input: Recording,  classes: 4 },
    BenchSubject { name: "unext/micro",                         input: Recording,  classes: 4 },
    BenchSubject { name: "efficientnetv2/tf_efficientnetv2_b0", input: Photograph, classes: 1000 },
    BenchSubject { name: "mobileone/mobileone_s1",              input: Photograph, classes: 1000 },
    BenchSubject { name: "resnet/resnet18",                     input: Photograph, classes: 1000 },
    BenchSubject { name: "resnet/resnet50",                     input: Photograph, classes: 1000 },
    BenchSubject { name: "tcn/sm",                              input: Photograph, classes: 2 },
    BenchSubject { name: "unet/small",                          input: Photograph, classes: 2 },
    BenchSubject { name: "unext/small",                         input: Photograph, classes: 2 },
];

impl BenchSubject {
    /// Builds the graph for the size of the input.
    ///
    /// # Errors
    /// If the config is invalid; the tests check that none is.
    pub fn graph(&self) -> Result<Graph, ConfigError> {
        let factory = Factory::builtin();
        let model = match self.name.split_once('/') {
            None => factory.build_ready(self.name),
            Some((family, preset)) => factory.preset(family, preset, self.input.shape(), Some(self.classes)),
        };
        Ok(model?.graph)
    }

    /// Whether a forward pass takes about a millisecond, as in the series models.
    pub fn is_small(&self) -> bool {
        self.input == Recording
    }
}

impl Input {
    /// Shape of one sample.
    pub fn shape(self) -> Shape {
        match self {
            Self::Photograph => [3, 224, 224].into(),
            Self::Recording => [6, 100].into(),
        }
    }

    /// Reads the input.
    ///
    /// # Errors
    /// If the file in `data/` is missing or malformed.
    pub fn read(self) -> Result<Array> {
        match self {
            Self::Photograph => data::photograph(&folder("data/china.jpg")),
            Self::Recording => data::recording(&folder("data/BasicMotions_TRAIN.ts")),
        }
    }
}

/// The models whose names contain `filter`, or all models if `filter` is `None`.
///
/// # Errors
/// If no name contains `filter`; lists the names.
pub fn matching(filter: Option<&str>) -> Result<Vec<BenchSubject>> {
    let wanted = |model: &BenchSubject| filter.is_none_or(|filter| model.name.contains(filter));
    let models: Vec<BenchSubject> = MODELS.into_iter().filter(wanted).collect();
    if models.is_empty() {
        let names = MODELS.map(|model| model.name).join(", ");
        bail!("no model name contains `{}`; the models are: {names}", filter.unwrap_or_default());
    }
    Ok(models)
}
