//! U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger et al. 2015,
//! arXiv 1505.04597), for images and, with the same names, for series.
//!
//! Departs from the paper as today's implementations do: convolutions are padded, so that the
//! output is as large as the input, and batch norm (Ioffe and Szegedy 2015, arXiv 1502.03167)
//! follows each. Any size is taken that leaves the lowest level something, also one that the
//! strides do not divide: the decoder pads or crops what comes up to the size of the features it
//! meets. (With `padding: same` pooling rounds up, and so any size at all.)
//!
//! [`Kind::Residual`] is SleepKit's and helia-edge's network, with a projected shortcut around
//! each block. A decoder is a function of feature values ([`decoder`]), so that any network that
//! has `features` serves as encoder. Parameter names are `inc`, `down1` …, `up1` …, `outc` as in
//! the widespread PyTorch implementation.
//!
//! ```
//! use unet::Config;
//! let image = unet::graph(&Config::unet(), [3, 64, 64])?;
//! assert_eq!(image.cost()?.trainable, 31_037_698);
//! let series = unet::graph(&Config { classes: Some(5), ..Config::micro() }, [1, 101])?;
//! assert_eq!(series.node(series.main_output().value).shape, [5, 101].into());
//! # Ok::<(), graph::BuildError>(())
//! ```

mod plain;
mod presets;
mod residual;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Pool, Scope, Shape, Value};
use layers::{Architecture, Factorization, Norm, Normalization, OutputActivation, Pooling, Skip, Upsample};
use layers::{
    Factorized, LevelPool, LevelUpsample, factorized, feature_outputs, output_activation, pool, segmentation,
};
use serde::{Deserialize, Serialize};

pub use presets::PRESETS;

/// What a U-Net is made of.
///
/// ```
/// use layers::Upsample;
/// use unet::Config;
/// let tumours = Config { classes: Some(4), upsample: Upsample::Linear, ..Config::unet() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Classes of each position; without, the output is the finest features.
    pub classes: Option<usize>,
    /// What a block is, and where the lowest one stands.
    pub kind: Kind,
    /// The levels, from fine to coarse. Encoder and decoder have a block for each; of a plain
    /// network the last is the bottom, and the decoder has none for it.
    pub blocks: Vec<Block>,
    /// How a level is reached from the one above.
    pub pooling: Pooling,
    /// How a level is reached from the one below.
    pub upsample: Upsample,
    /// Added to variances.
    pub norm_eps: f64,
    /// Weight of a new batch in a batch norm's running statistics (torch's convention).
    pub norm_momentum: f64,
    /// Padding of convolutions and pooling: `symmetric` as torch, `same` as Keras, or `causal`.
    pub padding: Padding,
    /// Kernel of the last convolution, that of the classes.
    pub head_kernel: Extent,
    /// What is done to the logits.
    pub output_activation: Option<OutputActivation>,
    /// Whether the encoder's features are outputs as well: `stage1`, ….
    pub features: bool,
}

/// What a block is, and where the lowest one stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Convolutions one after the other; the last block is the bottom (the paper's Figure 1).
    #[default]
    Plain,
    /// Convolutions with a 1×1 shortcut around them. The last block is pooled as well, and on the
    /// way up a block comes before the upsampling, a 1×1 convolution takes in the skipped features,
    /// and a last convolution has the shortcut: SleepKit's and helia-edge's U-Net.
    Residual,
}

/// A level of the encoder, and of the decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Channels.
    pub channels: usize,
    /// Channels that the decoder's block puts out, where they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoder_channels: Option<usize>,
    /// Convolutions on the way down.
    #[serde(default = "two")]
    pub depth: usize,
    /// Convolutions on the way up, where they are not as many. (Of a residual block those before
    /// the upsampling.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoder_depth: Option<usize>,
    /// Kernel of the convolutions.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Whether the convolutions are factorized.
    #[serde(default)]
    pub factorization: Factorization,
    /// What dilation grows by: the first convolution on the way down has 1, each next this times
    /// as much.
    #[serde(default = "one")]
    pub dilation: Extent,
    /// Dilation of all convolutions on the way up; a residual block's last one has none. SleepKit's
    /// models have that of the last convolution on the way down, at every level.
    #[serde(default = "one")]
    pub decoder_dilation: Extent,
    /// Window of the pooling to the next level.
    #[serde(default = "pair")]
    pub pool: Extent,
    /// Stride of the pooling to the next level, and factor of the upsampling back.
    #[serde(default = "pair")]
    pub stride: Extent,
    /// How this level's features join the decoder.
    #[serde(default)]
    pub skip: Skip,
    /// Dropout of elements after the convolutions on the way down.
    #[serde(default)]
    pub dropout: f64,
    /// Norm after each convolution.
    #[serde(default)]
    pub norm: Norm,
    /// Activation after each convolution.
    #[serde(default = "relu")]
    pub activation: Activation,
}

