//! U-NeXt: a U-Net (Ronneberger et al. 2015, arXiv 1505.04597) whose blocks are MBConv with
//! squeeze-excite (Tan and Le 2021, arXiv 2104.00298), for images and series.
//!
//! It is SleepKit's and helia-edge's own and has no paper. It is not the MLP-based UNeXt of
//! medical imaging (Valanarasu and Patel 2022, arXiv 2203.04967), which only shares its name.
//! Their code departs from their text, and from each other: [`Kind::MBConv`] is what the text
//! describes, [`Kind::HeliaEdge`] and [`Kind::SleepKit`] are what the two packages compute, for
//! weights that exist. Any size is taken, also one that the strides do not divide: the decoder
//! pads or crops what comes up to the size of the features it meets. Names in a block of
//! [`Kind::MBConv`] are timm's.
//!
//! ```
//! use unext::Config;
//! let series = unext::graph(&Config { classes: Some(5), ..Config::micro() }, [1, 101])?;
//! assert_eq!(series.node(series.main_output().value).shape, [5, 101].into());
//! let image = unext::graph(&Config::micro(), [3, 50, 70])?;
//! # Ok::<(), graph::BuildError>(())
//! ```

mod mbconv;
mod origin;
mod presets;
mod validate;

use graph::{Activation, BuildError, Conv, Extent, FieldError, Graph, Padding, Pool, Scope, Shape, Value};
use layers::{Architecture, Norm, Normalization, OutputActivation, Pooling, Skip, Upsample};
use layers::{LevelPool, LevelUpsample, feature_outputs, output_activation, pool, segmentation};
use serde::{Deserialize, Serialize};

pub use presets::PRESETS;

/// What a U-NeXt is made of.
///
/// ```
/// use layers::Pooling;
/// use unext::Config;
/// let learned = Config { classes: Some(4), pooling: Pooling::Stride, ..Config::micro() };
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Classes of each position; without, the output is the finest features.
    pub classes: Option<usize>,
    /// What a block computes.
    pub kind: Kind,
    /// The levels, from fine to coarse. Of MBConv the last is the bottom; else encoder and decoder
    /// have blocks for each.
    pub blocks: Vec<Block>,
    /// How a level is reached from the one above.
    pub pooling: Pooling,
    /// How a level is reached from the one below.
    pub upsample: Upsample,
    /// How a level's features join the decoder, where its block has a skip.
    pub skip: Skip,
    /// Activation of MBConv and of its squeeze-excite.
    pub activation: Activation,
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

/// What a block computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Expand, depthwise, squeeze-excite, project, each convolution with its norm: EfficientNetV2's
    /// MBConv, behind a stem.
    #[default]
    #[serde(rename = "mbconv")]
    MBConv,
    /// helia-edge's block: depthwise with norm, an expansion of each channel by itself,
    /// squeeze-excite, project without norm. Without an expansion it has no activation but
    /// squeeze-excite's.
    HeliaEdge,
    /// SleepKit's block (version 0.3.0): depthwise, squeeze-excite, project, and no norm anywhere,
    /// for those that its parameters name are made and discarded.
    #[serde(rename = "sleepkit")]
    SleepKit,
}

/// A level of the encoder, and of the decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Channels.
    pub channels: usize,
    /// Blocks on the way down.
    #[serde(default = "one_block")]
    pub depth: usize,
    /// Blocks on the way up, where they are not as many. (Of the packages' kinds those before the
    /// upsampling; one more follows it.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoder_depth: Option<usize>,
    /// Kernel of the depthwise convolutions.
    #[serde(default = "three")]
    pub kernel: Extent,
    /// Expanded width as a multiple of a block's input channels.
    #[serde(default = "four")]
    pub expand_ratio: f64,
    /// Squeezed width as a divisor: of a block's input channels for MBConv, else of those that are
    /// squeezed. `null` for no squeeze-excite.
    #[serde(default = "quarter")]
    pub se_divisor: Option<f64>,
    /// Window of the pooling to the next level; helia-edge's kernel before the upsampling too.
    #[serde(default = "pair")]
    pub pool: Extent,
    /// Stride of the pooling to the next level, and factor of the upsampling back.
    #[serde(default = "pair")]
    pub stride: Extent,
    /// Whether this level's features join the decoder.
    #[serde(default = "yes")]
    pub skip: bool,
    /// Probability to drop a block's residual branch: for whole samples in MBConv (stochastic
    /// depth), element by element in the packages' kinds.
    #[serde(default)]
    pub dropout: f64,
    /// Norm of convolutions; SleepKit's kind has none.
    #[serde(default)]
    pub norm: Norm,
    /// Whether a convolution of SleepKit's kind has a bias: it has not where a norm was discarded.
    /// The other kinds' have one where no norm is asked for.
    #[serde(default = "yes")]
    pub bias: bool,
}

impl Block {
    /// One block with kernel 3, an expansion of 4 and squeeze-excite of a quarter, pooling by 2.
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
        Kind::MBConv => mbconv::features(g, x, config),
        Kind::HeliaEdge | Kind::SleepKit => origin::features(g, x, config),
    }
}

/// The decoder of any encoder's features, from fine to coarse, one for each block: `[N, C, …]` of
/// the first one's size. A level whose block has no skip gives its size only.
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
        Kind::MBConv => mbconv::decoder(g, features, config),
        Kind::HeliaEdge | Kind::SleepKit => origin::decoder(g, features, config),
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
    /// 1, as the packages run it: `[h, w]` becomes `w`.
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

    /// The upsampling from the next level to `block`.
    fn level_upsample(&self, block: &Block) -> LevelUpsample {
        LevelUpsample { upsample: self.upsample, stride: block.stride, channels: block.channels }
    }

    fn normalization(&self, block: &Block) -> Normalization {
        Normalization { kind: block.norm, eps: self.norm_eps, momentum: self.norm_momentum }
    }

    /// How `block`'s features join the decoder.
    fn skip(&self, block: &Block) -> Skip {
        if block.skip { self.skip } else { Skip::None }
    }
}

impl Block {
    /// Number of blocks of the decoder's level before the last one.
    pub fn blocks_up(&self) -> usize {
        self.decoder_depth.unwrap_or(self.depth)
    }
}

/// The level below `block`: `pool` in its scope.
fn below(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
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
