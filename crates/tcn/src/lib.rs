//! Temporal convolutional networks for series and images, dilated and causal by default.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use tcn::Config;
//! let config = Config { classes: Some(5), ..Config::sm() };
//! let graph = tcn::graph(&config, [6, 240])?;
//! assert_eq!(*graph.output_shape(), [5, 240].into());
//! assert_eq!(graph.receptive_field().to_string(), "91 (90 back, 0 ahead); causal: yes");
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod factorized;
mod pairs;
mod presets;
mod residual;
mod validate;

use graph::{
    Activation, BuildError, Conv, DropUnit, Extent, FieldError, Graph, Padding, Scope, Shape, TimeStep, Value,
};
use layers::{Architecture, Norm, Normalization, OutputActivation, Presets};
use layers::{classifier, conv_norm, depthwise, dropout, output_activation, segmentation};
use serde::{Deserialize, Serialize};

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;

pub use presets::PRESETS;

/// TCN hyperparameters.
///
/// ```
/// use graph::Padding;
/// use tcn::{Config, Output};
/// let config = Config { classes: Some(4), output: Output::Mean, ..Config::sm() };
/// let centered = Config { padding: Padding::Same, ..config };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::sm")]
pub struct Config {
    /// Number of classes. If `None`, the model outputs the last features.
    pub classes: Option<usize>,
    /// Depthwise convolution that is applied to the input, before the blocks.
    pub encoder: Option<Encoder>,
    /// Blocks, in order.
    pub blocks: Vec<Block>,
    /// Number of repetitions of the blocks, each with its own weights.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub stacks: usize,
    /// Skip connections from the residual blocks to the last features.
    pub skips: Skips,
    /// Padding of all convolutions: `causal`, or `same` if outputs may depend on later samples.
    pub padding: Padding,
    /// Whether to reverse a series in time before the first block. The output is not reversed back.
    pub backwards: bool,
    /// Whether residual blocks apply the activation twice at the end of the branch, as keras-tcn does.
    /// This makes a difference for ELU, for example, but not for ReLU.
    pub double_activation: bool,
    /// Whether dropout zeroes whole channels, as in the Keras packages, rather than single elements.
    pub channel_dropout: bool,
    /// Epsilon that is added to variances.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub norm_eps: f64,
    /// Weight of the current batch in a batch norm's running statistics (PyTorch's convention).
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub norm_momentum: f64,
    /// Features that are passed to the head.
    pub output: Output,
    /// Kernel of the head's convolution, for `output: every_sample`.
    pub head_kernel: Extent,
    /// Activation of the output. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
}

/// A depthwise convolution with a norm and no activation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Encoder {
    /// Kernel size.
    pub kernel: Extent,
    /// The norm.
    #[serde(default)]
    pub norm: Norm,
}

/// A block.
///
/// ```
/// use tcn::{Block, Kind};
/// let block = Block { se_divisor: Some(4.0), ..Block::new(Kind::Mb, 16, 7, 1) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The kind of block.
    #[serde(default)]
    pub kind: Kind,
    /// Output channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Number of repetitions of the block's layers. In `mb` and `sm`, one residual connection spans all
    /// repetitions; in `lg` and `residual`, each repetition has its own.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub depth: usize,
    /// Kernel of the block's convolutions, except pointwise ones.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Dilation of the block's convolutions, except pointwise ones.
    #[serde(default = "unit")]
    pub dilation: Extent,
    /// Number of parallel convolutions whose outputs are summed; they can be merged into one (`mb`, `sm`).
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BRANCHES)))]
    pub branches: usize,
    /// Expanded width as a multiple of the output channels, rounded down (`mb`). If it is 1, there is no
    /// expansion, and the width is that of the input.
    #[serde(default = "no_expansion")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub expand_ratio: f64,
    /// Divisor of the channels that gives the width of squeeze-excite, rounded down (`mb`, `lg`, `sm`). If
    /// `None`, there is no squeeze-excite.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub se_divisor: Option<f64>,
    /// Whether a gated linear unit (Dauphin et al. 2017, arXiv 1612.08083) replaces the first activation
    /// (`residual`).
    #[serde(default)]
    pub gate: bool,
    /// Whether convolutions have weight norm (`residual`). Requires `norm: none`.
    #[serde(default)]
    pub weight_norm: bool,
    /// Norm after each convolution.
    #[serde(default)]
    pub norm: Norm,
    /// Activation. If `None`, there is no activation.
    #[serde(default = "relu6")]
    pub activation: Option<Activation>,
    /// Dropout probability: within the branch (`residual`), after each repetition (`lg`), or after the
    /// block (`mb`, `sm`).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
}

