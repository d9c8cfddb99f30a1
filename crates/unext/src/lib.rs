//! U-NeXt, a U-Net of MBConv blocks with squeeze-excite, for images and series of any size.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use unext::Config;
//! let series = unext::graph(&Config { classes: Some(5), ..Config::micro() }, [1, 101])?;
//! assert_eq!(*series.output_shape(), [5, 101].into());
//! let image = unext::graph(&Config::micro(), [3, 50, 70])?;
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod mbconv;
mod origin;
mod presets;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Pool, Scope, Shape, Value};
use layers::{
    Architecture, DecoderLevel, Norm, Normalization, OutputActivation, Pooling, Presets, Skip, Upsample,
};
use layers::{
    LevelPool, LevelUpsample, decoder_levels, feature_outputs, output_activation, pool, segmentation,
};
use serde::{Deserialize, Serialize};

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;

pub use presets::PRESETS;

/// U-NeXt hyperparameters.
///
/// ```
/// use layers::Pooling;
/// use unext::Config;
/// let learned = Config { classes: Some(4), pooling: Pooling::Stride, ..Config::micro() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::small")]
pub struct Config {
    /// Number of classes at each position. If `None`, the model outputs the finest features.
    pub classes: Option<usize>,
    /// Kind of block.
    pub kind: Kind,
    /// Levels, from fine to coarse. For `mbconv`, the last level is the bottom and has no decoder blocks; for
    /// the other kinds, the encoder and the decoder have blocks at every level.
    pub blocks: Vec<Block>,
    /// Downsampling to the next coarser level.
    pub pooling: Pooling,
    /// Upsampling to the next finer level.
    pub upsample: Upsample,
    /// Skip connections of the levels with `skip: true`.
    pub skip: Skip,
    /// Activation of MBConv blocks and of their squeeze-excite.
    pub activation: Activation,
    /// Epsilon that is added to variances.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub norm_eps: f64,
    /// Weight of the current batch in a batch norm's running statistics (PyTorch's convention).
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub norm_momentum: f64,
    /// Padding of convolutions and pooling: `symmetric` as in PyTorch, `same` as in Keras, or `causal`.
    pub padding: Padding,
    /// Kernel of the head's convolution.
    pub head_kernel: Extent,
    /// Activation of the logits. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
    /// Whether to output the encoder's features as well, as `stage1`, `stage2`, ….
    pub features: bool,
}

/// The kind of block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// EfficientNetV2's MBConv: expansion, depthwise, squeeze-excite, projection, with a norm after each
    /// convolution. The network begins with a stem.
    #[default]
    #[serde(rename = "mbconv")]
    MBConv,
    /// helia-edge's block: depthwise with a norm, a depthwise expansion with an activation, squeeze-excite,
    /// and a projection with no norm. If the expansion ratio is 1, the expansion and its activation are
    /// omitted.
    HeliaEdge,
    /// SleepKit's block (version 0.3.0): depthwise, squeeze-excite and projection. There are no norms,
    /// because SleepKit's code discards the output of those it builds.
    #[serde(rename = "sleepkit")]
    SleepKit,
}

/// A level of the encoder and of the decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Number of blocks in the encoder.
    #[serde(default = "one_block")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub depth: usize,
    /// Number of blocks in the decoder. By default, `depth`. (For `helia_edge` and `sleepkit`, this is the
    /// number before the upsampling, which is followed by one more.)
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub decoder_depth: Option<usize>,
    /// Kernel of the depthwise convolutions.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Expanded width as a multiple of a block's input channels.
    #[serde(default = "four")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub expand_ratio: f64,
    /// Divisor of the channels that gives the width of squeeze-excite: for `mbconv`, it divides a block's
    /// input channels; otherwise, the channels that are squeezed. If `None`, there is no squeeze-excite.
    #[serde(default = "quarter")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub se_divisor: Option<f64>,
    /// Pooling window between this level and the next coarser one. For `helia_edge`, it is also the kernel of
    /// the convolution before the upsampling.
    #[serde(default = "pair")]
    pub pool: Extent,
    /// Stride of that pooling, and the factor by which the decoder upsamples back to this level.
    #[serde(default = "pair")]
    pub stride: Extent,
    /// Whether this level has a skip connection.
    #[serde(default = "yes")]
    pub skip: bool,
    /// Dropout probability of a block's residual branch. For `mbconv`, it drops the branch of whole samples
    /// (stochastic depth); for the other kinds, single elements.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
    /// Norm of the convolutions. Must be `none` for `sleepkit`.
    #[serde(default)]
    pub norm: Norm,
    /// Whether convolutions have a bias; applies only to `sleepkit`. Set it to `false` where SleepKit discards
    /// a norm. For the other kinds, convolutions have a bias if there is no norm.
    #[serde(default = "yes")]
    pub bias: bool,
}

impl Block {
    /// A level of one block with kernel 3, an expansion ratio of 4 and a squeeze-excite divisor of 4, and
    /// pooling by 2.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            depth: 1,
            decoder_depth: None,
            kernel: three(),
            expand_ratio: four(),
            se_divisor: quarter(),
            pool: pair(),
            stride: pair(),
            skip: true,
            dropout: 0.0,
            norm: Norm::Batch,
            bias: true,
        }
    }
}

