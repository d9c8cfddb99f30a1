//! Convolutions with norm and activation.

use graph::{Activation, BuildError, Conv, Extent, Scope, Value};

use crate::{Norm, Normalization, activation, norm};

/// Adds a convolution and its norm, called `names`: `[N, C, …]` to `[N, conv.out, …]`.
///
/// The convolution has a bias if `conv.bias` is true or if no norm follows it. (For a convolution with
/// neither bias nor norm, call [`Scope::conv`].)
///
/// ```
/// # use graph::{BuildError, Conv, Graph};
/// # use layers::{Norm, conv_norm};
/// # let graph = Graph::build(|g| {
/// # let x = g.input("image", [64, 8, 8])?;
/// let downsample = Conv { stride: 2.into(), ..Conv::new(256, 1) };
/// let shortcut = conv_norm(g / "downsample", ["0", "1"], x, downsample, Norm::Batch)?;
/// # g.output("x", shortcut) })?;
/// # assert!(graph.find("downsample.1").is_some());
/// # Ok::<(), BuildError>(())
/// ```
///
/// # Errors
/// If the convolution or the norm is invalid.
pub fn conv_norm(
    g: Scope<'_>,
    names: [&str; 2],
    x: Value,
    conv: Conv,
    normalization: impl Into<Normalization>,
) -> Result<Value, BuildError> {
    let normalization = normalization.into();
    let bias = conv.bias || normalization.kind == Norm::None;
    let x = g.conv(names[0], x, Conv { bias, ..conv })?;
    norm(g, names[1], x, normalization)
}

/// Adds a convolution, its norm and its activation, called `names`: `[N, C, …]` to `[N, conv.out, …]`.
/// The bias is as in [`conv_norm`].
///
/// # Errors
/// If the convolution or the norm is invalid.
pub fn conv_norm_act(
    g: Scope<'_>,
    names: [&str; 3],
    x: Value,
    conv: Conv,
    normalization: impl Into<Normalization>,
    act: impl Into<Option<Activation>>,
) -> Result<Value, BuildError> {
    let [conv_name, norm_name, act_name] = names;
    let x = conv_norm(g, [conv_name, norm_name], x, conv, normalization)?;
    activation(g, act_name, x, act)
}

/// A depthwise convolution, which filters each channel separately.
///
/// ```
/// use graph::Conv;
/// use layers::depthwise;
/// let conv = Conv { stride: 2.into(), ..depthwise(32, 3) };
/// assert_eq!((conv.out, conv.groups), (32, 32));
/// ```
pub fn depthwise(channels: usize, kernel: impl Into<Extent>) -> Conv {
    Conv { groups: channels, ..Conv::new(channels, kernel) }
}
