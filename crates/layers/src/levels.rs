//! Connections between the levels of a U-Net (Ronneberger et al. 2015, arXiv 1505.04597): down, up and
//! across. Sizes need not be divisible by the strides, because upsampling ends with a
//! [`crop_or_pad`](Scope::crop_or_pad) to the size of the finer level.

use graph::{BuildError, Conv, ConvTranspose, Extent, Pool, Scope, Shape, UpsampleMode, Value};
use serde::{Deserialize, Serialize};

use crate::downsample::is_one;
use crate::{Normalization, conv_norm};

/// Downsampling from one level to the next coarser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Max pooling.
    #[default]
    Max,
    /// A convolution with the kernel and stride of the pooling window, followed by a norm.
    Stride,
}

/// Upsampling from one level to the next finer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Upsample {
    /// Nearest neighbor.
    #[default]
    Nearest,
    /// Linear interpolation (bilinear for images).
    Linear,
    /// Linear interpolation with aligned corners.
    LinearAligned,
    /// A transposed convolution with a bias, whose kernel equals its stride.
    Transposed,
}

/// The skip connection of a level, by which the encoder's features join the decoder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Concatenates the features.
    #[default]
    Concat,
    /// Adds the features.
    Add,
    /// No skip connection; only the size of the encoder's features is used.
    None,
}

/// Options of [`pool`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelPool {
    /// The kind of downsampling.
    pub pooling: Pooling,
    /// Kernel, stride and padding of the pooling window.
    pub window: Pool,
    /// The norm after a strided convolution.
    pub norm: Normalization,
}

/// Options of [`upsample`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelUpsample {
    /// The kind of upsampling.
    pub upsample: Upsample,
    /// The upsampling factor.
    pub stride: Extent,
    /// Output channels of a transposed convolution.
    pub channels: usize,
}

/// A level of a decoder that is not described further than by its encoder's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderLevel {
    /// Channels: 16 at the finest level and twice as many at each coarser one, but no more than the features have.
    pub channels: usize,
    /// The ratio of the level's size to that of the next coarser one, rounded up.
    pub stride: Extent,
}

/// Returns the levels of a decoder for features of these shapes, from fine to coarse, the first of which is the
/// input.
///
/// ```
/// use layers::decoder_levels;
/// let levels = decoder_levels(&[[3, 64].into(), [8, 32].into(), [96, 8].into()]);
/// let channels: Vec<usize> = levels.iter().map(|level| level.channels).collect();
/// assert_eq!(channels, [16, 8, 64]);
/// assert_eq!(levels[1].stride, 4.into());
/// ```
pub fn decoder_levels(features: &[Shape]) -> Vec<DecoderLevel> {
    /// Channels at the input, whose own number says nothing about the width of a decoder.
    const FINEST: usize = 16;
    let mut levels = Vec::new();
    let mut widest = FINEST;
    for (i, shape) in features.iter().enumerate() {
        let channels = if i == 0 { widest } else { widest.min(shape.channels) };
        let coarser = features.get(i + 1).unwrap_or(shape);
        let ratio = |axis: usize| match (shape.space.get(axis), coarser.space.get(axis)) {
            (Some(size), Some(coarser)) if *coarser > 0 => size.div_ceil(*coarser).max(1),
            _ => 1,
        };
        let stride = if shape.space.len() == 1 { ratio(0).into() } else { [ratio(0), ratio(1)].into() };
        levels.push(DecoderLevel { channels, stride });
        widest = widest.saturating_mul(2);
    }
    levels
}

/// Downsamples `x` to the next coarser level: `[N, C, …]` to `[N, C, …]`. The node is called `name`; for
/// [`Pooling::Stride`], the nodes are `name.conv` and `name.norm`.
///
/// # Errors
/// If the pool, the convolution or the norm is invalid.
pub fn pool(g: Scope<'_>, name: &str, x: Value, options: LevelPool) -> Result<Value, BuildError> {
    let Pool { kernel, stride, padding } = options.window;
    match options.pooling {
        Pooling::Max => g.max_pool(name, x, options.window),
        Pooling::Stride => {
            let conv = Conv { stride, padding, ..Conv::new(g.channels(x), kernel) };
            conv_norm(g / name, ["conv", "norm"], x, conv, options.norm)
        }
    }
}

/// Upsamples `x` by the stride (`up`, which is omitted for interpolation by a stride of 1), then crops or
/// pads it to the size of `like` (`crop_or_pad`): `[N, C, …]` to `[N, C, …]`, or to `[N, channels, …]` for
/// [`Upsample::Transposed`].
///
/// # Errors
/// If the stride is 0 or the result is too large.
pub fn upsample(g: Scope<'_>, x: Value, like: Value, options: LevelUpsample) -> Result<Value, BuildError> {
    let LevelUpsample { upsample, stride, channels } = options;
    let mode = match upsample {
        Upsample::Nearest => Some(UpsampleMode::Nearest),
        Upsample::Linear => Some(UpsampleMode::Linear { align_corners: false }),
        Upsample::LinearAligned => Some(UpsampleMode::Linear { align_corners: true }),
        Upsample::Transposed => None,
    };
    let up = match mode {
        Some(_) if is_one(g, x, stride) => x,
        Some(mode) => g.upsample("up", x, stride, mode)?,
        None => {
            let conv = ConvTranspose { bias: true, ..ConvTranspose::new(channels, stride, stride) };
            g.conv_transpose("up", x, conv)?
        }
    };
    g.crop_or_pad("crop_or_pad", up, like)
}

/// Joins `x` with the encoder's features `skip` of the same level. [`Skip::Concat`] concatenates them, the
/// encoder's features first (`concat`). [`Skip::Add`] adds them (`add`), after a 1×1 convolution of `x`
/// (`reduce`) if the channels differ.
///
/// # Errors
/// If the features differ in size.
pub fn join_skip(g: Scope<'_>, x: Value, skip: Value, kind: Skip) -> Result<Value, BuildError> {
    match kind {
        Skip::Concat => g.concat("concat", &[skip, x]),
        Skip::Add => {
            let channels = g.channels(skip);
            let x = if g.channels(x) == channels {
                x
            } else {
                g.conv("reduce", x, Conv { bias: true, ..Conv::new(channels, 1) })?
            };
            g.add("add", &[skip, x])
        }
        Skip::None => Ok(x),
    }
}
