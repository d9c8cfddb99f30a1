//! Made by `factory source image-mobileone`, and yours to change: image-mobileone.

use graph::{Activation, BatchNorm, BuildError, Conv, Graph, Padding, Scope, Shape, Value};

/// Maps `[N, 3, 224, 224]` to `logits`, `[N, 1000]`. Accepts other input sizes.
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
    let y = conv_norm(g / "conv_kxk.0", x, 48, 3, 2, 1, Padding::Symmetric)?;
    let x = conv_norm(g / "conv_scale", x, 48, 1, 2, 1, Padding::Valid)?;
    let y = g.add("reparam_conv", &[y, x])?;
    g.activation("act", y, Activation::Relu)
}

/// `stem.conv_kxk.0`, `stem.conv_scale` and 189 more.
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
    let x = stages_2(g / "2", x)?;
    stages_3(g / "3", x)
}

/// `stages.0`.
fn stages_0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 48)?;
    let x = block_with_identity(g / "1", x, 48)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 48)?;
    block_with_identity(g / "3", x, 48)
}

/// `stages.0.0`, `stages.1.0`, `stages.2.0` and `stages.3.0`.
fn block_with_conv_scale(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [x1, x2, x3, x4] = conv_kxk(g / "conv_kxk", x, channels, 3, 2, channels)?;
    let x = conv_norm(g / "conv_scale", x, channels, 1, 2, channels, Padding::Valid)?;
    let x = g.add("reparam_conv", &[x1, x2, x3, x4, x])?;
    g.activation("act", x, Activation::Relu)
}

/// `stages.0.0.conv_kxk`, `stages.0.1.conv_kxk` and 40 more.
fn conv_kxk(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
) -> Result<[Value; 4], BuildError> {
    let x1 = conv_norm(g / "0", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    let x2 = conv_norm(g / "1", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    let x3 = conv_norm(g / "2", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    let x4 = conv_norm(g / "3", x, channels, kernel, stride, groups, Padding::Symmetric)?;
    Ok([x1, x2, x3, x4])
}

/// `stages.0.1`, `stages.0.3` and 16 more.
fn block_with_identity(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [x1, x2, x3, x4] = conv_kxk(g / "conv_kxk", x, channels, 1, 1, 1)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let x = g.add("reparam_conv", &[x1, x2, x3, x4, x])?;
    g.activation("act", x, Activation::Relu)
}

/// `stages.0.2`, `stages.1.2` and 15 more.
fn block_with_conv_scale_and_identity(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [x1, x2, x3, x4] = conv_kxk(g / "conv_kxk", x, channels, 3, 1, channels)?;
    let x5 = conv_norm(g / "conv_scale", x, channels, 1, 1, channels, Padding::Valid)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let x = g.add("reparam_conv", &[x1, x2, x3, x4, x5, x])?;
    g.activation("act", x, Activation::Relu)
}

/// `stages.1`.
fn stages_1(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 48)?;
    let x = block(g / "1", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 128)?;
    let x = block_with_identity(g / "3", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "4", x, 128)?;
    let x = block_with_identity(g / "5", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "6", x, 128)?;
    let x = block_with_identity(g / "7", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "8", x, 128)?;
    let x = block_with_identity(g / "9", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "10", x, 128)?;
    let x = block_with_identity(g / "11", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "12", x, 128)?;
    let x = block_with_identity(g / "13", x, 128)?;
    let x = block_with_conv_scale_and_identity(g / "14", x, 128)?;
    block_with_identity(g / "15", x, 128)
}

/// `stages.1.1`, `stages.2.1` and `stages.3.1`.
fn block(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let [x, x1, x2, x3] = conv_kxk(g / "conv_kxk", x, channels, 1, 1, 1)?;
    let x = g.add("reparam_conv", &[x, x1, x2, x3])?;
    g.activation("act", x, Activation::Relu)
}

/// `stages.2`.
fn stages_2(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 128)?;
    let x = block(g / "1", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 256)?;
    let x = block_with_identity(g / "3", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "4", x, 256)?;
    let x = block_with_identity(g / "5", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "6", x, 256)?;
    let x = block_with_identity(g / "7", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "8", x, 256)?;
    let x = block_with_identity(g / "9", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "10", x, 256)?;
    let x = block_with_identity(g / "11", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "12", x, 256)?;
    let x = block_with_identity(g / "13", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "14", x, 256)?;
    let x = block_with_identity(g / "15", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "16", x, 256)?;
    let x = block_with_identity(g / "17", x, 256)?;
    let x = block_with_conv_scale_and_identity(g / "18", x, 256)?;
    block_with_identity(g / "19", x, 256)
}

/// `stages.3`.
fn stages_3(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 256)?;
    block(g / "1", x, 1024)
}

/// `head`.
fn head(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = g.global_mean("global_pool", x)?;
    let x = g.flatten("flatten", x)?;
    g.linear("fc", x, 1000)
}
