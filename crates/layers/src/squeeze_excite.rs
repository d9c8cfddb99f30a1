//! Squeeze-and-excite (Hu et al. 2018, arXiv 1709.01507).

use std::fmt;

use graph::{Activation, BuildError, Conv, Scope, Value};

use crate::{Rounding, refused, round_channels};

/// The number of squeezed channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SqueezeWidth {
    /// An exact number.
    Exact(usize),
    /// The block's input channels, divided.
    Input {
        /// The divisor; not necessarily an integer.
        divisor: f64,
        /// Rounding of the quotient.
        rounding: Rounding,
    },
    /// The channels that are squeezed, divided; in an MBConv these are the expanded ones.
    Expanded {
        /// The divisor; not necessarily an integer.
        divisor: f64,
        /// Rounding of the quotient.
        rounding: Rounding,
    },
}

impl SqueezeWidth {
    /// The block's input channels divided by `divisor`, rounded down.
    pub const fn input(divisor: f64) -> Self {
        Self::Input { divisor, rounding: Rounding::Down }
    }

    /// The squeezed channels divided by `divisor`, rounded down.
    pub const fn expanded(divisor: f64) -> Self {
        Self::Expanded { divisor, rounding: Rounding::Down }
    }

    /// The width in a block of `input` channels that squeezes `expanded` channels; `None` for a
    /// divisor that is not finite and positive.
    pub fn channels(self, input: usize, expanded: usize) -> Option<usize> {
        let (channels, divisor, rounding) = match self {
            Self::Exact(width) => return Some(width),
            Self::Input { divisor, rounding } => (input, divisor, rounding),
            Self::Expanded { divisor, rounding } => (expanded, divisor, rounding),
        };
        if divisor.is_finite() && divisor > 0.0 {
            Some(round_channels(channels, divisor, rounding))
        } else {
            None
        }
    }
}

impl fmt::Display for SqueezeWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(width) => write!(f, "{width}"),
            Self::Input { divisor, .. } => write!(f, "input channels / {divisor}"),
            Self::Expanded { divisor, .. } => write!(f, "expanded channels / {divisor}"),
        }
    }
}

/// Options of [`squeeze_excite`].
///
/// ```
/// use graph::Activation;
/// use layers::{SqueezeExcite, SqueezeWidth};
/// let sleepkit = SqueezeExcite {
///     width: SqueezeWidth::expanded(4.0),
///     activation: Activation::Relu6,
///     gate: Activation::HardSigmoid,
///     ..SqueezeExcite::RESNET
/// };
/// assert_eq!(sleepkit.width.channels(16, 64), Some(16));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SqueezeExcite {
    /// Names of the block, of the reducing and of the expanding convolution. The other nodes are
    /// `mean`, `act`, `gate` and `scale`.
    pub names: [&'static str; 3],
    /// The number of squeezed channels.
    pub width: SqueezeWidth,
    /// The activation between the convolutions.
    pub activation: Activation,
    /// The activation that gives the factors: sigmoid or hard sigmoid.
    pub gate: Activation,
    /// The smallest width; a block with a smaller width is omitted. If 0, a width of 0 is an error.
    pub skip_below: usize,
}

impl SqueezeExcite {
    /// EfficientNet and EfficientNetV2 in timm: a quarter of the block's input, SiLU.
    pub const EFFICIENTNET: Self = Self {
        names: ["se", "conv_reduce", "conv_expand"],
        width: SqueezeWidth::Input { divisor: 4.0, rounding: Rounding::Nearest },
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
        skip_below: 0,
    };

    /// SE-ResNet in timm: a sixteenth, rounded to multiples of 8, ReLU.
    pub const RESNET: Self = Self {
        names: ["se", "fc1", "fc2"],
        width: SqueezeWidth::Expanded { divisor: 16.0, rounding: Rounding::EIGHTS },
        activation: Activation::Relu,
        gate: Activation::Sigmoid,
        skip_below: 0,
    };

    /// MobileOne in timm: as SE-ResNet, under another name.
    pub const MOBILEONE: Self = Self { names: ["attn", "fc1", "fc2"], ..Self::RESNET };
}

/// Scales each channel by a factor computed from the means of all channels: `[N, C, …]` to
/// `[N, C, …]`.
///
/// Mean, 1×1 convolution with bias, activation, 1×1 convolution with bias, gate, product. `input` is
/// the number of input channels of the block that `x` belongs to.
///
/// # Errors
/// A width of 0 that is not to be skipped; a divisor that is not finite and positive.
pub fn squeeze_excite(
    g: Scope<'_>,
    x: Value,
    input: usize,
    options: SqueezeExcite,
) -> Result<Value, BuildError> {
    let SqueezeExcite { names: [block, reduce, expand], width, activation, gate, skip_below } = options;
    let g = g / block;
    let channels = g.channels(x);
    let Some(squeezed) = width.channels(input, channels) else {
        let message = format!("expected a squeeze width with a finite, positive divisor, found {width}");
        return Err(refused(g, reduce, message));
    };
    if squeezed < skip_below {
        return Ok(x);
    }
    if squeezed == 0 {
        let message = format!(
            "expected a squeeze width of at least 1, found 0: {width}, with {input} input and {channels} expanded channels"
        );
        return Err(refused(g, reduce, message));
    }
    let factor = g.global_mean("mean", x)?;
    let factor = g.conv(reduce, factor, Conv { bias: true, ..Conv::new(squeezed, 1) })?;
    let factor = g.activation("act", factor, activation)?;
    let factor = g.conv(expand, factor, Conv { bias: true, ..Conv::new(channels, 1) })?;
    let factor = g.activation("gate", factor, gate)?;
    g.multiply("scale", x, factor)
}
