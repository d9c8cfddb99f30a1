//! Arithmetic of channel counts.
//!
//! Nothing here overflows or panics: a negative result or NaN becomes 0, a result that is too large
//! becomes the largest `usize`, and the graph refuses both with the name of the node.

/// Rounding of a computed number of channels or blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rounding {
    /// Rounds down.
    Down,
    /// Rounds to the nearest integer, halves to even (Python's `round`).
    Nearest,
    /// Rounds up to a multiple.
    Up {
        /// The result is a multiple of this.
        multiple: usize,
    },
    /// Rounds to the nearest multiple, as [`make_divisible`].
    Divisible {
        /// The result is a multiple of this.
        divisor: usize,
        /// Smallest fraction of the number that rounding down may leave.
        round_limit: f64,
    },
}

impl Rounding {
    /// Multiples of 8, never more than 10 % below the number: MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381)
    /// and EfficientNet (Tan and Le 2019, arXiv 1905.11946) in their authors' code, timm's default.
    pub const MOBILENET: Self = Self::Divisible { divisor: 8, round_limit: 0.9 };

    /// Multiples of 8 without that guard: EfficientNetV2 (Tan and Le 2021, arXiv 2104.00298) in its
    /// authors' code; squeeze widths of timm's ResNet.
    pub const EIGHTS: Self = Self::Divisible { divisor: 8, round_limit: 0.0 };

    /// Rounds `x`.
    pub fn apply(self, x: f64) -> usize {
        match self {
            Self::Down => whole(x),
            Self::Nearest => whole(x.round_ties_even()),
            Self::Up { multiple } => {
                let multiple = real(multiple.max(1));
                whole((x / multiple).ceil() * multiple)
            }
            Self::Divisible { divisor, round_limit } => make_divisible(x, divisor, round_limit),
        }
    }
}

/// The multiple of `divisor` nearest to `x` (halves up), at least `divisor`; the next larger multiple
/// if that is below `round_limit * x`. A divisor of 0 counts as 1; a negative `x` gives 0.
///
/// timm equivalent: `make_divisible`. TensorFlow's MobileNet has a `round_limit` of 0.9; 0 turns the
/// guard off.
///
/// ```
/// use layers::make_divisible;
/// assert_eq!(make_divisible(1.2 * 16.0, 8, 0.9), 24); // 16 would lose more than 10 %
/// assert_eq!(make_divisible(1.2 * 16.0, 8, 0.0), 16); // EfficientNetV2-B3
/// ```
pub fn make_divisible(x: f64, divisor: usize, round_limit: f64) -> usize {
    if x.is_nan() || x < 0.0 {
        return 0;
    }
    let divisor = real(divisor.max(1));
    let nearest = (((x + divisor / 2.0) / divisor).floor() * divisor).max(divisor);
    whole(if nearest < round_limit * x { nearest + divisor } else { nearest })
}

/// `channels * factor`, rounded: the width of an expansion or of a wider model.
///
/// ```
/// use layers::{Rounding, scale_channels};
/// assert_eq!(scale_channels(11, 1.5, Rounding::Down), 16);
/// assert_eq!(scale_channels(11, 1.5, Rounding::MOBILENET), 16);
/// ```
pub fn scale_channels(channels: usize, factor: f64, rounding: Rounding) -> usize {
    rounding.apply(real(channels) * factor)
}

/// `channels / divisor`, rounded: the width of a squeeze.
///
/// [`Rounding::Down`] is exact, as Python's `//`: in floating point `11 / 1.1` is 10, but the double
/// nearest to 1.1 is a little larger than 1.1 and goes only nine times into 11.
pub fn round_channels(channels: usize, divisor: f64, rounding: Rounding) -> usize {
    let channels = real(channels);
    match rounding {
        Rounding::Down => whole(((channels - channels % divisor) / divisor).round()),
        rounding => rounding.apply(channels / divisor),
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53; the graph takes at most 2^24 channels")]
fn real(channels: usize) -> f64 {
    channels as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and not a number becomes 0; the graph refuses both ends"
)]
fn whole(x: f64) -> usize {
    x as usize
}
