//! Made by `factory source activity-mobileone`, and yours to change: activity-mobileone.

use graph::{Activation, BatchNorm, BuildError, Conv, Graph, Padding, Scope, Shape, Value};

/// Maps `[N, 6, 100]` to `logits`, `[N, 4]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = stem(g / "stem", x)?;
        let x = stages(g / "stages", x)?;
        let x = head(g / "head", x)?;
        g.output("logits", x)
    })
}

/// `stem`.
fn stem(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = conv_norm(g / "conv_kxk.0", x, 16, 7, 2, 1, Padding::Symmetric)?;
    let x = conv_norm(g / "conv_scale", x, 16, 1, 2, 1, Padding::Valid)?;
    let y = g.add("reparam_conv", &[y, x])?;
    g.activation("act", y, Activation::Relu6)
}

/// `stem.conv_kxk.0`, `stem.conv_scale` and 20 more.
fn conv_norm(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
    padding: Padding,
) -> Result<Value, BuildError> {
    let x =
        g.conv("conv", x, Conv { stride: stride.into(), groups, padding, ..Conv::new(channels, kernel) })?;
    g.batch_norm("bn", x, BatchNorm::default())
}

/// `stages`.
fn stages(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = stages_0(g / "0", x)?;
    let x = stages_1(g / "1", x)?;
    stages_2(g / "2", x)
}

/// `stages.0`.
fn stages_0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 16)?;
    block_with_identity(g / "1", x, 16)
}

/// `stages.0.0`, `stages.1.0` and `stages.2.0`.
fn block_with_conv_scale(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [y, z] = conv_kxk(g / "conv_kxk", x, channels, 5, 2, channels)?;
    let x = conv_norm(g / "conv_scale", x, channels, 1, 2, channels, Padding::Valid)?;
    let y = g.add("reparam_conv", &[y, z, x])?;
    g.activation("act", y, Activation::Relu6)
}

/// `stages.0.0.conv_kxk`, `stages.0.1.conv_kxk` and 6 more.
fn conv_kxk(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
) -> Result<[Value; 2], BuildError> {
    let y = conv_norm(g / "0", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    let x = conv_norm(g / "1", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    Ok([y, x])
}

/// `stages.0.1` and `stages.1.3`.
fn block_with_identity(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [y, z] = conv_kxk(g / "conv_kxk", x, channels, 1, 1, 1)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let y = g.add("reparam_conv", &[y, z, x])?;
    g.activation("act", y, Activation::Relu6)
}

/// `stages.1`.
fn stages_1(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 16)?;
    let x = block(g / "1", x)?;
    let x = stages_1_2(g / "2", x)?;
    block_with_identity(g / "3", x, 32)
}

/// `stages.1.1` and `stages.2.1`.
fn block(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let [x, y] = conv_kxk(g / "conv_kxk", x, 2 * g.channels(x), 1, 1, 1)?;
    let x = g.add("reparam_conv", &[x, y])?;
    g.activation("act", x, Activation::Relu6)
}

/// `stages.1.2`.
fn stages_1_2(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let [x1, x2] = conv_kxk(g / "conv_kxk", x, 32, 5, 1, 32)?;
    let x3 = conv_norm(g / "conv_scale", x, 32, 1, 1, 32, Padding::Valid)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let x = g.add("reparam_conv", &[x1, x2, x3, x])?;
    g.activation("act", x, Activation::Relu6)
}

/// `stages.2`.
fn stages_2(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 32)?;
    block(g / "1", x)
}

/// `head`.
fn head(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = g.global_mean("global_pool", x)?;
    let x = g.flatten("flatten", x)?;
    g.linear("fc", x, 4)
}
