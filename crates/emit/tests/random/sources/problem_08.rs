//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{BatchNorm, BuildError, Conv, Graph, Padding, Pool, Shape};

/// Maps `[N, 6, 11]` to `y`, `[N, 4, 3]`. Accepts other input sizes.
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
                    kernel: 4.into(),
                    stride: 3.into(),
                    padding: Padding::Same,
                },
                true,
            )?;
        let x = g
            .conv(
                "step0.op",
                x,
                Conv {
                    stride: 2.into(),
                    padding: Padding::Explicit {
                        before: 2.into(),
                        after: 1.into(),
                    },
                    bias: true,
                    ..Conv::new(4, 2)
                },
            )?;
        let x = g.batch_norm("step1.op", x, BatchNorm::default())?;
        g.output("y", x)
    })
}
