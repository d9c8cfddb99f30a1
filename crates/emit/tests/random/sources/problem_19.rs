//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{BuildError, ConvTranspose, Graph, Padding, Pool, Shape};

/// Maps `[N, 2, 8, 10]` to `y`, `[N, 2, 11, 14]`. Accepts other input sizes.
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
                    groups: 2,
                    bias: true,
                    ..ConvTranspose::new(2, 4, 3)
                },
            )?;
        let x = g
            .average_pool(
                "step0.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 2.into(),
                    padding: Padding::Valid,
                },
                false,
            )?;
        g.output("y", x)
    })
}
