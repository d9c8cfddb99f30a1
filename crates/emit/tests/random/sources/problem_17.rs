//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, DropUnit, Graph,
    Padding, Pool, Scope, Shape, Value,
};

/// Maps `[N, 2, 13, 9]` to `y`, `[N, 4, 5, 3]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Relu)?;
        let x = g
            .average_pool(
                "cell.op",
                x,
                Pool {
                    kernel: 4.into(),
                    stride: 3.into(),
                    padding: Padding::Same,
                },
                true,
            )?;
        let x = g
            .conv_transpose(
                "step0.op",
                x,
                ConvTranspose {
                    crop: Crop::Causal,
                    bias: true,
                    ..ConvTranspose::new(4, 2, 1)
                },
            )?;
        let x = branches1(g / "branches1", x)?;
        g.output("y", x)
    })
}

/// `branches1`.
fn branches1(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let x1 = g
        .conv(
            "conv0",
            x,
            Conv {
                dilation: 2.into(),
                groups: 2,
                bias: true,
                ..Conv::new(4, 1)
            },
        )?;
    let x2 = g
        .conv(
            "conv1",
            x,
            Conv {
                dilation: 2.into(),
                groups: 2,
                bias: true,
                ..Conv::new(4, 1)
            },
        )?;
    let x3 = g
        .batch_norm(
            "bn1",
            x2,
            BatchNorm {
                eps: 0.001,
                ..BatchNorm::default()
            },
        )?;
    let x4 = g
        .conv(
            "conv2",
            x,
            Conv {
                dilation: 2.into(),
                groups: 2,
                bias: true,
                ..Conv::new(4, 1)
            },
        )?;
    let x = g
        .conv(
            "scale",
            x,
            Conv {
                dilation: 2.into(),
                groups: 2,
                bias: true,
                ..Conv::new(4, 1)
            },
        )?;
    let x = g
        .batch_norm(
            "scale_bn",
            x,
            BatchNorm {
                eps: 0.001,
                affine: false,
                ..BatchNorm::default()
            },
        )?;
    let x = g.add("sum", &[x1, x3, x4, x])?;
    let x = g
        .batch_norm(
            "after",
            x,
            BatchNorm {
                eps: 0.001,
                ..BatchNorm::default()
            },
        )?;
    g.dropout("drop", x, 0.5, DropUnit::Element)
}
