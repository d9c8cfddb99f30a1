//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{
    BatchNorm, BuildError, Conv, ConvTranspose, DropUnit, Graph, Scope, Shape, Value,
};

/// Maps `[N, 6, 11]` to `y`, `[N, 12, 16]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g
            .conv_transpose(
                "cell.op",
                x,
                ConvTranspose {
                    groups: 6,
                    bias: true,
                    ..ConvTranspose::new(12, 3, 3)
                },
            )?;
        let x = branches0(g / "branches0", x)?;
        g.output("y", x)
    })
}

/// `branches0`.
fn branches0(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g
        .conv(
            "conv0",
            x,
            Conv {
                stride: 2.into(),
                ..Conv::new(12, 4)
            },
        )?;
    let y = g
        .batch_norm(
            "bn0",
            y,
            BatchNorm {
                affine: false,
                ..BatchNorm::default()
            },
        )?;
    let z = g
        .conv(
            "conv1",
            x,
            Conv {
                stride: 2.into(),
                ..Conv::new(12, 4)
            },
        )?;
    let x = g
        .conv(
            "conv2",
            x,
            Conv {
                stride: 2.into(),
                ..Conv::new(12, 4)
            },
        )?;
    let x = g.batch_norm("bn2", x, BatchNorm::default())?;
    let y = g.add("sum", &[y, z, x])?;
    let y = g
        .batch_norm(
            "after",
            y,
            BatchNorm {
                eps: 0.001,
                affine: false,
                ..BatchNorm::default()
            },
        )?;
    g.dropout("drop", y, 0.5, DropUnit::Element)
}
