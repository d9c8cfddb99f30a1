//! How a block with a stride gets smaller.

use graph::{BuildError, Conv, Extent, Padding, Pool, Scope, Value};
use serde::{Deserialize, Serialize};

/// How a block with a stride gets smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Downsample {
    /// By the stride of its convolution, as in every paper.
    #[default]
    Stride,
    /// By a max pool after a convolution of stride 1, its window as large as the stride, padded
    /// `same`: what SleepKit's models do, because TensorFlow's depthwise convolution knows no
    /// unequal strides. Costs the stride times as much; branches cannot be merged over it.
    MaxPool,
}

impl Downsample {
    /// The convolution with the stride that is left to it.
    pub(crate) fn conv(self, conv: Conv) -> Conv {
        match self {
            Self::Stride => conv,
            Self::MaxPool => Conv { stride: Extent::All(1), ..conv },
        }
    }

    /// The pool called `name`, where there is one.
    pub(crate) fn pool(
        self,
        g: Scope<'_>,
        name: &str,
        x: Value,
        stride: Extent,
    ) -> Result<Value, BuildError> {
        let stays = stride.for_rank(g.shape(x).rank()).is_some_and(Extent::is_one);
        match self {
            Self::MaxPool if !stays => {
                g.max_pool(name, x, Pool { kernel: stride, stride, padding: Padding::Same })
            }
            Self::Stride | Self::MaxPool => Ok(x),
        }
    }
}
