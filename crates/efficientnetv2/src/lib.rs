//! EfficientNetV2 for images and series.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use efficientnetv2::Config;
//! let image = efficientnetv2::graph(&Config::s(), [3, 300, 300])?;
//! assert_eq!(image.cost()?.trainable, 21_458_488);
//! let series = efficientnetv2::graph(&Config { classes: Some(4), ..Config::micro() }, [6, 100])?;
//! assert_eq!(*series.output_shape(), [4].into());
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod presets;
mod scale;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Scope, Shape, Value};
use layers::{
    Architecture, Classify, Downsample, MBConv, Norm, Normalization, OutputActivation, Presets, Rounding,
};
use layers::{SqueezeExcite, SqueezeWidth, classify, conv_norm, conv_norm_act, feature_outputs};
use layers::{fused_mbconv, linear_rise, mbconv, output_activation};
use serde::{Deserialize, Serialize};

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;

pub use presets::PRESETS;

/// EfficientNetV2 hyperparameters.
///
/// ```
/// use efficientnetv2::Config;
/// let half = Config { classes: Some(10), width_multiplier: 0.5, ..Config::b0() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::b0")]
pub struct Config {
    /// Number of classes. If `None`, the model outputs the pooled features, `[N, C]`.
    pub classes: Option<usize>,
    /// Whether to average the last features over all positions. If not, the features themselves are the
    /// output, `[N, C, …]`, and `classes` must be `None`.
    pub pool: bool,
    /// First convolution. If `None`, the first stage takes the input.
    pub stem: Option<Stem>,
    /// Stages, from fine to coarse.
    pub stages: Vec<Stage>,
    /// 1×1 convolution after the stages.
    pub head: Option<Head>,
    /// Multiplier of all numbers of channels, but not of the classes. Unless it is 1, the results are rounded
    /// to multiples of 8.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub width_multiplier: f64,
    /// Multiplier of all depths. The results are rounded up.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub depth_multiplier: f64,
    /// Rounding must leave at least this fraction of the multiplied channels: 0 (no limit) in the authors'
    /// code for EfficientNetV2, 0.9 in most other networks.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub round_limit: f64,
    /// The channels that the `se_divisor` of each stage divides.
    pub se_of: SqueezeOf,
    /// Activation between the convolutions of squeeze-excite.
    pub se_activation: Activation,
    /// Gate of squeeze-excite.
    pub se_gate: Activation,
    /// Activation.
    pub activation: Activation,
    /// Norm after each convolution.
    pub norm: Norm,
    /// Epsilon that is added to variances: 1e-3 in TensorFlow and torchvision, 1e-5 in timm's PyTorch models.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub norm_eps: f64,
    /// Weight of the current batch in a batch norm's running statistics (PyTorch's convention).
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub norm_momentum: f64,
    /// Padding of the convolutions: `same` in TensorFlow, `symmetric` in PyTorch.
    pub padding: Padding,
    /// Dropout probability before the classifier.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
    /// Stochastic depth. Block `i` of `n`, counted from 0, is dropped with a probability of
    /// `drop_path * i / n`.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub drop_path: f64,
    /// Activation of the logits or of the pooled features. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
    /// Whether to output the features of the stem and of each stage as well, as `stem`, `stage1`, ….
    pub features: bool,
}

/// The first convolution, with norm and activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stem {
    /// Output channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub channels: usize,
    /// Kernel size.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride.
    #[serde(default = "two")]
    pub stride: Extent,
    /// Activation. By default, the network's activation.
    #[serde(default)]
    pub activation: Option<Activation>,
}

/// The 1×1 convolution after the stages, with norm and activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Output channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub channels: usize,
    /// Activation. By default, the network's activation.
    #[serde(default)]
    pub activation: Option<OutputActivation>,
    /// Whether the norm is not followed by an activation, as in helia-edge.
    #[serde(default)]
    pub linear: bool,
}

/// A stage: a sequence of identical blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The kind of block.
    #[serde(default)]
    pub block: Block,
    /// Expanded width as a multiple of a block's input channels.
    #[serde(default = "unexpanded")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub expand_ratio: f64,
    /// Output channels of each block.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub channels: usize,
    /// Number of blocks.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub depth: usize,
    /// Kernel of the convolution that is not 1×1.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride of the first block.
    #[serde(default = "one")]
    pub stride: Extent,
    /// Downsampling in the first block.
    #[serde(default)]
    pub downsample: Downsample,
    /// Divisor of the channels that gives the width of squeeze-excite, 4 in the paper's MBConv. If `None`,
    /// there is no squeeze-excite.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub se_divisor: Option<f64>,
    /// Activation. By default, the network's activation.
    #[serde(default)]
    pub activation: Option<Activation>,
}

