//! Dense convolutions factorized into a depthwise k×k and a pointwise 1×1 convolution.

use graph::{Activation, BuildError, Conv, Scope, Value};
use serde::{Deserialize, Serialize};

use crate::{Norm, Normalization, activation, conv_norm_act, norm, refused};

/// The factorization of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Factorization {
    /// One dense convolution.
    #[default]
    Plain,
    /// A depthwise and a pointwise convolution with nothing in between, as in Keras's `SeparableConv` and
    /// in Xception (Chollet 2017, arXiv 1610.02357).
    Separable,
    /// A depthwise and a pointwise convolution, each followed by a norm and an activation, as in MobileNet
    /// (Howard et al. 2017, arXiv 1704.04861).
    DepthwiseSeparable,
}

/// The norm and activation between a depthwise and a pointwise convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between<'n> {
    /// The names of the norm and the activation.
    pub names: [&'n str; 2],
    /// The norm.
    pub norm: Normalization,
    /// The activation.
    pub activation: Option<Activation>,
}

impl Between<'_> {
    /// Neither norm nor activation.
    pub const NOTHING: Self = Between {
        names: ["norm", "act"],
        norm: Normalization { kind: Norm::None, eps: 0.0, momentum: 0.0 },
        activation: None,
    };
}

/// Adds the depthwise and pointwise convolutions, called `names`, that replace the dense `conv`:
/// `[N, C, …]` to `[N, conv.out, …]`.
///
/// The depthwise convolution takes the kernel, stride, dilation and padding; the pointwise convolution
/// takes the bias. The depthwise convolution has a bias only if it is followed by an activation but no
/// norm, because otherwise the bias would be redundant.
///
/// # Errors
/// If `conv` is grouped or one of its factors is invalid.
pub fn separable(
    g: Scope<'_>,
    names: [&str; 2],
    x: Value,
    conv: Conv,
    between: Between<'_>,
) -> Result<Value, BuildError> {
    if conv.groups != 1 {
        let message = format!("expected 1 group in a convolution to factorize, found {}", conv.groups);
        return Err(refused(g, names[0], message));
    }
    let channels = g.channels(x);
    let bias = between.norm.kind == Norm::None && between.activation.is_some();
    let x = g.conv(names[0], x, Conv { out: channels, groups: channels, bias, ..conv })?;
    let x = norm(g, between.names[0], x, between.norm)?;
    let x = activation(g, between.names[1], x, between.activation)?;
    let pointwise = Conv { bias: conv.bias, weight_norm: conv.weight_norm, ..Conv::new(conv.out, 1) };
    g.conv(names[1], x, pointwise)
}

/// Options of [`factorized`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factorized {
    /// The dense convolution.
    pub conv: Conv,
    /// Its factorization.
    pub factorization: Factorization,
    /// The norm after the convolution, and after both factors of [`Factorization::DepthwiseSeparable`].
    pub norm: Normalization,
    /// The activation after each norm.
    pub activation: Option<Activation>,
}

/// Adds a convolution, its norm and its activation, like [`conv_norm_act`], but with a convolution that
/// may be factorized: `[N, C, …]` to `[N, conv.out, …]`.
///
/// If `names` is `[conv, norm, act]`, the factors are called `conv.depthwise` and `conv.pointwise`, and the
/// norm and activation between them `conv.norm` and `conv.act`.
///
/// # Errors
/// As [`separable`] and [`conv_norm_act`].
pub fn factorized(
    g: Scope<'_>,
    names: [&str; 3],
    x: Value,
    options: Factorized,
) -> Result<Value, BuildError> {
    let Factorized { conv, factorization, norm: normalization, activation: act } = options;
    let between = match factorization {
        Factorization::Plain => return conv_norm_act(g, names, x, conv, normalization, act),
        Factorization::Separable => Between::NOTHING,
        Factorization::DepthwiseSeparable => {
            Between { norm: normalization, activation: act, ..Between::NOTHING }
        }
    };
    let conv = Conv { bias: conv.bias || normalization.kind == Norm::None, ..conv };
    let x = separable(g / names[0], ["depthwise", "pointwise"], x, conv, between)?;
    let x = norm(g, names[1], x, normalization)?;
    activation(g, names[2], x, act)
}
