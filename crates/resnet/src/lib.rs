//! ResNet and its variants for images and series.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use resnet::Config;
//! let image = resnet::graph(&Config::resnet18(), [3, 224, 224])?;
//! assert_eq!(image.cost()?.trainable, 11_689_512);
//! let series = resnet::graph(&Config { classes: Some(4), ..Config::resnet18() }, [6, 100])?;
//! assert_eq!(*series.output_shape(), [4].into());
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod blocks;
mod presets;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Pool, Scope, Shape, Value};
use layers::{Architecture, Classify, Norm, Normalization, OutputActivation, Presets};
use layers::{classify, conv_norm_act, feature_outputs, linear_rise};
use serde::{Deserialize, Serialize};

use blocks::Place;

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;

pub use presets::PRESETS;

/// ResNet hyperparameters.
///
/// ```
/// use resnet::Config;
/// let digits = Config { classes: Some(10), dropout: 0.1, ..Config::resnet18() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::resnet18")]
pub struct Config {
    /// Number of classes. If `None`, the model outputs the pooled features, `[N, C]`.
    pub classes: Option<usize>,
    /// Whether to average the last features over all positions. If not, the features themselves are the
    /// output, `[N, C, …]`, and `classes` must be `None`.
    pub pool: bool,
    /// Convolutions before the stages: one, or several as in the D stem. If empty, there is no stem, and the
    /// input is passed to `stem_pool`.
    pub stem: Vec<StemConv>,
    /// Activation of the stem. By default, the network's activation.
    pub stem_activation: Option<Activation>,
    /// Pooling after the stem's convolutions.
    pub stem_pool: StemPool,
    /// Stages, from fine to coarse.
    pub stages: Vec<Stage>,
    /// Shortcut of the blocks that change the size or the number of channels.
    pub shortcut: Shortcut,
    /// Number of groups of a bottleneck's middle convolution (the cardinality of ResNeXt).
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub groups: usize,
    /// Width of each group in a stage of 64 channels. A width of more than 64 gives a Wide ResNet.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub base_width: usize,
    /// Divisor of a block's output channels that gives the width of squeeze-excite, rounded to a multiple of
    /// 8. If `None`, there is no squeeze-excite.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub se_divisor: Option<f64>,
    /// Activation.
    pub activation: Activation,
    /// Norm after each convolution.
    pub norm: Norm,
    /// Epsilon that is added to variances.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub norm_eps: f64,
    /// Padding of the convolutions and of the stem's pooling.
    pub padding: Padding,
    /// Whether convolutions have a bias although a norm follows them, as in Keras's ResNets.
    pub conv_bias: bool,
    /// Dropout probability before the classifier.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
    /// Stochastic depth: the drop probability of the last block. It rises linearly from 0 at the first.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub drop_path: f64,
    /// Activation of the logits or of the pooled features. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
    /// Whether to output the features of the stem and of each stage as well, as `stem`, `stage1`, ….
    pub features: bool,
}

/// A convolution of the stem, with norm and activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StemConv {
    /// Output channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Kernel size.
    pub kernel: Extent,
    /// Stride.
    #[serde(default = "one")]
    pub stride: Extent,
}

/// The pooling after the stem's convolutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StemPool {
    /// A 3×3 max pool of stride 2.
    #[default]
    Max,
    /// A 3×3 convolution of stride 2, as in ResNet-RS (Bello et al. 2021, arXiv 2103.07579).
    Conv,
    /// No pooling.
    None,
}

/// The shortcut of the blocks that change the size or the number of channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shortcut {
    /// A 1×1 convolution with the stride.
    #[default]
    Conv,
    /// An average pool with the stride, then a 1×1 convolution (the D variant).
    AveragePool,
}

/// A stage: a sequence of identical blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The kind of block.
    #[serde(default)]
    pub block: Block,
    /// Channels of the blocks' inner convolutions. A bottleneck outputs four times as many.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Number of blocks.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub depth: usize,
    /// Kernel of the k×k convolutions.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride of the first block.
    #[serde(default = "one")]
    pub stride: Extent,
    /// Dilation of the blocks.
    #[serde(default = "one")]
    pub dilation: Extent,
    /// Dilation of the first block. By default, `dilation`. In a network with dilations instead of strides,
    /// the first block of a stage keeps the dilation of the previous stage.
    #[serde(default)]
    pub first_dilation: Option<Extent>,
    /// Activation of the blocks. By default, the network's activation.
    #[serde(default)]
    pub activation: Option<Activation>,
}