impl Block {
    /// Dilation of the encoder's convolution `n`: `dilation` to the power of `n`.
    pub fn dilation_at(&self, n: usize) -> Extent {
        (0..n).fold(one(), |product, _| product.times(self.dilation))
    }

    /// Two 3×3 convolutions with batch norm and ReLU, pooling by 2, the skip concatenated.
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

/// The network of `config` for an input of this shape: `[C, T]` for a series, `[C, H, W]` for an
/// image. The main output is `logits`, `[N, classes, …]` of the input's size, or `features`
/// without classes.
///
/// # Errors
/// Names the field, or the node, that is at fault.
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

/// The encoder: the features of each level, from fine to coarse.
///
/// # Errors
/// Names the field, or the node, that is at fault.
pub fn features(g: Scope<'_>, x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    config.validate()?;
    match config.kind {
        Kind::Plain => plain::features(g, x, config),
        Kind::Residual => residual::features(g, x, config),
    }
}

/// The decoder of any encoder's features, from fine to coarse, one for each block: `[N, C, …]` of
/// the first one's size.
///
/// Blocks say by what stride each level is coarser than the one above; sizes need not be
/// divisible. A first "feature" may be the input itself, with [`Skip::None`]: only its size
/// counts then, so that the output gets it.
///
/// ```
/// use graph::Graph;
/// use layers::Skip;
/// use unet::{Block, Config};
/// // Three levels below the image, decoded with 8, 16 and 32 channels.
/// let blocks = vec![Block { skip: Skip::None, ..Block::new(8) }, Block::new(16), Block::new(32), Block::new(64)];
/// let config = Config { blocks, ..Config::unet() };
/// let encoder = Config { blocks: vec![Block::new(16), Block::new(32), Block::new(64)], ..Config::unet() };
/// let graph = Graph::build(|g| {
///     let image = g.input("image", [3, 50, 70])?;
///     let small = g.max_pool("stem", image, config.pool(&config.blocks[0]))?;
///     let levels = unet::features(g / "encoder", small, &encoder)?;
///     let y = unet::decoder(g, &[&[image], levels.as_slice()].concat(), &config)?;
///     g.output("logits", unet::head(g, y, &config)?)
/// })?;
/// assert_eq!(graph.node(graph.main_output().value).shape, [2, 50, 70].into());
/// # Ok::<(), graph::BuildError>(())
/// ```
///
/// # Errors
/// As many features as blocks are needed; else names the field, or the node, that is at fault.
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

/// The classes of each position, `outc.conv`: `[N, C, …]` to `[N, classes, …]`, or `x` itself
/// without classes.
///
/// # Errors
/// Names the node at fault.
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
    /// The same network for a series where kernels, strides and windows are of an image of height
    /// 1, as the origin runs it: `[h, w]` becomes `w`.
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

    /// The pooling from `block` to the next level.
    pub fn pool(&self, block: &Block) -> Pool {
        Pool { kernel: block.pool, stride: block.stride, padding: self.padding }
    }

    fn level_upsample(&self, block: &Block) -> LevelUpsample {
        LevelUpsample { upsample: self.upsample, stride: block.stride, channels: block.channels }
    }

    fn normalization(&self, block: &Block) -> Normalization {
        Normalization { kind: block.norm, eps: self.norm_eps, momentum: self.norm_momentum }
    }

    /// A convolution of a block's kernel with the config's padding.
    pub fn conv(&self, block: &Block, out: usize, dilation: Extent) -> Conv {
        Conv { dilation, padding: self.padding, ..Conv::new(out, block.kernel) }
    }
}

/// A convolution of `block` with its norm and activation.
fn convolved(
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

/// The level below `block`.
fn below(g: Scope<'_>, name: &str, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
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

    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>> {
        Some(decoder(g, features, self).and_then(|y| head(g, y, self)))
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
