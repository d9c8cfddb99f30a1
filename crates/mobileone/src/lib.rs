//! MobileOne for images and series, whose branches merge into single convolutions.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use mobileone::Config;
//! let graph = mobileone::graph(&Config::s0(), [3, 224, 224])?;
//! assert_eq!(graph.cost()?.trainable, 5_293_272);
//! let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
//! assert_eq!(merged.graph.cost()?.trainable, 2_078_504);
//! let series = mobileone::graph(&Config { classes: Some(4), ..Config::u0() }, [6, 100])?;
//! assert_eq!(*series.output_shape(), [4].into());
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod plan;
mod presets;
mod validate;

use graph::{Activation, BuildError, Extent, FieldError, Graph, Padding, Scope, Shape, Value};
use layers::{Architecture, Classify, Downsample, OutputActivation, Presets};
use layers::{classify, feature_outputs, multi_branch};
use serde::{Deserialize, Serialize};

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;
pub use plan::Place;

pub use presets::PRESETS;

/// MobileOne hyperparameters.
///
/// ```
/// use mobileone::Config;
/// let digits = Config { classes: Some(10), dropout: 0.1, ..Config::s0() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::s0")]
pub struct Config {
    /// Number of classes. If `None`, the model outputs the pooled features, `[N, C]`.
    pub classes: Option<usize>,
    /// Whether to average the last features over all positions. If not, the features themselves are the
    /// output, `[N, C, …]`, and `classes` must be `None`.
    pub pool: bool,
    /// First block.
    pub stem: Stem,
    /// Stages, from fine to coarse.
    pub stages: Vec<Stage>,
    /// Activation between the convolutions of squeeze-excite.
    pub se_activation: Activation,
    /// Gate of squeeze-excite.
    pub se_gate: Activation,
    /// Activation of each block.
    pub activation: Activation,
    /// Epsilon that is added to variances.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub norm_eps: f64,
    /// Weight of the current batch in a batch norm's running statistics (PyTorch's convention).
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub norm_momentum: f64,
    /// Dropout probability before the classifier.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
    /// Activation of the logits or of the pooled features. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
    /// Whether to build the merged form, with one convolution for each block.
    pub inference: bool,
    /// Whether to output the features of the stem and of each stage as well, as `stem`, `stage1`, ….
    pub features: bool,
}

/// The first block, whose branches are dense convolutions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stem {
    /// Output channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Kernel size.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride.
    #[serde(default = "two")]
    pub stride: Extent,
    /// Padding of the k×k convolutions.
    #[serde(default)]
    pub padding: Padding,
    /// Number of branches with a k×k convolution.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BRANCHES)))]
    pub branches: usize,
}

/// A stage: a sequence of pairs, each of a depthwise and a pointwise block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Output channels of the pointwise blocks.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Number of pairs.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub depth: usize,
    /// Kernel of the depthwise blocks.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride of the first depthwise block.
    #[serde(default = "unit")]
    pub stride: Extent,
    /// Dilation of the k×k convolutions in the depthwise blocks.
    #[serde(default = "unit")]
    pub dilation: Extent,
    /// Padding of the depthwise k×k convolutions.
    #[serde(default)]
    pub padding: Padding,
    /// Downsampling in the first depthwise block. The branches of a block with a max pool cannot be
    /// merged.
    #[serde(default)]
    pub downsample: Downsample,
    /// Number of branches with a k×k convolution in each block (called k in the paper).
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BRANCHES)))]
    pub branches: usize,
    /// Divisor of a block's output channels that gives the width of squeeze-excite, rounded down; 16 in the
    /// paper. If `None`, there is no squeeze-excite.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub se_divisor: Option<f64>,
    /// Number of pairs at the end of the stage that have squeeze-excite in both blocks.
    #[serde(default)]
    pub se_depth: usize,
}

/// Builds the network for an input of this shape: `[C, T]` for a series, `[C, H, W]` for an image.
///
/// The main output is called `logits`, `[N, classes]`. If `classes` is `None`, it is called `features`,
/// `[N, C]`, or `[N, C, …]` if the features are not pooled. If there is an output activation, it is called
/// `output`.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn graph(config: &Config, input: impl Into<Shape>) -> Result<Graph, BuildError> {
    config.validate()?;
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let levels = features(g, x, config)?;
        let options = Classify {
            linear: "head.fc",
            classes: config.classes,
            pool: config.pool,
            dropout: config.dropout,
            output_activation: config.output_activation,
        };
        classify(g, levels[levels.len() - 1], options)?;
        if config.features {
            feature_outputs(g, &levels, true)?;
        }
        Ok(())
    })
}

/// Adds the encoder and returns the features of the stem and of each stage.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    config.validate()?;
    let mut levels = Vec::new();
    for place in config.plan() {
        let g = match place.stage.checked_sub(1) {
            None => g / "stem",
            Some(stage) => g / "stages" / stage / place.index,
        };
        x = multi_branch(g, x, place.block)?;
        if place.ends_stage {
            levels.push(x);
        }
    }
    Ok(levels)
}

fn one() -> usize {
    1
}

fn unit() -> Extent {
    1.into()
}

fn two() -> Extent {
    2.into()
}

fn three() -> Extent {
    3.into()
}

impl Architecture for Config {
    const NAME: &'static str = "mobileone";
    const PRESETS: Presets<Self> = PRESETS;

    fn classes(&self) -> Option<usize> {
        self.classes
    }

    fn validate(&self) -> Result<(), FieldError> {
        self.validate()
    }

    fn graph(&self, input: Shape) -> Result<Graph, BuildError> {
        graph(self, input)
    }

    fn features(&self, g: Scope<'_>, x: Value) -> Option<Result<Vec<Value>, BuildError>> {
        Some(features(g, x, self))
    }
}

/// Builds the network on libtorch and registers its variables under `path`.
///
/// # Errors
/// As [`graph()`], and if a variable of the same name already exists.
#[cfg(feature = "torch")]
pub fn net(
    path: &torch::tch::nn::Path<'_>,
    config: &Config,
    input: impl Into<Shape>,
) -> Result<torch::Net, torch::TorchError> {
    torch::Net::new(path, graph(config, input)?)
}
