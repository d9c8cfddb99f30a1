//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Shape, Value};

/// Maps `[N, 4, 9, 10]` to `y`, `[N, 2, 1, 3]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g
            .average_pool(
                "cell.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 1.into(),
                    padding: Padding::Same,
                },
                true,
            )?;
        let x = g
            .conv(
                "step0.op",
                x,
                Conv {
                    dilation: 3.into(),
                    groups: 2,
                    padding: Padding::Explicit {
                        before: 0.into(),
                        after: [1, 2].into(),
                    },
                    ..Conv::new(2, 4)
                },
            )?;
        branches1(g / "branches1", x)?;
        g.output("y", x)
    })
}

/// `branches1`.
fn branches1(g: Scope<'_>, x: Value) -> Result<(), BuildError> {
    g.conv(
        "conv0",
        x,
        Conv {
            stride: 2.into(),
            groups: 2,
            padding: Padding::Causal,
            bias: true,
            ..Conv::new(2, 1)
        },
    )?;
    g.batch_norm("identity", x, BatchNorm::default())?;
    Ok(())
}
