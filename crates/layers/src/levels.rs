//! Steps between the levels of a U-Net (Ronneberger et al. 2015, arXiv 1505.04597): down, up and
//! across. Sizes need not be divisible by the strides, because the way up ends with a
//! [`crop_or_pad`](Scope::crop_or_pad).

use graph::{BuildError, Conv, ConvTranspose, Extent, Pool, Scope, UpsampleMode, Value};
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
    /// A convolution with the kernel and stride of the window, and a norm.
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
    /// Linear interpolation; bilinear for images.
    Linear,
    /// Linear interpolation with aligned corners.
    LinearAligned,
    /// A transposed convolution with a bias, whose kernel is the stride.
    Transposed,
}

/// The skip connection of a level: how its features join the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Concatenated.
    #[default]
    Concat,
    /// Added.
    Add,
    /// Not joined; only their size is used.
    None,
}

/// Options of [`pool`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelPool {
    /// The kind of downsampling.
    pub pooling: Pooling,
    /// Kernel, stride and padding.
    pub window: Pool,
    /// The norm after a strided convolution.
    pub norm: Normalization,
}

/// Options of [`upsample`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelUpsample {
    /// The kind of upsampling.
    pub upsample: Upsample,
    /// The factor.
    pub stride: Extent,
    /// Output channels of a transposed convolution.
    pub channels: usize,
}

/// The next coarser level, called `name` (for [`Pooling::Stride`] `name.conv, name.norm`): `[N, C, …]`
/// to `[N, C, …]`.
///
/// # Errors
/// Those of the pool, the convolution and the norm.
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

/// `x` upsampled by the stride (`up`, unless the stride is 1), then cropped or padded to the size of
/// `like` (`crop_or_pad`): `[N, C, …]` to `[N, C, …]`, or for [`Upsample::Transposed`] to
/// `[N, channels, …]`.
///
/// # Errors
/// A stride of 0, or a result that is too large.
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

/// `x` with the features `skip` of its level: `concat`, the features first; or `add`, after a 1×1
/// convolution `reduce` if channels differ.
///
/// # Errors
/// Features of another size.
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
