//! MobileOne: An Improved One millisecond Mobile Backbone (Vasu et al. 2022, arXiv 2206.04040).
//!
//! A stem and stages of pairs, a depthwise k×k block and a pointwise one. Each block is a sum of
//! parallel branches (Figure 3) that [`graph::merge`] makes one convolution; `inference: true`
//! builds that form. For images and, with the same names, for series. The stem has one convolution
//! branch in every variant, as in the authors' code. Parameter names are timm's.
//!
//! ```
//! use mobileone::Config;
//! let graph = mobileone::graph(&Config::s0(), [3, 224, 224])?;
//! assert_eq!(graph.cost()?.trainable, 5_293_272);
//! let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
//! assert_eq!(merged.graph.cost()?.trainable, 2_078_504);
//! let series = mobileone::graph(&Config { classes: Some(4), ..Config::u0() }, [6, 100])?;
//! assert_eq!(series.node(series.main_output().value).shape, [4].into());
//! # Ok::<(), graph::BuildError>(())
//! ```

mod plan;
mod presets;
mod validate;

use graph::{Activation, BuildError, Extent, FieldError, Graph, Padding, Scope, Shape, Value};
use layers::{Architecture, Classify, Downsample, OutputActivation};
use layers::{classify, feature_outputs, multi_branch};
use serde::{Deserialize, Serialize};

pub use plan::Place;
pub use presets::PRESETS;

/// What a MobileOne is made of.
///
/// ```
/// use mobileone::Config;
/// let digits = Config { classes: Some(10), dropout: 0.1, ..Config::s0() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Classes; without, the output is the mean of the last features, `[N, C]`.
    pub classes: Option<usize>,
    /// Whether the last features are averaged over positions; without, they are the output,
    /// `[N, C, …]`, and there are no classes.
    pub pool: bool,
    /// The first block.
    pub stem: Stem,
    /// The stages, from fine to coarse.
    pub stages: Vec<Stage>,
    /// Activation between the convolutions of squeeze-excite.
    pub se_activation: Activation,
    /// The gate of squeeze-excite.
    pub se_gate: Activation,
    /// The activation after each block.
    pub activation: Activation,
    /// Added to variances.
    pub norm_eps: f64,
    /// Weight of a new batch in running statistics, as torch counts.
    pub norm_momentum: f64,
    /// Dropout before the classifier.
    pub dropout: f64,
    /// What follows the classifier, or the pooled features, where no logits are wanted.
    pub output_activation: Option<OutputActivation>,
    /// Whether each block is the one convolution that its branches merge into.
    pub inference: bool,
    /// Whether the features of stem and stages are outputs as well: `stem`, `stage1`, ….
    pub features: bool,
}

/// The first block: a dense convolution's branches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stem {
    /// Output channels.
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
    /// Branches with a k×k convolution.
    #[serde(default = "one")]
    pub branches: usize,
}

/// A row of pairs of a depthwise and a pointwise block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Output channels of the pointwise blocks.
    pub channels: usize,
    /// Number of pairs.
    pub depth: usize,
    /// Kernel of the depthwise blocks.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride of the first depthwise block.
    #[serde(default = "unit")]
    pub stride: Extent,
    /// Dilation of the depthwise blocks, in every branch: the k×k convolutions and the taps that
    /// 1×1 and identity branches stand for.
    #[serde(default = "unit")]
    pub dilation: Extent,
    /// Padding of the depthwise k×k convolutions.
    #[serde(default)]
    pub padding: Padding,
    /// How the first depthwise block gets smaller; with a max pool, its branches cannot be merged.
    #[serde(default)]
    pub downsample: Downsample,
    /// Convolution branches of each block (the paper's k).
    #[serde(default = "one")]
    pub branches: usize,
    /// Squeeze-excite with a block's output channels over this number, rounded down; 16 in the
    /// paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub se_divisor: Option<f64>,
    /// How many pairs have squeeze-excite, counted from the last; in both of their blocks.
    #[serde(default)]
    pub se_depth: usize,
}

/// The network of `config` for an input of this shape: `[C, T]` for a series, `[C, H, W]` for an
/// image. The main output is `logits`, `[N, classes]`, or `features`, without classes `[N, C]` and
/// without pooling `[N, C, …]`; with an output activation it is `output`.
///
/// # Errors
/// Names the field, or the node, that is at fault.
pub fn graph(config: &Config, input: impl Into<Shape>) -> Result<Graph, BuildError> {
    config.validate()?;
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let levels = features(g, x, config)?;
        let end = Classify {
            linear: "head.fc",
            classes: config.classes,
            pool: config.pool,
            dropout: config.dropout,
            output_activation: config.output_activation,
        };
        classify(g, levels[levels.len() - 1], end)?;
        if config.features {
            feature_outputs(g, &levels, true)?;
        }
        Ok(())
    })
}

/// The features of the stem and of each stage.
///
/// # Errors
/// Names the field, or the node, at fault.
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
    const PRESETS: &'static [(&'static str, fn() -> Self)] = PRESETS;

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

/// The network of `config` on libtorch, its variables under `path`.
///
/// # Errors
/// Those of [`graph()`], and variables that are there already.
#[cfg(feature = "torch")]
pub fn net(
    path: &torch::tch::nn::Path<'_>,
    config: &Config,
    input: impl Into<Shape>,
) -> Result<torch::Net, torch::TorchError> {
    torch::Net::new(path, graph(config, input)?)
}
