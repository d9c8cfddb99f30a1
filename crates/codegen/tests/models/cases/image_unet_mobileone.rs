//! Made by `factory source image-unet-mobileone`, and yours to change: image-unet-mobileone.

use graph::{Activation, BatchNorm, BuildError, Conv, ConvTranspose, Graph, Padding, Scope, Shape, Value};

/// Maps `[N, 3, 128, 128]` to `logits`, `[N, 2, 128, 128]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x1 = g.input("input", input)?;
        let [x2, x3, x4, x, x5] = encoder(g / "encoder", x1)?;
        let x = up(g / "up1", x5, x, 64)?;
        let x = up(g / "up2", x, x4, 48)?;
        let x = up(g / "up3", x, x3, 32)?;
        let x = up(g / "up4", x, x2, 24)?;
        let x = up5(g / "up5", x, x1)?;
        let x6 = g.conv("outc.conv", x, Conv { bias: true, ..Conv::new(2, 1) })?;
        g.output("logits", x6)
    })
}

/// `encoder`.
fn encoder(g: Scope<'_>, x: Value) -> Result<[Value; 5], BuildError> {
    let x1 = block_with_conv_scale(g / "stem", x, 64, 1)?;
    let [x2, x3, x4, x5] = stages(g / "stages", x1)?;
    Ok([x1, x2, x3, x4, x5])
}

/// `encoder.stem`, `encoder.stages.0.0`, `encoder.stages.1.0`, `encoder.stages.2.0` and `encoder.stages.3.0`.
fn block_with_conv_scale(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    groups: usize,
) -> Result<Value, BuildError> {
    let y = conv_norm(g / "conv_kxk.0", x, channels, 3, 2, groups, Padding::Symmetric)?;
    let x = conv_norm(g / "conv_scale", x, channels, 1, 2, groups, Padding::Valid)?;
    let y = g.add("reparam_conv", &[y, x])?;
    g.activation("act", y, Activation::Relu)
}

/// `encoder.stem.conv_kxk.0`, `encoder.stem.conv_scale` and 63 more.
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

/// `encoder.stages`.
fn stages(g: Scope<'_>, x: Value) -> Result<[Value; 4], BuildError> {
    let x1 = stages_0(g / "0", x)?;
    let x2 = stages_1(g / "1", x1)?;
    let x3 = stages_2(g / "2", x2)?;
    let x4 = stages_3(g / "3", x3)?;
    Ok([x1, x2, x3, x4])
}

/// `encoder.stages.0`.
fn stages_0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 64, 64)?;
    let x = block(g / "1", x, 96)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 96)?;
    block_with_identity(g / "3", x, 96)
}

/// `encoder.stages.0.1`, `encoder.stages.1.1`, `encoder.stages.2.1` and `encoder.stages.3.1`.
fn block(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = conv_norm(g / "conv_kxk.0", x, channels, 1, 1, 1, Padding::Symmetric)?;
    let x = g.add("reparam_conv", &[x])?;
    g.activation("act", x, Activation::Relu)
}

/// `encoder.stages.0.2`, `encoder.stages.1.2` and 15 more.
fn block_with_conv_scale_and_identity(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let y = conv_norm(g / "conv_kxk.0", x, channels, 3, 1, channels, Padding::Symmetric)?;
    let z = conv_norm(g / "conv_scale", x, channels, 1, 1, channels, Padding::Valid)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let y = g.add("reparam_conv", &[y, z, x])?;
    g.activation("act", y, Activation::Relu)
}

/// `encoder.stages.0.3`, `encoder.stages.1.3` and 15 more.
fn block_with_identity(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let y = conv_norm(g / "conv_kxk.0", x, channels, 1, 1, 1, Padding::Symmetric)?;
    let x = g.batch_norm("identity", x, BatchNorm::default())?;
    let y = g.add("reparam_conv", &[y, x])?;
    g.activation("act", y, Activation::Relu)
}

/// `encoder.stages.1`.
fn stages_1(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 96, 96)?;
    let x = block(g / "1", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 192)?;
    let x = block_with_identity(g / "3", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "4", x, 192)?;
    let x = block_with_identity(g / "5", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "6", x, 192)?;
    let x = block_with_identity(g / "7", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "8", x, 192)?;
    let x = block_with_identity(g / "9", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "10", x, 192)?;
    let x = block_with_identity(g / "11", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "12", x, 192)?;
    let x = block_with_identity(g / "13", x, 192)?;
    let x = block_with_conv_scale_and_identity(g / "14", x, 192)?;
    block_with_identity(g / "15", x, 192)
}

/// `encoder.stages.2`.
fn stages_2(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 192, 192)?;
    let x = block(g / "1", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "2", x, 512)?;
    let x = block_with_identity(g / "3", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "4", x, 512)?;
    let x = block_with_identity(g / "5", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "6", x, 512)?;
    let x = block_with_identity(g / "7", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "8", x, 512)?;
    let x = block_with_identity(g / "9", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "10", x, 512)?;
    let x = block_with_identity(g / "11", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "12", x, 512)?;
    let x = block_with_identity(g / "13", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "14", x, 512)?;
    let x = block_with_identity(g / "15", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "16", x, 512)?;
    let x = block_with_identity(g / "17", x, 512)?;
    let x = block_with_conv_scale_and_identity(g / "18", x, 512)?;
    block_with_identity(g / "19", x, 512)
}

/// `encoder.stages.3`.
fn stages_3(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block_with_conv_scale(g / "0", x, 512, 512)?;
    block(g / "1", x, 1280)
}

/// `up1`, `up2`, `up3` and `up4`.
fn up(g: Scope<'_>, x: Value, y: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.conv_transpose("up", x, ConvTranspose { bias: true, ..ConvTranspose::new(channels, 2, 2) })?;
    let x = g.crop_or_pad("crop_or_pad", x, y)?;
    let y = g.concat("concat", &[y, x])?;
    double_conv(g / "conv.double_conv", y, channels)
}

/// `up1.conv.double_conv`, `up2.conv.double_conv`, `up3.conv.double_conv`, `up4.conv.double_conv` and `up5.conv.double_conv`.
fn double_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.conv("0", x, Conv::new(channels, 3))?;
    let x = g.batch_norm("1", x, BatchNorm::default())?;
    let x = g.activation("2", x, Activation::Relu)?;
    let x = g.conv("3", x, Conv::new(channels, 3))?;
    let x = g.batch_norm("4", x, BatchNorm::default())?;
    g.activation("5", x, Activation::Relu)
}

/// `up5`.
fn up5(g: Scope<'_>, x: Value, y: Value) -> Result<Value, BuildError> {
    let x = g.conv_transpose("up", x, ConvTranspose { bias: true, ..ConvTranspose::new(16, 2, 2) })?;
    let x = g.crop_or_pad("crop_or_pad", x, y)?;
    double_conv(g / "conv.double_conv", x, 16)
}
