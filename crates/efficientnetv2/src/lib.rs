//! EfficientNetV2: Smaller Models and Faster Training (Tan and Le 2021, arXiv 2104.00298).
//!
//! A stem, stages of FusedMBConv and MBConv blocks (Table 4), a 1×1 convolution, the mean, a
//! classifier; for images and, with the same names, for series. The depths of S, M, L and XL are
//! those of the authors' code, from which Table 4 departs. Parameter names are timm's.
//!
//! ```
//! use efficientnetv2::Config;
//! let image = efficientnetv2::graph(&Config::s(), [3, 300, 300])?;
//! assert_eq!(image.cost()?.trainable, 21_458_488);
//! let series = efficientnetv2::graph(&Config { classes: Some(4), ..Config::micro() }, [6, 100])?;
//! assert_eq!(series.node(series.main_output().value).shape, [4].into());
//! # Ok::<(), graph::BuildError>(())
//! ```

mod presets;
mod scale;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Scope, Shape, Value};
use layers::{Architecture, Classify, Downsample, MBConv, Norm, Normalization, OutputActivation, Rounding};
use layers::{SqueezeExcite, SqueezeWidth, classify, conv_norm, conv_norm_act, feature_outputs};
use layers::{fused_mbconv, linear_rise, mbconv, output_activation};
use serde::{Deserialize, Serialize};

pub use presets::PRESETS;

/// What an EfficientNetV2 is made of.
///
/// ```
/// use efficientnetv2::Config;
/// let half = Config { classes: Some(10), width_multiplier: 0.5, ..Config::b0() };
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
    /// The first convolution; without, the stages begin at the input.
    pub stem: Option<Stem>,
    /// The stages, from fine to coarse.
    pub stages: Vec<Stage>,
    /// The 1×1 convolution after the stages.
    pub head: Option<Head>,
    /// Factor of all channels but the classes; at 1 they are as stated, else rounded to eights.
    pub width_multiplier: f64,
    /// Factor of all depths, rounded up.
    pub depth_multiplier: f64,
    /// Smallest part of the multiplied channels that rounding may leave: 0 in the authors' code for
    /// EfficientNetV2, 0.9 elsewhere.
    pub round_limit: f64,
    /// What the squeeze ratios of the stages divide.
    pub se_of: SqueezeOf,
    /// Activation between the convolutions of squeeze-excite.
    pub se_activation: Activation,
    /// The gate of squeeze-excite.
    pub se_gate: Activation,
    /// The activation.
    pub activation: Activation,
    /// The normalization.
    pub norm: Norm,
    /// Added to variances: 1e-3 in TensorFlow and torchvision, 1e-5 in timm's models of torch.
    pub norm_eps: f64,
    /// Weight of a new batch in running statistics, as torch counts.
    pub norm_momentum: f64,
    /// Padding of convolutions: `same` in TensorFlow, `symmetric` in torch.
    pub padding: Padding,
    /// Dropout before the classifier.
    pub dropout: f64,
    /// Stochastic depth: rises from 0 at the first block and would reach this after the last.
    pub drop_path: f64,
    /// What follows the classifier, or the pooled features, where no logits are wanted.
    pub output_activation: Option<OutputActivation>,
    /// Whether the features of stem and stages are outputs as well: `stem`, `stage1`, ….
    pub features: bool,
}

/// The first convolution, with norm and activation.
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
    /// Activation, where it is another than the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
}

/// The 1×1 convolution after the stages, with norm and activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Output channels.
    pub channels: usize,
    /// Activation, where it is another than the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<OutputActivation>,
    /// Whether no activation at all follows its norm, as in helia-edge.
    #[serde(default)]
    pub linear: bool,
}

/// A row of equal blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The kind of block.
    #[serde(default)]
    pub block: Block,
    /// Expanded width as a multiple of a block's input channels.
    #[serde(default = "unexpanded")]
    pub expand_ratio: f64,
    /// Output channels of each block.
    pub channels: usize,
    /// Number of blocks.
    pub depth: usize,
    /// Kernel of the convolution that is not 1×1.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Stride of the first block.
    #[serde(default = "one")]
    pub stride: Extent,
    /// How the first block gets smaller.
    #[serde(default)]
    pub downsample: Downsample,
    /// Squeeze-excite with this divisor; 4 in the paper's MBConv.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub se_divisor: Option<f64>,
    /// Activation, where it is another than the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// k×k, 1×1 (Figure 2, right); with an expansion of 1 one k×k convolution.
    #[serde(rename = "fused_mbconv")]
    FusedMBConv,
    /// k×k, 1×1, with an expansion of 1 as well: timm's `rw` variants.
    #[serde(rename = "fused_mbconv_projected")]
    FusedMBConvProjected,
}

/// What the squeeze ratios of the stages divide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SqueezeOf {
    /// A block's input channels; to the nearest whole number.
    #[default]
    Input,
    /// A block's expanded channels; rounded down.
    Expanded,
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
            linear: "classifier",
            classes: config.classes,
            pool: config.pool,
            dropout: config.dropout,
            output_activation: config.output_activation,
        };
        classify(g, head(g, levels[levels.len() - 1], &config.scaled())?, end)?;
        if config.features {
            feature_outputs(g, &levels, config.stem.is_some())?;
        }
        Ok(())
    })
}

/// The features of the stem, where there is one, and of each stage.
///
/// # Errors
/// Names the field, or the node, at fault.
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
    /// A block of `stage` but its first.
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
