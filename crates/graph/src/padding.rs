//! Zero padding around a convolution's or pooling's input.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Extent;

/// How the input of a convolution or pooling is padded.
///
/// No variant holds a number derived from the input's size: `Same` is resolved by
/// [`Window::pads`] for each size anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Output length `ceil(n / stride)`, as TensorFlow: the smaller half of the padding first.
    Same,
    /// `(kernel - 1) * dilation / 2`, rounded down, on both sides, as torchvision.
    #[default]
    Symmetric,
    /// All `(kernel - 1) * dilation` before, so that no output sees a later input.
    Causal,
    /// None.
    Valid,
    /// These numbers.
    Explicit {
        /// Before the first element of each axis.
        before: Extent,
        /// After the last element of each axis.
        after: Extent,
    },
}

impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("same"),
            Self::Symmetric => f.write_str("symmetric"),
            Self::Causal => f.write_str("causal"),
            Self::Valid => f.write_str("valid"),
            Self::Explicit { before, after } => write!(f, "{before}+{after}"),
        }
    }
}

/// The sliding window of a convolution or pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Elements per axis.
    pub kernel: Extent,
    /// Steps between windows.
    pub stride: Extent,
    /// Steps between the elements of a window.
    pub dilation: Extent,
    /// Padding of the input.
    pub padding: Padding,
}

impl Window {
    /// Distance between the first and last element on `axis`.
    pub fn reach(&self, axis: usize) -> usize {
        (self.kernel.at(axis) - 1) * self.dilation.at(axis)
    }

    /// Padding before and after an axis of `n` elements.
    pub fn pads(&self, axis: usize, n: usize) -> (usize, usize) {
        let reach = self.reach(axis);
        match self.padding {
            Padding::Same => {
                let steps = n.div_ceil(self.stride.at(axis)).saturating_sub(1);
                let total = (steps * self.stride.at(axis) + reach + 1).saturating_sub(n);
                (total / 2, total - total / 2)
            }
            Padding::Symmetric => (reach / 2, reach / 2),
            Padding::Causal => (reach, 0),
            Padding::Valid => (0, 0),
            Padding::Explicit { before, after } => (before.at(axis), after.at(axis)),
        }
    }

    /// Padding that is the same for every input size; `None` for `same` of a wide kernel with a
    /// stride above 1.
    pub fn fixed_pads(&self, axis: usize) -> Option<(usize, usize)> {
        let depends_on_size =
            self.padding == Padding::Same && self.stride.at(axis) > 1 && self.reach(axis) > 0;
        (!depends_on_size).then(|| self.pads(axis, 1))
    }

    /// Windows that fit an axis of `n` elements; `None` when the window is larger than the
    /// padded input.
    pub fn steps(&self, axis: usize, n: usize) -> Option<usize> {
        let (before, after) = self.pads(axis, n);
        let room = (before + n + after).checked_sub(self.reach(axis) + 1)?;
        Some(room / self.stride.at(axis) + 1)
    }
}
