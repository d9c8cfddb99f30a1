//! Squeeze-and-excite (Hu et al. 2018, arXiv 1709.01507).

use std::fmt;

use graph::{Activation, BuildError, Conv, Scope, Value};

use crate::{Rounding, divided, refused};

/// The number of squeezed channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// This many.
    Exact(usize),
    /// The block's input channels, divided.
    Input {
        /// What they are divided by; whole or not.
        divisor: f64,
        /// How the result becomes whole.
        rounding: Rounding,
    },
    /// The channels that are squeezed, divided: a block's expanded width.
    Expanded {
        /// What they are divided by; whole or not.
        divisor: f64,
        /// How the result becomes whole.
        rounding: Rounding,
    },
}

impl Width {
    /// The block's input channels divided by `divisor`, rounded down.
    pub const fn input(divisor: f64) -> Self {
        Self::Input { divisor, rounding: Rounding::Down }
    }

    /// The squeezed channels divided by `divisor`, rounded down.
    pub const fn expanded(divisor: f64) -> Self {
        Self::Expanded { divisor, rounding: Rounding::Down }
    }

    /// The width for a block of `input` channels that squeezes `expanded` channels; `None` for a
    /// divisor that is not a finite number above 0.
    pub fn channels(self, input: usize, expanded: usize) -> Option<usize> {
        let (channels, divisor, rounding) = match self {
            Self::Exact(width) => return Some(width),
            Self::Input { divisor, rounding } => (input, divisor, rounding),
            Self::Expanded { divisor, rounding } => (expanded, divisor, rounding),
        };
        (divisor.is_finite() && divisor > 0.0).then(|| divided(channels, divisor, rounding))
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(width) => write!(f, "{width}"),
            Self::Input { divisor, .. } => write!(f, "input channels / {divisor}"),
            Self::Expanded { divisor, .. } => write!(f, "expanded channels / {divisor}"),
        }
    }
}

/// Squeeze-and-excite: its names, width and functions.
///
/// ```
/// use graph::Activation;
/// use layers::{SqueezeExcite, Width};
/// let sleepkit = SqueezeExcite {
///     width: Width::expanded(4.0),
///     activation: Activation::Relu6,
///     gate: Activation::HardSigmoid,
///     ..SqueezeExcite::RESNET
/// };
/// assert_eq!(sleepkit.width.channels(16, 64), Some(16));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SqueezeExcite {
    /// Names of the block, and in it of the convolutions that reduce and expand. The other nodes
    /// are `mean`, `act`, `gate` and `scale`.
    pub names: [&'static str; 3],
    /// The number of squeezed channels.
    pub width: Width,
    /// The function between the convolutions.
    pub activation: Activation,
    /// The function that makes factors, sigmoid or hard sigmoid.
    pub gate: Activation,
    /// The block is left out where its width is below this. At 0 a width of 0 is an error.
    pub skip_below: usize,
}

impl SqueezeExcite {
    /// EfficientNet and EfficientNetV2 in timm: a quarter of the block's input, SiLU.
    pub const EFFICIENTNET: Self = Self {
        names: ["se", "conv_reduce", "conv_expand"],
        width: Width::Input { divisor: 4.0, rounding: Rounding::Nearest },
        activation: Activation::Silu,
        gate: Activation::Sigmoid,
        skip_below: 0,
    };

    /// SE-ResNet in timm: a sixteenth, rounded to eights, ReLU.
    pub const RESNET: Self = Self {
        names: ["se", "fc1", "fc2"],
        width: Width::Expanded { divisor: 16.0, rounding: Rounding::EIGHTS },
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
/// Mean, 1×1 convolution with bias, activation, 1×1 convolution with bias, gate, product.
/// `input` is the number of channels of the block that `x` belongs to.
///
/// # Errors
/// A width of 0 that is not to be skipped, or a divisor that is not a finite number above 0.
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
        let message = format!("the squeeze width is {width}; a finite divisor above 0 is needed");
        return Err(refused(g, reduce, message));
    };
    if squeezed < skip_below {
        return Ok(x);
    }
    if squeezed == 0 {
        let message = format!(
            "the squeeze width {width} is 0 for {input} input and {channels} expanded channels; at least 1 is needed"
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
