//! Made by `factory source image-resnet`, and yours to change: image-resnet.

use graph::{Activation, BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Shape, Value};

/// Maps `[N, 3, 224, 224]` to `logits`, `[N, 1000]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let x = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(64, 7) })?;
        let x = g.batch_norm("bn1", x, BatchNorm::default())?;
        let x = g.activation("relu", x, Activation::Relu)?;
        let x = g.max_pool(
            "maxpool",
            x,
            Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Symmetric },
        )?;
        let x = layer1(g / "layer1", x)?;
        let x = layer(g / "layer2", x, 128)?;
        let x = layer(g / "layer3", x, 256)?;
        let x = layer(g / "layer4", x, 512)?;
        let x = g.global_mean("global_pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 1000)?;
        g.output("logits", x)
    })
}

/// `layer1`.
fn layer1(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = block(g / "0", x, 64)?;
    block(g / "1", x, 64)
}

/// `layer1.0`, `layer1.1`, `layer2.1`, `layer3.1` and `layer4.1`.
fn block(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let y = g.conv("conv1", x, Conv::new(channels, 3))?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("relu1", y, Activation::Relu)?;
    let y = g.conv("conv2", y, Conv::new(channels, 3))?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    let y = g.add("add", &[y, x])?;
    g.activation("relu", y, Activation::Relu)
}

/// `layer2`, `layer3` and `layer4`.
fn layer(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
    let x = block_with_downsample(g / "0", x)?;
    block(g / "1", x, channels)
}

/// `layer2.0`, `layer3.0` and `layer4.0`.
fn block_with_downsample(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(2 * g.channels(x), 3) })?;
    let y = g.batch_norm("bn1", y, BatchNorm::default())?;
    let y = g.activation("relu1", y, Activation::Relu)?;
    let y = g.conv("conv2", y, Conv::new(g.channels(y), 3))?;
    let y = g.batch_norm("bn2", y, BatchNorm::default())?;
    let x = downsample(g / "downsample", x)?;
    let y = g.add("add", &[y, x])?;
    g.activation("relu", y, Activation::Relu)
}

/// `layer2.0.downsample`, `layer3.0.downsample` and `layer4.0.downsample`.
fn downsample(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x = g.conv("0", x, Conv { stride: 2.into(), ..Conv::new(2 * g.channels(x), 1) })?;
    g.batch_norm("1", x, BatchNorm::default())
}
