//! Arithmetic of channel counts.
//!
//! Nothing here overflows or panics. A negative result or NaN becomes 0, and a result that is too large
//! becomes `usize::MAX`; the graph then rejects both with an error that names the node.

/// Rounding of a computed number of channels or blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rounding {
    /// Rounds down.
    Down,
    /// Rounds to the nearest integer, with ties to even (Python's `round`).
    Nearest,
    /// Rounds up to a multiple.
    Up {
        /// The result is a multiple of this.
        multiple: usize,
    },
    /// Rounds to the nearest multiple, as [`make_divisible`] does.
    Divisible {
        /// The result is a multiple of this.
        divisor: usize,
        /// Rounding down must leave at least this fraction of the number.
        round_limit: f64,
    },
}

impl Rounding {
    /// Multiples of 8, never more than 10 % below the number, as in MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381)
    /// and EfficientNet (Tan and Le 2019, arXiv 1905.11946) in their authors' code. This is timm's default.
    pub const MOBILENET: Self = Self::Divisible { divisor: 8, round_limit: 0.9 };

    /// Multiples of 8 without that guard, as in EfficientNetV2 (Tan and Le 2021, arXiv 2104.00298) in its
    /// authors' code and for the squeeze widths of timm's ResNet.
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

/// Rounds `x` to the nearest multiple of `divisor` (ties up), but at least to `divisor`. If the result is
/// below `round_limit * x`, returns the next larger multiple. A divisor of 0 counts as 1, and a negative
/// `x` gives 0.
///
/// timm equivalent: `make_divisible`. TensorFlow's MobileNet uses a `round_limit` of 0.9; 0 disables the
/// guard.
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

/// Returns `channels * factor`, rounded: the width of an expansion or of a scaled model.
///
/// ```
/// use layers::{Rounding, scale_channels};
/// assert_eq!(scale_channels(11, 1.5, Rounding::Down), 16);
/// assert_eq!(scale_channels(11, 1.5, Rounding::MOBILENET), 16);
/// ```
pub fn scale_channels(channels: usize, factor: f64, rounding: Rounding) -> usize {
    rounding.apply(real(channels) * factor)
}

/// Returns `channels / divisor`, rounded: the width of a squeeze.
///
/// [`Rounding::Down`] is exact, like Python's `//`. For example, the floating-point quotient `11 / 1.1` is
/// 10, but the double nearest to 1.1 is slightly larger than 1.1, so it fits into 11 only nine times.
pub fn round_channels(channels: usize, divisor: f64, rounding: Rounding) -> usize {
    let channels = real(channels);
    match rounding {
        Rounding::Down => whole(((channels - channels % divisor) / divisor).round()),
        rounding => rounding.apply(channels / divisor),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53, and the graph accepts at most 2^24 channels"
)]
fn real(channels: usize) -> f64 {
    channels as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates and maps NaN to 0; the graph rejects both extremes"
)]
fn whole(x: f64) -> usize {
    x as usize
}
