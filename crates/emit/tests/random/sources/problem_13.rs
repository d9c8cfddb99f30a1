//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{BuildError, Conv, Graph, Padding, Pool, Shape};

/// Maps `[N, 4, 11, 12]` to `y`, `[N, 2, 12, 11]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.layer_norm("cell.op", x, 1e-5)?;
        let x = g
            .average_pool(
                "step0.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 1.into(),
                    padding: Padding::Causal,
                },
                false,
            )?;
        let x = g
            .conv(
                "step1.op",
                x,
                Conv {
                    dilation: 2.into(),
                    groups: 2,
                    padding: Padding::Explicit {
                        before: [2, 1].into(),
                        after: [1, 0].into(),
                    },
                    bias: true,
                    ..Conv::new(2, 2)
                },
            )?;
        g.output("y", x)
    })
}
