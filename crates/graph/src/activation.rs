//! Pointwise activations.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quoted;

/// A pointwise activation function.
///
/// Written and read by name, `relu6`, or with its parameter, `leaky_relu(0.2)`.
///
/// ```
/// use graph::Activation;
/// assert_eq!("swish".parse(), Ok(Activation::Silu));
/// assert_eq!("leaky_relu(0.2)".parse(), Ok(Activation::LeakyRelu { slope: 0.2 }));
/// assert_eq!(Activation::Elu { alpha: 1.0 }.to_string(), "elu(1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `max(x, 0)`
    Relu,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `x` above zero, `slope * x` below. Keras's default slope is 0.2, torch's 0.01.
    LeakyRelu {
        /// Factor of negative inputs.
        slope: f64,
    },
    /// `x` above zero, `alpha * (exp(x) - 1)` below.
    Elu {
        /// Minus the limit at negative infinity.
        alpha: f64,
    },
    /// Scaled ELU (Klambauer et al. 2017, arXiv 1706.02515).
    Selu,
    /// `x * Phi(x)` with the normal distribution's error function.
    Gelu,
    /// GELU by the tanh approximation.
    GeluTanh,
    /// `x * sigmoid(x)`, also called swish.
    Silu,
    /// `x * hard_sigmoid(x)`
    HardSwish,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `relu6(x + 3) / 6`
    HardSigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// `ln(1 + exp(x))`
    Softplus,
    /// `x * tanh(softplus(x))`
    Mish,
}

impl Activation {
    /// Scale and alpha of SELU (Klambauer et al. 2017, equation 14).
    pub const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);

    /// One of each kind, with torch's default parameters.
    pub const ALL: [Self; 14] = [
        Self::Relu,
        Self::Relu6,
        Self::LeakyRelu { slope: 0.01 },
        Self::Elu { alpha: 1.0 },
        Self::Selu,
        Self::Gelu,
        Self::GeluTanh,
        Self::Silu,
        Self::HardSwish,
        Self::Sigmoid,
        Self::HardSigmoid,
        Self::Tanh,
        Self::Softplus,
        Self::Mish,
    ];

    /// The activation's name, without its parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Silu => "silu",
            Self::HardSwish => "hard_swish",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::Mish => "mish",
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::LeakyRelu { slope: parameter } | Self::Elu { alpha: parameter } => {
                write!(f, "({parameter})")
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Activation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse_beside(text, &[])
    }
}

impl Activation {
    /// Reads an activation where `others`, which are not pointwise, are accepted, too.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones and `others`. Or an invalid parameter.
    pub fn parse_beside(text: &str, others: &[&str]) -> Result<Self, String> {
        let (name, parameter) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, number)) => (name, Some(number)),
            None => (text, None),
        };
        let name = match name {
            "swish" => "silu",
            "hardswish" => "hard_swish",
            "hardsigmoid" => "hard_sigmoid",
            name => name,
        };
        let Some(found) = Self::ALL.into_iter().find(|activation| activation.name() == name) else {
            let known = [&Self::ALL.map(Self::name), others].concat().join(", ");
            return Err(format!(
                "expected an activation, found {}; known activations: {known}",
                quoted(text)
            ));
        };
        let Some(number) = parameter else { return Ok(found) };
        let number = number.trim().parse().ok().filter(|n: &f64| n.is_finite());
        match (found, number) {
            (Self::LeakyRelu { .. }, Some(slope)) => Ok(Self::LeakyRelu { slope }),
            (Self::Elu { .. }, Some(alpha)) => Ok(Self::Elu { alpha }),
            (Self::LeakyRelu { .. } | Self::Elu { .. }, None) => {
                Err(format!("expected a finite number, such as `{found}`, found {}", quoted(text)))
            }
            _ => Err(format!("expected `{name}`, which has no parameter, found {}", quoted(text))),
        }
    }
}

impl Serialize for Activation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Activation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
