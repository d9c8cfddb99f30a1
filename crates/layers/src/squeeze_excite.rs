//! Squeeze-and-excite (Hu et al. 2018, arXiv 1709.01507).

use std::fmt;

use graph::{Activation, BuildError, Conv, Scope, Value};

use crate::{Rounding, refused, round_channels};

/// The number of squeezed channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SqueezeWidth {
    /// An exact number.
    Exact(usize),
    /// The number of the block's input channels, divided.
    Input {
        /// The divisor; not necessarily an integer.
        divisor: f64,
        /// Rounding of the quotient.
        rounding: Rounding,
    },
    /// The number of channels that are squeezed, divided. In an MBConv block, these are the expanded
    /// channels.
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

    /// The channels that are squeezed divided by `divisor`, rounded down.
    pub const fn expanded(divisor: f64) -> Self {
        Self::Expanded { divisor, rounding: Rounding::Down }
    }

    /// Returns the width in a block with `input` channels that squeezes `expanded` channels, or `None` if
    /// the divisor is not finite and positive.
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
    /// The names of the block, the reducing convolution and the expanding convolution. The other nodes are
    /// called `mean`, `act`, `gate` and `scale`.
    pub names: [&'static str; 3],
    /// The number of squeezed channels.
    pub width: SqueezeWidth,
    /// The activation between the convolutions.
    pub activation: Activation,
    /// The activation that computes the factors: sigmoid or hard sigmoid.
    pub gate: Activation,
    /// The smallest width: a block with a smaller width is omitted. If this is 0, a width of 0 is an error.
    pub skip_below: usize,
}

impl SqueezeExcite {
    /// EfficientNet and EfficientNetV2 in timm: a quarter of the block's input channels, SiLU.
    pub const EFFICIENTNET: Self = Self {
        names: ["se", "conv_reduce", "conv_expand"],
        width: SqueezeWidth::Input { divisor: 4.0, rounding: Rounding::Nearest },
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
        skip_below: 0,
    };

    /// SE-ResNet in timm: a sixteenth of the squeezed channels, rounded to a multiple of 8, ReLU.
    pub const RESNET: Self = Self {
        names: ["se", "fc1", "fc2"],
        width: SqueezeWidth::Expanded { divisor: 16.0, rounding: Rounding::EIGHTS },
        activation: Activation::Relu,
        gate: Activation::Sigmoid,
        skip_below: 0,
    };

    /// MobileOne in timm: the same as SE-ResNet, under another name.
    pub const MOBILEONE: Self = Self { names: ["attn", "fc1", "fc2"], ..Self::RESNET };
}

/// Scales each channel by a factor that is computed from the means of all channels: `[N, C, …]` to
/// `[N, C, …]`.
///
/// Its steps are the mean, a 1×1 convolution with a bias, an activation, a 1×1 convolution with a bias, the
/// gate and the product. `input` is the number of input channels of the block that contains `x`.
///
/// # Errors
/// If the width is 0 and `skip_below` is 0, or if the divisor is not finite and positive.
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