/// The kind of residual block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Two k×k convolutions.
    #[default]
    Basic,
    /// 1×1 to the inner width, k×k, 1×1 to four times the channels.
    Bottleneck,
    /// k×k to the inner width, 1×1 to four times the channels. This is what SleepKit's bottleneck computes,
    /// because its code discards the result of the first convolution. `groups` and `base_width` do not apply.
    Unreduced,
}

impl Block {
    /// Returns the number of output channels per inner channel.
    pub const fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck | Self::Unreduced => 4,
        }
    }
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
            linear: "fc",
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

/// Adds the encoder and returns the features of the stem, before its pooling, and of each stage. If
/// there is no stem, the first features are the input.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn features(g: Scope<'_>, x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    config.validate()?;
    let mut levels = vec![stem(g, x, config)?];
    let mut x = stem_pool(g, levels[0], config)?;
    let count: usize = config.stages.iter().map(|stage| stage.depth).sum();
    let mut index = 0;
    for (i, stage) in config.stages.iter().enumerate() {
        let first_dilation = stage.first_dilation.unwrap_or(stage.dilation);
        for b in 0..stage.depth {
            let first = b == 0;
            let place = Place {
                stride: if first { stage.stride } else { 1.into() },
                dilation: if first { first_dilation } else { stage.dilation },
                next_dilation: stage.dilation,
                drop_path: linear_rise(config.drop_path, index, count - 1),
                activation: stage.activation.unwrap_or(config.activation),
            };
            let g = g / format!("layer{}", i + 1) / b;
            x = match stage.block {
                Block::Basic => blocks::basic(g, x, config, stage, place)?,
                Block::Bottleneck => blocks::bottleneck(g, x, config, stage, place)?,
                Block::Unreduced => blocks::unreduced(g, x, config, stage, place)?,
            };
            index += 1;
        }
        levels.push(x);
    }
    Ok(levels)
}

/// Adds the convolutions of the stem. The last norm is always called `bn1`, even if the last convolution of
/// a deep stem is called `conv1.6`.
fn stem(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Value, BuildError> {
    let act = config.stem_activation.unwrap_or(config.activation);
    let last = config.stem.len().saturating_sub(1);
    for (i, stem) in config.stem.iter().enumerate() {
        let conv = config.conv(stem.channels, stem.kernel, stem.stride, 1.into());
        let deep = [3 * i, 3 * i + 1, 3 * i + 2].map(|index| format!("conv1.{index}"));
        let names: [&str; 3] = if last == 0 {
            ["conv1", "bn1", "relu"]
        } else if i == last {
            [&deep[0], "bn1", "relu"]
        } else {
            [&deep[0], &deep[1], &deep[2]]
        };
        x = conv_norm_act(g, names, x, conv, config.normalization(), act)?;
    }
    Ok(x)
}

fn stem_pool(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    match config.stem_pool {
        StemPool::Max => {
            g.max_pool("maxpool", x, Pool { kernel: 3.into(), stride: 2.into(), padding: config.padding })
        }
        StemPool::Conv => {
            let conv = config.conv(g.channels(x), 3.into(), 2.into(), 1.into());
            conv_norm_act(g / "maxpool", ["0", "1", "2"], x, conv, config.normalization(), config.activation)
        }
        StemPool::None => Ok(x),
    }
}

impl Config {
    /// Returns the inner width of a bottleneck (in torchvision, `int(planes * base_width / 64) * groups`).
    fn inner_width(&self, channels: usize) -> usize {
        channels * self.base_width / 64 * self.groups
    }

    fn conv(&self, out: usize, kernel: Extent, stride: Extent, dilation: Extent) -> Conv {
        Conv { stride, dilation, padding: self.padding, bias: self.conv_bias, ..Conv::new(out, kernel) }
    }

    fn normalization(&self) -> Normalization {
        Normalization { eps: self.norm_eps, ..self.norm.into() }
    }
}

fn one() -> Extent {
    1.into()
}

fn three() -> Extent {
    3.into()
}

impl Architecture for Config {
    const NAME: &'static str = "resnet";
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
