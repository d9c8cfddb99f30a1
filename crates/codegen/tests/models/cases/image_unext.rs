//! Made by `factory source image-unext`, and yours to change: image-unext.

use graph::{
    Activation, BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Shape, UpsampleMode, Value,
};

/// Batch norm settings that several layers share.
const NORM: BatchNorm = BatchNorm { eps: 0.001, momentum: 0.1, affine: true };

/// Maps `[N, 3, 128, 128]` to `logits`, `[N, 2, 128, 128]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = stem(g / "stem", x)?;
        let [x1, x] = enc1(g / "enc1", x)?;
        let [x2, x] = enc(g / "enc2", x, 24)?;
        let [x3, x] = enc(g / "enc3", x, 40)?;
        let [x4, x] = enc(g / "enc4", x, 64)?;
        let x = enc5(g / "enc5", x)?;
        let x = dec(g / "dec1", x, x4, 64)?;
        let x = dec(g / "dec2", x, x3, 40)?;
        let x = dec(g / "dec3", x, x2, 24)?;
        let x = dec(g / "dec4", x, x1, 16)?;
        let x5 = g.conv("outc.conv", x, Conv { padding: Padding::Same, bias: true, ..Conv::new(2, 3) })?;
        g.output("logits", x5)
    })
}

/// `stem`.
fn stem(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = g.conv("conv", x, Conv { padding: Padding::Same, ..Conv::new(16, 3) })?;
    let x = g.batch_norm("norm", x, NORM)?;
    g.activation("act", x, Activation::Silu)
}

/// `enc1`.
fn enc1(g: Scope<'_>, x: Value) -> Result<[Value; 2], BuildError> {
    let x = block_with_add(g / "0", x)?;
    let x = block_with_add(g / "1", x)?;
    let y = g.max_pool("pool", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Same })?;
    Ok([x, y])
}

/// `enc1.0`, `enc1.1` and 4 more.
fn block_with_add(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.conv("conv_pw", x, Conv::new(4 * g.channels(x), 1))?;
    let y = g.batch_norm("bn1", y, NORM)?;
    let y = g.activation("act1", y, Activation::Silu)?;
    let y = g.conv(
        "conv_dw",
        y,
        Conv { groups: g.channels(y), padding: Padding::Same, ..Conv::new(g.channels(y), 3) },
    )?;
    let y = g.batch_norm("bn2", y, NORM)?;
    let y = g.activation("act2", y, Activation::Silu)?;
    let y = se(g / "se", y)?;
    let y = g.conv("conv_pwl", y, Conv::new(g.channels(x), 1))?;
    let y = g.batch_norm("bn3", y, NORM)?;
    g.add("add", &[y, x])
}

/// `enc1.0.se`, `enc1.1.se` and 12 more.
fn se(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.global_mean("mean", x)?;
    let y = g.conv("conv_reduce", y, Conv { bias: true, ..Conv::new(g.channels(y) / 16, 1) })?;
    let y = g.activation("act", y, Activation::Silu)?;
    let y = g.conv("conv_expand", y, Conv { bias: true, ..Conv::new(g.channels(x), 1) })?;
    let y = g.activation("gate", y, Activation::Sigmoid)?;
    g.multiply("scale", x, y)
}

/// `enc2`, `enc3` and `enc4`.
fn enc(g: Scope<'_>, x: Value, channels: usize) -> Result<[Value; 2], BuildError> {
    let x = block(g / "0", x, channels)?;
    let x = block_with_add(g / "1", x)?;
    let y = g.max_pool("pool", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Same })?;
    Ok([x, y])
}

/// `enc2.0`, `enc3.0` and 6 more.
fn block(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.conv("conv_pw", x, Conv::new(4 * g.channels(x), 1))?;
    let x = g.batch_norm("bn1", x, NORM)?;
    let x = g.activation("act1", x, Activation::Silu)?;
    let x = g.conv(
        "conv_dw",
        x,
        Conv { groups: g.channels(x), padding: Padding::Same, ..Conv::new(g.channels(x), 3) },
    )?;
    let x = g.batch_norm("bn2", x, NORM)?;
    let x = g.activation("act2", x, Activation::Silu)?;
    let x = se(g / "se", x)?;
    let x = g.conv("conv_pwl", x, Conv::new(channels, 1))?;
    g.batch_norm("bn3", x, NORM)
}

/// `enc5`.
fn enc5(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block(g / "0", x, 128)?;
    block_with_add(g / "1", x)
}

/// `dec1`, `dec2`, `dec3` and `dec4`.
fn dec(g: Scope<'_>, x: Value, y: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.upsample("up", x, 2, UpsampleMode::Nearest)?;
    let x = g.crop_or_pad("crop_or_pad", x, y)?;
    let y = g.concat("concat", &[y, x])?;
    block(g / "0", y, channels)
}
