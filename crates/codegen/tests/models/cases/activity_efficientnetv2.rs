//! Made by `factory source activity-efficientnetv2`, and yours to change: activity-efficientnetv2.

use graph::{Activation, BatchNorm, BuildError, Conv, DropUnit, Graph, Scope, Shape, Value};

/// Maps `[N, 6, 100]` to `logits`, `[N, 4]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = g.conv("conv_stem", x, Conv { stride: 2.into(), ..Conv::new(16, 7) })?;
        let x = g.batch_norm("bn1", x, BatchNorm::default())?;
        let x = g.activation("act1", x, Activation::Silu)?;
        let x = blocks(g / "blocks", x)?;
        let x = g.global_mean("global_pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.dropout("dropout", x, 0.2, DropUnit::Element)?;
        let x = g.linear("classifier", x, 4)?;
        g.output("logits", x)
    })
}

/// `blocks`.
fn blocks(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = blocks_0_0(g / "0.0", x)?;
    let x = stage(g / "1", x, 24, 0.06666666666666667)?;
    let x = stage(g / "2", x, 32, 0.13333333333333333)?;
    block(g / "3.0", x, 48)
}

/// `blocks.0.0`.
fn blocks_0_0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.conv("conv_dw", x, Conv { groups: 16, ..Conv::new(16, 5) })?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("act1", y, Activation::Silu)?;
    let y = se(g / "se", y, 4)?;
    let y = g.conv("conv_pw", y, Conv::new(16, 1))?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    g.add("add", &[y, x])
}

/// `blocks.0.0.se`, `blocks.1.0.se` and 4 more.
fn se(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let y = g.global_mean("mean", x)?;
    let y = g.conv("conv_reduce", y, Conv { bias: true, ..Conv::new(channels, 1) })?;
    let y = g.activation("act", y, Activation::Silu)?;
    let y = g.conv("conv_expand", y, Conv { bias: true, ..Conv::new(g.channels(x), 1) })?;
    let y = g.activation("gate", y, Activation::Sigmoid)?;
    g.multiply("scale", x, y)
}

/// `blocks.1` and `blocks.2`.
fn stage(g: Scope<'_>, x: Value, channels: usize, drop_path: f64) -> Result<Value, BuildError> {
    let x = block(g / "0", x, channels)?;
    block_with_drop_path(g / "1", x, drop_path)
}

/// `blocks.1.0`, `blocks.2.0` and `blocks.3.0`.
fn block(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = g.conv("conv_pw", x, Conv::new(4 * g.channels(x), 1))?;
    let x = g.batch_norm("bn1", x, BatchNorm::default())?;
    let x = g.activation("act1", x, Activation::Silu)?;
    let x = g.conv(
        "conv_dw",
        x,
        Conv { stride: 2.into(), groups: g.channels(x), ..Conv::new(g.channels(x), 5) },
    )?;
    let x = g.batch_norm("bn2", x, BatchNorm::default())?;
    let x = g.activation("act2", x, Activation::Silu)?;
    let x = se(g / "se", x, g.channels(x) / 16)?;
    let x = g.conv("conv_pwl", x, Conv::new(channels, 1))?;
    g.batch_norm("bn3", x, BatchNorm::default())
}

/// `blocks.1.1` and `blocks.2.1`.
fn block_with_drop_path(g: Scope<'_>, x: Value, drop_path: f64) -> Result<Value, BuildError> {
    let y = g.conv("conv_pw", x, Conv::new(4 * g.channels(x), 1))?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("act1", y, Activation::Silu)?;
    let y = g.conv("conv_dw", y, Conv { groups: g.channels(y), ..Conv::new(g.channels(y), 5) })?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    let y = g.activation("act2", y, Activation::Silu)?;
    let y = se(g / "se", y, g.channels(y) / 16)?;
    let y = g.conv("conv_pwl", y, Conv::new(g.channels(x), 1))?;
    let y = g.batch_norm("bn3", y, BatchNorm::default())?;
    let y = g.dropout("drop_path", y, drop_path, DropUnit::Path)?;
    g.add("add", &[y, x])
}
