//! Arithmetic of channel counts. Nothing here overflows or panics: what is no count at all
//! (negative, not a number) becomes 0, what is too large the largest `usize`, and the graph
//! refuses both with the name of the node.

/// How a fraction of a channel count becomes whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rounding {
    /// The whole number below.
    Down,
    /// The nearest whole number, halves to the even one (Python's `round`).
    Nearest,
    /// The multiple at or above.
    Up {
        /// What the result is a multiple of.
        multiple: usize,
    },
    /// The nearest multiple, as [`make_divisible`].
    Divisible {
        /// What the result is a multiple of.
        divisor: usize,
        /// Smallest fraction of the count that may be left after rounding down.
        round_limit: f64,
    },
}

impl Rounding {
    /// To eights, never losing more than 10 %: MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381)
    /// and EfficientNet (Tan and Le 2019, arXiv 1905.11946) in their authors' code, timm's default.
    pub const MOBILENET: Self = Self::Divisible { divisor: 8, round_limit: 0.9 };

    /// To eights without the guard: EfficientNetV2 (Tan and Le 2021, arXiv 2104.00298) in its
    /// authors' code; squeeze widths of timm's ResNet.
    pub const EIGHTS: Self = Self::Divisible { divisor: 8, round_limit: 0.0 };

    /// `x` made whole.
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

/// The multiple of `divisor` nearest to `x` (halves up), at least `divisor`; one multiple more
/// where that is below `round_limit * x`. A divisor of 0 is read as 1; an `x` below 0 gives 0.
///
/// As timm's `make_divisible`; `round_limit` is 0.9 in `_make_divisible` of TensorFlow's
/// MobileNet, and 0 is no guard.
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

/// `channels * factor`, made whole: the width of an expansion or of a wider model.
///
/// ```
/// use layers::{Rounding, scaled};
/// assert_eq!(scaled(11, 1.5, Rounding::Down), 16);
/// assert_eq!(scaled(11, 1.5, Rounding::MOBILENET), 16);
/// ```
pub fn scaled(channels: usize, factor: f64, rounding: Rounding) -> usize {
    rounding.apply(real(channels) * factor)
}

/// `channels / divisor`, made whole: the width of a squeeze.
///
/// Rounding down is exact, as Python's `//`: `11 / 1.1` is 10 in floating point, but 1.1 is a
/// little more than 11/10 there and goes only nine times into 11.
pub fn divided(channels: usize, divisor: f64, rounding: Rounding) -> usize {
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
