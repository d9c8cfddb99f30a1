//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, ConvTranspose, Graph, Padding, Pool, Shape};

/// Maps `[N, 2, 12, 7]` to `early`, `[N, 4, 9, 4]` and `y`, `[N, 4, 9, 4]`. Accepts other input sizes.
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
                    padding: Padding::Explicit {
                        before: [2, 0].into(),
                        after: 1.into(),
                    },
                },
                false,
            )?;
        let x = g
            .conv_transpose(
                "step0.op",
                x,
                ConvTranspose {
                    groups: 2,
                    bias: true,
                    ..ConvTranspose::new(4, 5, 3)
                },
            )?;
        let x = g
            .average_pool(
                "step1.op",
                x,
                Pool {
                    kernel: [4, 3].into(),
                    stride: 1.into(),
                    padding: Padding::Valid,
                },
                true,
            )?;
        let y = g.activation("late", x, Activation::Tanh)?;
        g.output("early", x)?;
        g.output("y", y)
    })
}
