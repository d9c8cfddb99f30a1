//! Downsampling within blocks.

use graph::{BuildError, Conv, Extent, Padding, Pool, Scope, Value};
use serde::{Deserialize, Serialize};

/// The method by which a strided block downsamples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Downsample {
    /// The stride of the block's convolution, as in the papers.
    #[default]
    Stride,
    /// A max pool after a convolution of stride 1. The pooling window equals the stride and is padded
    /// `same`. SleepKit's models do this because TensorFlow's depthwise convolution does not support
    /// unequal strides. The convolution is then computed at every position, and branches cannot be merged
    /// across the pool.
    MaxPool,
}

impl Downsample {
    /// Returns the convolution with the stride it has after moving it to a pool, if there is one.
    pub(crate) fn conv(self, conv: Conv) -> Conv {
        match self {
            Self::Stride => conv,
            Self::MaxPool => Conv { stride: Extent::All(1), ..conv },
        }
    }

    /// Adds the pool called `name`. Returns `x` unchanged if the convolution has the stride or the stride
    /// is 1.
    pub(crate) fn pool(
        self,
        g: Scope<'_>,
        name: &str,
        x: Value,
        stride: Extent,
    ) -> Result<Value, BuildError> {
        if self == Self::Stride || is_one(g, x, stride) {
            return Ok(x);
        }
        g.max_pool(name, x, Pool { kernel: stride, stride, padding: Padding::Same })
    }
}

/// Returns whether `extent` is 1 along every axis of `x`.
pub(crate) fn is_one(g: Scope<'_>, x: Value, extent: Extent) -> bool {
    extent.for_rank(g.shape(x).rank()).is_some_and(Extent::is_one)
}
