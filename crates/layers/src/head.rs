//! Heads: from features to classes.

use std::fmt;
use std::str::FromStr;

use graph::{Activation, BuildError, Conv, DropUnit, Scope, Value};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dropout;

/// A classifier: mean over all positions, dropout, a linear layer called `name`. `[N, C, T]`,
/// `[N, C, H, W]` or `[N, C]` to `[N, classes]`; the mean, `[N, C]`, if `classes` is `None`.
///
/// The other nodes are `global_pool`, `flatten` and `dropout`. A feature vector `[N, C]` is not pooled.
///
/// # Errors
/// Zero classes, or a dropout probability outside of [0, 1).
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

/// Options of [`classify`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classify<'n> {
    /// Path of the linear layer, such as `fc` or `head.fc`; the classifier's other nodes are in the
    /// same scope.
    pub linear: &'n str,
    /// Number of classes. If `None`, the output is the pooled features.
    pub classes: Option<usize>,
    /// Whether features are pooled. If not, they are the output.
    pub pool: bool,
    /// Dropout probability before the linear layer.
    pub dropout: f64,
    /// Activation of the logits or of the pooled features.
    pub output_activation: Option<OutputActivation>,
}

/// The end of a classifying network: [`classifier`], [`output_activation`] and the main output.
///
/// The output is called `logits`, `[N, classes]`. If there are no classes, it is `features`, `[N, C]`, or
/// `[N, C, …]` if features are not pooled. If there is an activation, it is `output`.
///
/// # Errors
/// Those of [`classifier`].
pub fn classify(g: Scope<'_>, features: Value, options: Classify<'_>) -> Result<(), BuildError> {
    if !options.pool {
        return g.output("features", features);
    }
    let (scope, name) = match options.linear.rsplit_once('.') {
        Some((scope, name)) => (g / scope, name),
        None => (g, options.linear),
    };
    let y = classifier(scope, name, features, options.classes, options.dropout)?;
    let y = output_activation(g, "output_act", y, options.output_activation)?;
    let output = if options.output_activation.is_some() {
        "output"
    } else if options.classes.is_some() {
        "logits"
    } else {
        "features"
    };
    g.output(output, y)
}

/// Makes the features of each level outputs: `stage1`, `stage2`, …; the first is `stem` if `has_stem`
/// is true.
///
/// # Errors
/// Names that are taken.
pub fn feature_outputs(g: Scope<'_>, levels: &[Value], has_stem: bool) -> Result<(), BuildError> {
    for (i, level) in levels.iter().enumerate() {
        match (has_stem, i) {
            (true, 0) => g.output("stem", *level)?,
            (true, stage) => g.output(format!("stage{stage}"), *level)?,
            (false, i) => g.output(format!("stage{}", i + 1), *level)?,
        }
    }
    Ok(())
}

/// A segmentation head: a convolution called `name` with a bias and one output channel per class.
/// `[N, C, …]` to `[N, classes, …]`; `x` itself if `classes` is `None`.
///
/// `conv.out` and `conv.bias` are ignored.
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

/// The activation of a network's output: `softmax` over channels, or a pointwise activation by name.
///
/// ```
/// use graph::Activation;
/// use layers::OutputActivation;
/// assert_eq!("softmax".parse(), Ok(OutputActivation::Softmax));
/// assert_eq!("sigmoid".parse(), Ok(OutputActivation::Pointwise(Activation::Sigmoid)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputActivation {
    /// Softmax over channels.
    Softmax,
    /// A pointwise activation.
    Pointwise(Activation),
}

/// An output activation called `name`, of any shape; `x` itself for `None`.
///
/// # Errors
/// A name that is taken.
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

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "softmax" {
            return Ok(Self::Softmax);
        }
        let activation =
            text.parse().map_err(|error| format!("{error}; `softmax` is allowed here as well"))?;
        Ok(Self::Pointwise(activation))
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
