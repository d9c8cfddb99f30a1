//! Between the levels of a U-Net (Ronneberger et al. 2015, arXiv 1505.04597): down, up and across.
//! Up never needs sizes that the strides divide: it ends with a [`crop_or_pad`](Scope::crop_or_pad).

use graph::{BuildError, Conv, ConvTranspose, Extent, Pool, Scope, UpsampleMode, Value};
use serde::{Deserialize, Serialize};

use crate::{Normalization, conv_norm};

/// How features get smaller from one level to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The largest element of each window.
    #[default]
    Max,
    /// A convolution with the window's size and stride, and a norm.
    Stride,
}

/// How features get larger from one level to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Upsample {
    /// Copies.
    #[default]
    Nearest,
    /// Linear interpolation, of images bilinear.
    Linear,
    /// As `linear`, first and last elements of input and output in the same places.
    LinearAligned,
    /// A transposed convolution whose kernel is the stride, with bias.
    Transposed,
}

/// How a level's features join what comes up from below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// As further channels.
    #[default]
    Concat,
    /// As a sum.
    Add,
    /// Not at all; only their size counts.
    None,
}

/// The next coarser level, called `name` (with [`Pooling::Stride`]: `name.conv, name.norm`):
/// `[N, C, …]` to `[N, C, …]`.
///
/// # Errors
/// Those of the pooling, the convolution and the norm.
pub fn pooled(
    g: Scope<'_>,
    name: &str,
    x: Value,
    pooling: Pooling,
    pool: Pool,
    norm: impl Into<Normalization>,
) -> Result<Value, BuildError> {
    let Pool { kernel, stride, padding } = pool;
    match pooling {
        Pooling::Max => g.max_pool(name, x, pool),
        Pooling::Stride => {
            let conv = Conv { stride, padding, ..Conv::new(g.channels(x), kernel) };
            conv_norm(g / name, ["conv", "norm"], x, conv, norm)
        }
    }
}

/// `x`, `stride` times as large (`up`, where the stride is not 1) and then of the size of `like` (`crop_or_pad`): `[N, C, …]` to
/// `[N, C, …]`, or with [`Upsample::Transposed`] to `[N, channels, …]`.
///
/// # Errors
/// A stride of 0, or a result that is too large.
pub fn upsampled(
    g: Scope<'_>,
    x: Value,
    like: Value,
    upsample: Upsample,
    stride: Extent,
    channels: usize,
) -> Result<Value, BuildError> {
    let linear = |align_corners| UpsampleMode::Linear { align_corners };
    let stays = stride.for_rank(g.shape(x).rank()).is_some_and(Extent::is_one);
    let up = match upsample {
        Upsample::Nearest | Upsample::Linear | Upsample::LinearAligned if stays => x,
        Upsample::Nearest => g.upsample("up", x, stride, UpsampleMode::Nearest)?,
        Upsample::Linear => g.upsample("up", x, stride, linear(false))?,
        Upsample::LinearAligned => g.upsample("up", x, stride, linear(true))?,
        Upsample::Transposed => {
            let conv = ConvTranspose { bias: true, ..ConvTranspose::new(channels, stride, stride) };
            g.conv_transpose("up", x, conv)?
        }
    };
    g.crop_or_pad("crop_or_pad", up, like)
}

/// `x` with the features `skip` of its level: `concat`, the features first, or `add`, after a 1×1
/// convolution `reduce` where channels differ.
///
/// # Errors
/// Features of another size.
pub fn joined(g: Scope<'_>, x: Value, skip: Value, kind: Skip) -> Result<Value, BuildError> {
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
