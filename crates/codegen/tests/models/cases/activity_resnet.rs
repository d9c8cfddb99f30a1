//! Made by `factory source activity-resnet`, and yours to change: activity-resnet.

use graph::{Activation, BatchNorm, BuildError, Conv, DropUnit, Graph, Scope, Shape, Value};

/// Maps `[N, 6, 100]` to `logits`, `[N, 4]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(16, 7) })?;
        let x = g.batch_norm("bn1", x, BatchNorm::default())?;
        let x = g.activation("relu", x, Activation::Relu6)?;
        let x = layer1_0(g / "layer1.0", x)?;
        let x = block(g / "layer2.0", x)?;
        let x = block(g / "layer3.0", x)?;
        let x = g.global_mean("global_pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.dropout("dropout", x, 0.1, DropUnit::Element)?;
        let x = g.linear("fc", x, 4)?;
        g.output("logits", x)
    })
}

/// `layer1.0`.
fn layer1_0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.conv("conv1", x, Conv::new(16, 5))?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("relu1", y, Activation::Relu6)?;
    let y = g.conv("conv2", y, Conv::new(16, 5))?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    let y = g.add("add", &[y, x])?;
    g.activation("relu", y, Activation::Relu6)
}

/// `layer2.0` and `layer3.0`.
fn block(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(2 * g.channels(x), 5) })?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("relu1", y, Activation::Relu6)?;
    let y = g.conv("conv2", y, Conv::new(g.channels(y), 5))?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    let x = downsample(g / "downsample", x)?;
    let y = g.add("add", &[y, x])?;
    g.activation("relu", y, Activation::Relu6)
}

/// `layer2.0.downsample` and `layer3.0.downsample`.
fn downsample(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = g.conv("0", x, Conv { stride: 2.into(), ..Conv::new(2 * g.channels(x), 1) })?;
    g.batch_norm("1", x, BatchNorm::default())
}
