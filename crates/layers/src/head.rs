//! Heads, which map features to classes.

use std::fmt;
use std::str::FromStr;

use graph::{Activation, BuildError, Conv, DropUnit, Scope, Value};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dropout;

/// Adds a classifier: the mean over all positions, dropout, and a linear layer called `name`. It maps
/// `[N, C, T]`, `[N, C, H, W]` or `[N, C]` to `[N, classes]`. If `classes` is `None`, it returns the mean,
/// `[N, C]`.
///
/// The other nodes are called `global_pool`, `flatten` and `dropout`. A feature vector `[N, C]` is not
/// pooled.
///
/// # Errors
/// If the number of classes is 0 or the dropout probability is outside [0, 1).
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
    /// Path of the linear layer, such as `fc` or `head.fc`. The classifier's other nodes are in the same
    /// scope.
    pub linear: &'n str,
    /// Number of classes. If `None`, the model outputs the pooled features.
    pub classes: Option<usize>,
    /// Whether to pool the features. If not, the features themselves are the output.
    pub pool: bool,
    /// Dropout probability before the linear layer.
    pub dropout: f64,
    /// Activation of the logits or of the pooled features. If `None`, there is no activation.
    pub output_activation: Option<OutputActivation>,
}

/// Completes a classification network: adds a [`classifier`], an [`output_activation`] and the main output.
///
/// The output is called `logits`, `[N, classes]`. If `classes` is `None`, it is called `features`,
/// `[N, C]`, or `[N, C, …]` if the features are not pooled. If there is an activation, it is called
/// `output`.
///
/// # Errors
/// As [`classifier`].
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

/// Adds the features of each level as outputs called `stage1`, `stage2`, …. If `has_stem` is true, the
/// first level is called `stem` instead, and `stage1` is the second.
///
/// # Errors
/// If a name is already taken.
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

/// Adds a segmentation head: a convolution called `name` with a bias and one output channel per class,
/// `[N, C, …]` to `[N, classes, …]`. Returns `x` unchanged if `classes` is `None`.
///
/// `conv.out` and `conv.bias` are ignored.
///
/// # Errors
/// If the number of classes is 0 or the convolution is invalid.
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

/// The activation of a network's output: `softmax` over the channels, or the name of a pointwise
/// activation.
///
/// ```
/// use graph::Activation;
/// use layers::OutputActivation;
/// assert_eq!("softmax".parse(), Ok(OutputActivation::Softmax));
/// assert_eq!("sigmoid".parse(), Ok(OutputActivation::Pointwise(Activation::Sigmoid)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputActivation {
    /// Softmax over the channels.
    Softmax,
    /// A pointwise activation.
    Pointwise(Activation),
}

/// Adds an output activation called `name`, for any shape. Returns `x` unchanged if the activation is
/// `None`.
///
/// # Errors
/// If the name is already taken.
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
        Activation::parse_beside(text, &["softmax"]).map(Self::Pointwise)
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
