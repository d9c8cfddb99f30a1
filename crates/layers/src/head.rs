//! Heads: from features to classes.

use std::fmt;
use std::str::FromStr;

use graph::{Activation, BuildError, Conv, DropUnit, Scope, Value};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dropout;

/// A classifier: mean over all positions, dropout, a linear layer called `name`. `[N, C, T]`,
/// `[N, C, H, W]` or `[N, C]` to `[N, classes]`; without classes to the mean, `[N, C]`.
///
/// The other nodes are `global_pool`, `flatten` and `dropout`; a feature vector `[N, C]` is taken
/// as it is.
///
/// # Errors
/// Zero classes, or a dropout that is no probability.
pub fn classifier(
    g: Scope<'_>,
    name: &str,
    x: Value,
    classes: Option<usize>,
    p: f64,
) -> Result<Value, BuildError> {
    let pooled = if g.shape(x).rank() == 0 {
        x
    } else {
        let mean = g.global_mean("global_pool", x)?;
        g.flatten("flatten", mean)?
    };
    let Some(classes) = classes else { return Ok(pooled) };
    let x = dropout(g, "dropout", pooled, p, DropUnit::Element)?;
    g.linear(name, x, classes)
}

/// A segmentation head: a convolution called `name` with a bias and one output channel per class.
/// `[N, C, …]` to `[N, classes, …]`; without classes `x` itself.
///
/// `conv.out` and `conv.bias` are not read.
///
/// # Errors
/// Zero classes, and those of the convolution.
pub fn segmentation(
    g: Scope<'_>,
    name: &str,
    x: Value,
    classes: Option<usize>,
    conv: Conv,
) -> Result<Value, BuildError> {
    match classes {
        Some(classes) => g.conv(name, x, Conv { out: classes, bias: true, ..conv }),
        None => Ok(x),
    }
}

/// What follows a model's last layer, where logits are not wanted: `softmax` over channels, or a
/// pointwise function by its name.
///
/// ```
/// use graph::Activation;
/// use layers::OutputActivation;
/// assert_eq!("softmax".parse(), Ok(OutputActivation::Softmax));
/// assert_eq!("sigmoid".parse(), Ok(OutputActivation::Pointwise(Activation::Sigmoid)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputActivation {
    /// Over channels.
    Softmax,
    /// Element by element.
    Pointwise(Activation),
}

/// `x`, or what the function called `name` makes of it. Any shape.
///
/// # Errors
/// When the name is taken.
pub fn output_activation(
    g: Scope<'_>,
    name: &str,
    x: Value,
    activation: Option<OutputActivation>,
) -> Result<Value, BuildError> {
    match activation {
        None => Ok(x),
        Some(OutputActivation::Softmax) => g.softmax(name, x),
        Some(OutputActivation::Pointwise(activation)) => g.activation(name, x, activation),
    }
}

impl From<Activation> for OutputActivation {
    fn from(activation: Activation) -> Self {
        Self::Pointwise(activation)
    }
}

impl fmt::Display for OutputActivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Softmax => f.write_str("softmax"),
            Self::Pointwise(activation) => activation.fmt(f),
        }
    }
}

impl FromStr for OutputActivation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "softmax" => Ok(Self::Softmax),
            text => match text.parse() {
                Ok(activation) => Ok(Self::Pointwise(activation)),
                Err(error) => {
                    Err(if error.starts_with("unknown") { format!("{error}, softmax") } else { error })
                }
            },
        }
    }
}

impl Serialize for OutputActivation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OutputActivation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