/// The kind of block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// SleepKit's `mb` block: a 1×1 expansion, a depthwise convolution, squeeze-excite and a pointwise
    /// convolution, each convolution with a norm and an activation. The input is added after the last
    /// activation, unless the channels differ. Squeeze-excite is omitted if its width is 0.
    #[default]
    Mb,
    /// SleepKit's `lg` block: two dense convolutions, the sum with the input unless the channels differ, an
    /// activation, and squeeze-excite. The first convolution never has a bias.
    Lg,
    /// SleepKit's `sm` block: like `mb`, but with no expansion and with a single squeeze-excite after all
    /// repetitions, which is omitted if its width is less than 2.
    Sm,
    /// The paper's residual block: two dense convolutions with bias, norm, activation and dropout; then the
    /// sum with the input, which a 1×1 convolution projects if the channels differ; then an activation.
    Residual,
}

/// Skip connections from the residual blocks to the last features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Skips {
    /// No skip connections. The last features are the output of the last block.
    #[default]
    None,
    /// The last features are the sum of the branches of all blocks (keras-tcn).
    Branches,
    /// The last features are the sum of the last block's output and the branches of all other blocks,
    /// followed by an activation (pytorch-tcn).
    BranchesAndOutput,
}

/// The features that are passed to the head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Every sample, `[N, C, …]`.
    #[default]
    EverySample,
    /// The last sample of a series, `[N, C]`.
    Last,
    /// The sample in the middle of a series, `[N, C]`.
    Middle,
    /// The mean of all samples, `[N, C]`.
    Mean,
}

/// Builds the network for an input of this shape: `[C, T]` for a series, `[C, H, W]` for an image.
///
/// The main output is called `logits`, `[N, classes, …]` or `[N, classes]`, or `features` if `classes` is
/// `None`.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn graph(config: &Config, input: impl Into<Shape>) -> Result<Graph, BuildError> {
    config.validate()?;
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let levels = features(g, x, config)?;
        let y = head(g, levels[levels.len() - 1], config)?;
        g.output(if config.classes.is_some() { "logits" } else { "features" }, y)
    })
}

/// Adds the encoder and returns the features of each block; the last features include the skip connections.
///
/// # Errors
/// Returns an error that names the offending node.
pub fn features(g: Scope<'_>, x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let x = if config.backwards { g.reverse("reverse", x)? } else { x };
    let mut x = encoder(g, x, config)?;
    let last = config.sequence().count().saturating_sub(1);
    let (mut levels, mut branches) = (Vec::new(), Vec::new());
    for (i, block) in config.sequence().enumerate() {
        let g = g / "network" / i;
        x = match block.kind {
            Kind::Mb => factorized::mb(g, x, config, block)?,
            Kind::Sm => factorized::sm(g, x, config, block)?,
            Kind::Lg => pairs::lg(g, x, config, block)?,
            Kind::Residual => {
                let branch = residual::branch(g, x, config, block)?;
                branches.push(branch);
                // If the last features are the sum of branches only, nothing uses the last block's sum.
                let is_unused = config.skips == Skips::Branches && i == last;
                if is_unused { branch } else { residual::sum(g, x, branch, block)? }
            }
        };
        levels.push(x);
    }
    if let Some(last) = levels.last_mut() {
        *last = residual::skips(g, *last, &branches, config)?;
    }
    Ok(levels)
}

