//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{BuildError, Conv, Graph, Padding, Pool, Shape};

/// Maps `[N, 4, 7, 13]` to `y`, `[N, 8, 2, 4]`. Accepts other input sizes.
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
                    stride: 1.into(),
                    padding: Padding::Explicit {
                        before: 1.into(),
                        after: 0.into(),
                    },
                },
                false,
            )?;
        let x = g
            .max_pool(
                "step0.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 2.into(),
                    padding: Padding::Same,
                },
            )?;
        let x = g
            .conv(
                "step1.op",
                x,
                Conv {
                    groups: 4,
                    padding: Padding::Explicit {
                        before: [1, 0].into(),
                        after: 1.into(),
                    },
                    ..Conv::new(8, [3, 1])
                },
            )?;
        let x = g
            .max_pool(
                "step2.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 2.into(),
                    padding: Padding::Symmetric,
                },
            )?;
        g.output("y", x)
    })
}
