//! Heads: from features to classes.

use graph::{BuildError, Conv, DropUnit, Scope, Value};

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
    g: &Scope<'_>,
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
    g: &Scope<'_>,
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