fn encoder(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    let Some(Encoder { kernel, norm }) = config.encoder else { return Ok(x) };
    let conv = Conv { padding: config.padding, ..depthwise(g.channels(x), kernel) };
    conv_norm(g / "encoder", ["conv", "norm"], x, conv, config.normalization(norm))
}

fn head(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    let Config { classes, padding, head_kernel, .. } = *config;
    let x = match config.output {
        Output::EverySample => {
            segmentation(g, "projection_out", x, classes, Conv { padding, ..Conv::new(0, head_kernel) })?
        }
        Output::Last => classifier(g, "linear", g.select("select", x, TimeStep::Last)?, classes, 0.0)?,
        Output::Middle => classifier(g, "linear", g.select("select", x, TimeStep::Middle)?, classes, 0.0)?,
        Output::Mean => classifier(g, "linear", x, classes, 0.0)?,
    };
    output_activation(g, "output_act", x, config.output_activation)
}

impl Config {
    /// The equivalent network for series, given a network for images of height 1 (the Keras packages treat
    /// series as such images): only the widths of kernels and dilations are kept.
    #[must_use]
    pub fn of_series(&self) -> Self {
        let width = |extent: Extent| Extent::All(extent.at(1));
        let of_series =
            |block: &Block| Block { kernel: width(block.kernel), dilation: width(block.dilation), ..*block };
        Self {
            encoder: self.encoder.map(|encoder| Encoder { kernel: width(encoder.kernel), ..encoder }),
            blocks: self.blocks.iter().map(of_series).collect(),
            head_kernel: width(self.head_kernel),
            ..self.clone()
        }
    }

    /// Returns the blocks in the order of computation: stack after stack, with each residual block repeated
    /// `depth` times.
    pub fn sequence(&self) -> impl Iterator<Item = &Block> {
        let times = |block: &Block| if block.kind == Kind::Residual { block.depth } else { 1 };
        let stack = move || self.blocks.iter().flat_map(move |block| (0..times(block)).map(move |_| block));
        (0..self.stacks).flat_map(move |_| stack())
    }

    pub(crate) fn normalization(&self, kind: Norm) -> Normalization {
        Normalization { kind, eps: self.norm_eps, momentum: self.norm_momentum }
    }

    /// Returns `conv` with the kernel and dilation of `block` and the padding of this config.
    pub fn dilated(&self, block: &Block, conv: Conv) -> Conv {
        Conv { kernel: block.kernel, dilation: block.dilation, padding: self.padding, ..conv }
    }

    pub(crate) fn dropout(
        &self,
        g: Scope<'_>,
        name: &str,
        x: Value,
        block: &Block,
    ) -> Result<Value, BuildError> {
        let unit = if self.channel_dropout { DropUnit::Channel } else { DropUnit::Element };
        dropout(g, name, x, block.dropout, unit)
    }
}

impl Block {
    /// A block with batch norm and ReLU6, one repetition, one branch and no options.
    pub fn new(kind: Kind, channels: usize, kernel: impl Into<Extent>, dilation: impl Into<Extent>) -> Self {
        Self {
            kind,
            channels,
            depth: 1,
            kernel: kernel.into(),
            dilation: dilation.into(),
            branches: 1,
            expand_ratio: 1.0,
            se_divisor: None,
            gate: false,
            weight_norm: false,
            norm: Norm::Batch,
            activation: Some(Activation::Relu6),
            dropout: 0.0,
        }
    }
}

fn one() -> usize {
    1
}

fn unit() -> Extent {
    1.into()
}

fn three() -> Extent {
    3.into()
}

fn no_expansion() -> f64 {
    1.0
}

fn relu6() -> Option<Activation> {
    Some(Activation::Relu6)
}

impl Architecture for Config {
    const NAME: &'static str = "tcn";
    const PRESETS: Presets<Self> = PRESETS;

    fn default_input() -> Shape {
        [6, 100].into()
    }

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
