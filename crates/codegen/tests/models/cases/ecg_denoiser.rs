//! Made by `factory source ecg-denoiser`, and yours to change: ecg-denoiser.

use graph::{
    Activation, BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Shape, UpsampleMode, Value,
};

/// Maps `[N, 1, 720]` to `logits`, `[N, 1, 720]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x1 = double_conv(g / "inc.double_conv", x, 8)?;
        let x2 = maxpool_conv(g / "down1.maxpool_conv", x1, 16)?;
        let x3 = maxpool_conv(g / "down2.maxpool_conv", x2, 24)?;
        let x = maxpool_conv(g / "down3.maxpool_conv", x3, 32)?;
        let x = up(g / "up1", x, x3, 24)?;
        let x = up(g / "up2", x, x2, 16)?;
        let x = up(g / "up3", x, x1, 8)?;
        let x4 = g.conv("outc.conv", x, Conv { padding: Padding::Same, bias: true, ..Conv::new(1, 1) })?;
        g.output("logits", x4)
    })
}

/// `inc.double_conv`, `down1.maxpool_conv.1.double_conv` and 5 more.
fn double_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = conv_conv(g / "0", x, channels)?;
    let x = g.batch_norm("1", x, BatchNorm::default())?;
    let x = g.activation("2", x, Activation::Relu6)?;
    let x = conv_conv(g / "3", x, channels)?;
    let x = g.batch_norm("4", x, BatchNorm::default())?;
    g.activation("5", x, Activation::Relu6)
}

/// `inc.double_conv.0`, `inc.double_conv.3` and 12 more.
fn conv_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.conv(
        "depthwise",
        x,
        Conv { groups: g.channels(x), padding: Padding::Same, ..Conv::new(g.channels(x), 3) },
    )?;
    g.conv("pointwise", x, Conv::new(channels, 1))
}

/// `down1.maxpool_conv`, `down2.maxpool_conv` and `down3.maxpool_conv`.
fn maxpool_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.max_pool("0", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Same })?;
    double_conv(g / "1.double_conv", x, channels)
}

/// `up1`, `up2` and `up3`.
fn up(g: Scope<'_>, x: Value, y: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.upsample("up", x, 2, UpsampleMode::Nearest)?;
    let x = g.crop_or_pad("crop_or_pad", x, y)?;
    let y = g.concat("concat", &[y, x])?;
    double_conv(g / "conv.double_conv", y, channels)
}
