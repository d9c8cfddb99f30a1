//! Made by `factory source image-unet`, and yours to change: image-unet.

use graph::{
    Activation, BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Shape, UpsampleMode, Value,
};

/// Maps `[N, 3, 128, 128]` to `logits`, `[N, 2, 128, 128]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x1 = double_conv(g / "inc.double_conv", x, 16, 16)?;
        let x2 = maxpool_conv(g / "down1.maxpool_conv", x1, 32)?;
        let x3 = maxpool_conv(g / "down2.maxpool_conv", x2, 64)?;
        let x4 = maxpool_conv(g / "down3.maxpool_conv", x3, 128)?;
        let x = maxpool_conv(g / "down4.maxpool_conv", x4, 128)?;
        let x = up(g / "up1", x, x4, 64)?;
        let x = up(g / "up2", x, x3, 32)?;
        let x = up(g / "up3", x, x2, 16)?;
        let x = up(g / "up4", x, x1, 16)?;
        let x5 = g.conv("outc.conv", x, Conv { bias: true, ..Conv::new(2, 1) })?;
        g.output("logits", x5)
    })
}

/// `inc.double_conv`, `down1.maxpool_conv.1.double_conv` and 7 more.
fn double_conv(
    g: Scope<'_>,
    x: Value,
    block_0_channels: usize,
    block_3_channels: usize,
) -> Result<Value, BuildError> {
    let x = g.conv("0", x, Conv::new(block_0_channels, 3))?;
    let x = g.batch_norm("1", x, BatchNorm::default())?;
    let x = g.activation("2", x, Activation::Relu)?;
    let x = g.conv("3", x, Conv::new(block_3_channels, 3))?;
    let x = g.batch_norm("4", x, BatchNorm::default())?;
    g.activation("5", x, Activation::Relu)
}

/// `down1.maxpool_conv`, `down2.maxpool_conv`, `down3.maxpool_conv` and `down4.maxpool_conv`.
fn maxpool_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.max_pool("0", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Symmetric })?;
    double_conv(g / "1.double_conv", x, channels, channels)
}

/// `up1`, `up2`, `up3` and `up4`.
fn up(g: Scope<'_>, x: Value, y: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.upsample("up", x, 2, UpsampleMode::Linear { align_corners: true })?;
    let x = g.crop_or_pad("crop_or_pad", x, y)?;
    let y = g.concat("concat", &[y, x])?;
    double_conv(g / "conv.double_conv", y, g.channels(y) / 2, channels)
}
