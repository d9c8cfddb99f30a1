//! Made by `factory source activity-tcn`, and yours to change: activity-tcn.

use graph::{Activation, BatchNorm, BuildError, Conv, DropUnit, Graph, Padding, Scope, Shape, Value};

/// Maps `[N, 6, 100]` to `logits`, `[N, 4]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = network(g / "network", x)?;
        let x = g.global_mean("global_pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("linear", x, 4)?;
        g.output("logits", x)
    })
}

/// `network`.
fn network(g: Scope<'_>, mut x: Value) -> Result<Value, BuildError> {
    let rows = [(6, 1, 1, 16), (16, 2, 4, 24), (24, 4, 6, 32)];
    for (i, (depthwise_channels, dilation, se_channels, pointwise_channels)) in (0..).zip(rows) {
        x = block_with_dropout(g / i, x, depthwise_channels, dilation, se_channels, pointwise_channels)?;
    }
    Ok(x)
}

/// `network.0`, `network.1` and `network.2`.
fn block_with_dropout(
    g: Scope<'_>,
    x: Value,
    depthwise_channels: usize,
    dilation: usize,
    se_channels: usize,
    pointwise_channels: usize,
) -> Result<Value, BuildError> {
    let x = block(g / "0", x, depthwise_channels, dilation, se_channels, pointwise_channels)?;
    let x = block(g / "1", x, pointwise_channels, dilation, g.channels(x) / 4, pointwise_channels)?;
    g.dropout("dropout", x, 0.1, DropUnit::Element)
}

/// `network.0.0`, `network.0.1` and 4 more.
fn block(
    g: Scope<'_>,
    x: Value,
    depthwise_channels: usize,
    dilation: usize,
    se_channels: usize,
    pointwise_channels: usize,
) -> Result<Value, BuildError> {
    let x = conv_norm_activation(
        g / "depthwise",
        x,
        depthwise_channels,
        7,
        dilation,
        depthwise_channels,
        Padding::Same,
    )?;
    let x = se(g / "se", x, se_channels)?;
    conv_norm_activation(g / "pointwise", x, pointwise_channels, 1, 1, 1, Padding::Symmetric)
}

/// `network.0.0.depthwise`, `network.0.0.pointwise` and 10 more.
fn conv_norm_activation(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    kernel: usize,
    dilation: usize,
    groups: usize,
    padding: Padding,
) -> Result<Value, BuildError> {
    let x = g.conv(
        "conv",
        x,
        Conv { dilation: dilation.into(), groups, padding, ..Conv::new(channels, kernel) },
    )?;
    let x = g.batch_norm("norm", x, BatchNorm::default())?;
    g.activation("act", x, Activation::Relu6)
}

/// `network.0.0.se`, `network.0.1.se` and 4 more.
fn se(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let y = g.global_mean("mean", x)?;
    let y = g.conv("fc1", y, Conv { bias: true, ..Conv::new(channels, 1) })?;
    let y = g.activation("act", y, Activation::Relu6)?;
    let y = g.conv("fc2", y, Conv { bias: true, ..Conv::new(g.channels(x), 1) })?;
    let y = g.activation("gate", y, Activation::HardSigmoid)?;
    g.multiply("scale", x, y)
}
