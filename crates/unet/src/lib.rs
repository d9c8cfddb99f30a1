//! U-Net for images and series of any size.
//!
//! Begin with a preset of [`Config`]. [`graph()`] builds the network as a graph, and `net` builds it on libtorch:
//!
//! ```
//! use unet::Config;
//! let image = unet::graph(&Config::unet(), [3, 64, 64])?;
//! assert_eq!(image.cost()?.trainable, 31_037_698);
//! let series = unet::graph(&Config { classes: Some(5), ..Config::micro() }, [1, 101])?;
//! assert_eq!(*series.output_shape(), [5, 101].into());
//! # Ok::<(), graph::BuildError>(())
//! ```
#![cfg_attr(any(feature = "torch", not(doctest)), doc = include_str!("../README.md"))]

mod plain;
mod presets;
mod residual;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Pool, Scope, Shape, Value};
use layers::{
    Architecture, DecoderLevel, Factorization, Norm, Normalization, OutputActivation, Pooling, Presets, Skip,
    Upsample,
};
use layers::{
    Factorized, LevelPool, LevelUpsample, decoder_levels, factorized, feature_outputs, output_activation,
    pool, segmentation,
};
use serde::{Deserialize, Serialize};

pub use ::{graph, layers};
#[cfg(feature = "torch")]
pub use ::torch;

pub use presets::PRESETS;

/// U-Net hyperparameters.
///
/// ```
/// use layers::Upsample;
/// use unet::Config;
/// let tumors = Config { classes: Some(4), upsample: Upsample::Linear, ..Config::unet() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default = "Config::unet")]
pub struct Config {
    /// Number of classes at each position. If `None`, the model outputs the finest features.
    pub classes: Option<usize>,
    /// Kind of block, and position of the bottom.
    pub kind: Kind,
    /// Levels, from fine to coarse. The encoder and the decoder have a block for each, except that in a plain
    /// network, the last level is the bottom and has no decoder block.
    pub blocks: Vec<Block>,
    /// Downsampling to the next coarser level.
    pub pooling: Pooling,
    /// Upsampling to the next finer level.
    pub upsample: Upsample,
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

/// The kind of block, and the position of the bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Plain convolutions; the last block is the bottom (Figure 1 of the paper).
    #[default]
    Plain,
    /// The U-Net of SleepKit and helia-edge: convolutions with a 1×1 shortcut around them. The last block is
    /// followed by a pool, too. Each level of the decoder consists of convolutions, upsampling, a 1×1
    /// convolution that merges the encoder's features, and a final convolution with a shortcut.
    Residual,
}

/// A level of the encoder and of the decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Channels.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub channels: usize,
    /// Output channels of the decoder's block. By default, `channels`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub decoder_channels: Option<usize>,
    /// Number of convolutions in the encoder.
    #[serde(default = "two")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub depth: usize,
    /// Number of convolutions in the decoder. By default, `depth`. (In a residual network, this is the number
    /// before the upsampling.)
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = layers::fields::MAX_BLOCKS)))]
    pub decoder_depth: Option<usize>,
    /// Kernel of the convolutions.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Factorization of the convolutions.
    #[serde(default)]
    pub factorization: Factorization,
    /// Growth factor of the dilation in the encoder: the first convolution has a dilation of 1, and each
    /// further one has this factor times that of the previous one.
    #[serde(default = "one")]
    pub dilation: Extent,
    /// Dilation of the convolutions in the decoder, except the last one of a residual block. In SleepKit's
    /// models, this is, at every level, the dilation of the encoder's last convolution.
    #[serde(default = "one")]
    pub decoder_dilation: Extent,
    /// Pooling window between this level and the next coarser one.
    #[serde(default = "pair")]
    pub pool: Extent,
    /// Stride of that pooling, and the factor by which the decoder upsamples back to this level.
    #[serde(default = "pair")]
    pub stride: Extent,
    /// Skip connection, by which this level's features join the decoder.
    #[serde(default)]
    pub skip: Skip,
    /// Probability of the element-wise dropout after the encoder's convolutions.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub dropout: f64,
    /// Norm after each convolution.
    #[serde(default)]
    pub norm: Norm,
    /// Activation after each convolution.
    #[serde(default = "relu")]
    pub activation: Activation,
}

impl Block {
    /// Returns the dilation of the encoder's convolution `n`: `dilation` to the power of `n`.
    pub fn dilation_at(&self, n: usize) -> Extent {
        let mut dilation = one();
        for _ in 0..n {
            dilation = dilation.times(self.dilation);
        }
        dilation
    }