/// Builds the network for an input of this shape: `[C, T]` for a series, `[C, H, W]` for an image.
///
/// The main output has the input's size. It is called `logits`, `[N, classes, …]`, or `features` if
/// `classes` is `None`.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn graph(config: &Config, input: impl Into<Shape>) -> Result<Graph, BuildError> {
    config.validate()?;
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let levels = features(g, x, config)?;
        let y = decoder(g, &levels, config)?;
        let y = head(g, y, config)?;
        g.output(if config.classes.is_some() { "logits" } else { "features" }, y)?;
        if config.features {
            feature_outputs(g, &levels, false)?;
        }
        Ok(())
    })
}

/// Adds the encoder and returns the features of each level, from fine to coarse.
///
/// # Errors
/// Returns an error that names the offending config field or node.
pub fn features(g: Scope<'_>, x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    config.validate()?;
    match config.kind {
        Kind::MBConv => mbconv::features(g, x, config),
        Kind::HeliaEdge | Kind::SleepKit => origin::features(g, x, config),
    }
}

/// Adds the decoder for the features of any encoder and returns `[N, C, …]` of the size of the first
/// features. The features are ordered from fine to coarse, one for each block. If a block has no skip
/// connection, only the size of its features is used.
///
/// # Errors
/// If the number of features differs from the number of blocks. Otherwise, returns an error that names the
/// offending config field or node.
pub fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    config.validate()?;
    let (blocks, levels) = (config.blocks.len(), features.len());
    if blocks != levels {
        let expected = format!("{levels} blocks, one for each level of features");
        return Err(FieldError::expected("blocks", expected, blocks).into());
    }
    match config.kind {
        Kind::MBConv => mbconv::decoder(g, features, config),
        Kind::HeliaEdge | Kind::SleepKit => origin::decoder(g, features, config),
    }
}

/// Adds the head, `outc.conv`: `[N, C, …]` to `[N, classes, …]`. Returns `x` unchanged if `classes` is
/// `None`.
///
/// # Errors
/// Returns an error that names the offending node.
pub fn head(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    let g = g / "outc";
    let conv = Conv { padding: config.padding, ..Conv::new(1, config.head_kernel) };
    if config.classes.is_none() {
        return Ok(x);
    }
    let x = segmentation(g, "conv", x, config.classes, conv)?;
    output_activation(g, "act", x, config.output_activation)
}

impl Config {
    /// The equivalent network for series, given a network for images of height 1 (the Keras packages treat
    /// series as such images): only the widths of kernels, strides and windows are kept.
    #[must_use]
    pub fn of_series(&self) -> Self {
        let flat = |extent: Extent| Extent::All(extent.at(1));
        let mut config = self.clone();
        config.head_kernel = flat(config.head_kernel);
        for block in &mut config.blocks {
            for extent in [&mut block.kernel, &mut block.pool, &mut block.stride] {
                *extent = flat(*extent);
            }
        }
        config
    }

    /// Returns the options for upsampling from the next coarser level to that of `block`.
    fn level_upsample(&self, block: &Block) -> LevelUpsample {
        LevelUpsample { upsample: self.upsample, stride: block.stride, channels: block.channels }
    }

    fn normalization(&self, block: &Block) -> Normalization {
        Normalization { kind: block.norm, eps: self.norm_eps, momentum: self.norm_momentum }
    }

    /// Returns the skip connection of `block`.
    fn skip(&self, block: &Block) -> Skip {
        if block.skip { self.skip } else { Skip::None }
    }
}

impl Block {
    /// Returns the number of blocks in the decoder (for `helia_edge` and `sleepkit`, those before the
    /// upsampling).
    pub fn blocks_up(&self) -> usize {
        self.decoder_depth.unwrap_or(self.depth)
    }
}

/// Downsamples from the level of `block` to the next coarser one.
fn pool_level(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let window = Pool { kernel: block.pool, stride: block.stride, padding: config.padding };
    let norm = config.normalization(block);
    pool(g, "pool", x, LevelPool { pooling: config.pooling, window, norm })
}

fn one_block() -> usize {
    1
}

fn three() -> Extent {
    3.into()
}

fn pair() -> Extent {
    2.into()
}

fn four() -> f64 {
    4.0
}

fn quarter() -> Option<f64> {
    Some(4.0)
}

fn yes() -> bool {
    true
}

impl Architecture for Config {
    const NAME: &'static str = "unext";
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

    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>> {
        Some(decoder(g, features, self).and_then(|y| head(g, y, self)))
    }

    fn decoder_for(&self, features: &[Shape]) -> Option<Self> {
        let mut blocks = Vec::new();
        for DecoderLevel { channels, stride } in decoder_levels(features) {
            blocks.push(Block { pool: stride, stride, ..Block::new(channels) });
        }
        // The first features are the input itself.
        blocks.first_mut()?.skip = false;
        Some(Self { blocks, ..self.clone() })
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