/// The kind of block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// 1×1, depthwise k×k, squeeze-excite, 1×1 (Figure 2, left).
    #[default]
    #[serde(rename = "mbconv")]
    MBConv,
    /// k×k, 1×1 (Figure 2, right). If the expansion ratio is 1, a single k×k convolution.
    #[serde(rename = "fused_mbconv")]
    FusedMBConv,
    /// k×k, 1×1, even if the expansion ratio is 1, as in timm's `rw` variants.
    #[serde(rename = "fused_mbconv_projected")]
    FusedMBConvProjected,
}

/// The channels that `se_divisor` divides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SqueezeOf {
    /// A block's input channels; the width is rounded to the nearest integer.
    #[default]
    Input,
    /// A block's expanded channels; the width is rounded down.
    Expanded,
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
            linear: "classifier",
            classes: config.classes,
            pool: config.pool,
            dropout: config.dropout,
            output_activation: config.output_activation,
        };
        classify(g, head(g, levels[levels.len() - 1], &config.scaled())?, options)?;
        if config.features {
            feature_outputs(g, &levels, config.stem.is_some())?;
        }
        Ok(())
    })
}

/// Adds the encoder and returns the features of the stem, if there is one, and of each stage.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    config.validate()?;
    let config = &config.scaled();
    let mut levels = Vec::new();
    if let Some(Stem { channels, kernel, stride, activation }) = config.stem {
        let conv = Conv { stride, padding: config.padding, ..Conv::new(channels, kernel) };
        let act = activation.unwrap_or(config.activation);
        x = conv_norm_act(g, ["conv_stem", "bn1", "act1"], x, conv, config.normalization(), act)?;
        levels.push(x);
    }
    let blocks: usize = config.stages.iter().map(|stage| stage.depth).sum();
    let mut index = 0;
    for (i, stage) in config.stages.iter().enumerate() {
        for b in 0..stage.depth {
            let drop_path = linear_rise(config.drop_path, index, blocks);
            let stride = if b == 0 { stage.stride } else { 1.into() };
            let block = MBConv { stride, drop_path, ..config.block(stage) };
            let g = g / "blocks" / i / b;
            x = match stage.block {
                Block::MBConv => mbconv(g, x, block)?,
                Block::FusedMBConv | Block::FusedMBConvProjected => fused_mbconv(g, x, block)?,
            };
            index += 1;
        }
        levels.push(x);
    }
    Ok(levels)
}

fn head(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    let Some(head) = &config.head else { return Ok(x) };
    let x = conv_norm(g, ["conv_head", "bn2"], x, Conv::new(head.channels, 1), config.normalization())?;
    if head.linear {
        return Ok(x);
    }
    output_activation(g, "act2", x, Some(head.activation.unwrap_or(config.activation.into())))
}

impl Config {
    /// Returns the options of every block of `stage` except the first, which has the stage's stride.
    fn block(&self, stage: &Stage) -> MBConv {
        MBConv {
            project_always: stage.block == Block::FusedMBConvProjected,
            kernel: stage.kernel,
            padding: self.padding,
            squeeze_excite: stage.se_divisor.map(|divisor| self.squeeze_excite(divisor)),
            norm: self.normalization(),
            activation: stage.activation.unwrap_or(self.activation),
            downsample: stage.downsample,
            ..MBConv::new(stage.channels, stage.expand_ratio)
        }
    }

    fn squeeze_excite(&self, divisor: f64) -> SqueezeExcite {
        let width = match self.se_of {
            SqueezeOf::Input => SqueezeWidth::Input { divisor, rounding: Rounding::Nearest },
            SqueezeOf::Expanded => SqueezeWidth::expanded(divisor),
        };
        SqueezeExcite {
            width,
            activation: self.se_activation,
            gate: self.se_gate,
            ..SqueezeExcite::EFFICIENTNET
        }
    }

    fn normalization(&self) -> Normalization {
        Normalization { kind: self.norm, eps: self.norm_eps, momentum: self.norm_momentum }
    }
}

fn one() -> Extent {
    1.into()
}

fn two() -> Extent {
    2.into()
}

fn three() -> Extent {
    3.into()
}

fn unexpanded() -> f64 {
    1.0
}

impl Architecture for Config {
    const NAME: &'static str = "efficientnetv2";
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