    /// A level of two 3×3 convolutions with batch norm and ReLU, pooling by 2 and a concatenated skip.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            decoder_channels: None,
            depth: 2,
            decoder_depth: None,
            kernel: three(),
            factorization: Factorization::Plain,
            dilation: one(),
            decoder_dilation: one(),
            pool: pair(),
            stride: pair(),
            skip: Skip::Concat,
            dropout: 0.0,
            norm: Norm::Batch,
            activation: Activation::Relu,
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
        Kind::Plain => plain::features(g, x, config),
        Kind::Residual => residual::features(g, x, config),
    }
}

/// Adds the decoder for the features of any encoder and returns `[N, C, …]` of the size of the first
/// features. The features are ordered from fine to coarse, one for each block.
///
/// The stride of a block is the ratio of its level's size to that of the next coarser level; sizes need not
/// be divisible. The first "features" may be the input itself, with [`Skip::None`]: only its size is used
/// then, so the output has the input's size.
///
/// ```
/// use graph::Graph;
/// use layers::Skip;
/// use unet::{Block, Config};
/// // Three levels below the image, decoded with 8, 16 and 32 channels.
/// let blocks = vec![Block::new(16), Block::new(32), Block::new(64)];
/// let encoder = Config { blocks: blocks.clone(), ..Config::unet() };
/// let first = Block { skip: Skip::None, ..Block::new(8) };
/// let config = Config { blocks: [vec![first], blocks].concat(), ..Config::unet() };
/// let graph = Graph::build(|g| {
///     let image = g.input("image", [3, 50, 70])?;
///     let small = g.max_pool("stem", image, config.pool(&config.blocks[0]))?;
///     let levels = unet::features(g / "encoder", small, &encoder)?;
///     let y = unet::decoder(g, &[&[image], levels.as_slice()].concat(), &config)?;
///     g.output("logits", unet::head(g, y, &config)?)
/// })?;
/// assert_eq!(*graph.output_shape(), [2, 50, 70].into());
/// # Ok::<(), graph::BuildError>(())
/// ```
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
        Kind::Plain => plain::decoder(g, features, config),
        Kind::Residual => residual::decoder(g, features, config),
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
            let Block { kernel, dilation, decoder_dilation, pool, stride, .. } = block;
            for extent in [kernel, dilation, decoder_dilation, pool, stride] {
                *extent = flat(*extent);
            }
        }
        config
    }

    /// Returns the pooling window between the level of `block` and the next coarser one.
    pub fn pool(&self, block: &Block) -> Pool {
        Pool { kernel: block.pool, stride: block.stride, padding: self.padding }
    }

    fn level_upsample(&self, block: &Block) -> LevelUpsample {
        LevelUpsample { upsample: self.upsample, stride: block.stride, channels: block.channels }
    }

    fn normalization(&self, block: &Block) -> Normalization {
        Normalization { kind: block.norm, eps: self.norm_eps, momentum: self.norm_momentum }
    }

    /// Returns a convolution with the block's kernel and the config's padding.
    pub fn conv(&self, block: &Block, out: usize, dilation: Extent) -> Conv {
        Conv { dilation, padding: self.padding, ..Conv::new(out, block.kernel) }
    }
}

/// Adds a convolution of `block` with its norm and activation.
fn conv_block(
    g: Scope<'_>,
    names: [&str; 3],
    x: Value,
    config: &Config,
    block: &Block,
    conv: Conv,
) -> Result<Value, BuildError> {
    let options = Factorized {
        conv,
        factorization: block.factorization,
        norm: config.normalization(block),
        activation: Some(block.activation),
    };
    factorized(g, names, x, options)
}

/// Downsamples from the level of `block` to the next coarser one.
fn pool_level(
    g: Scope<'_>,
    name: &str,
    x: Value,
    config: &Config,
    block: &Block,
) -> Result<Value, BuildError> {
    let norm = config.normalization(block);
    pool(g, name, x, LevelPool { pooling: config.pooling, window: config.pool(block), norm })
}

fn one() -> Extent {
    1.into()
}

fn two() -> usize {
    2
}

fn pair() -> Extent {
    2.into()
}

fn three() -> Extent {
    3.into()
}

fn relu() -> Activation {
    Activation::Relu
}

impl Architecture for Config {
    const NAME: &'static str = "unet";
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
        blocks.first_mut()?.skip = Skip::None;
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
