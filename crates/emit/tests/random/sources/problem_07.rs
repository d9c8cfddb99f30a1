//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, ConvTranspose, Graph, Shape};

/// Maps `[N, 6, 14]` to `y`, `[N, 2, 14]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Tanh)?;
        let x = g
            .conv_transpose(
                "cell.op",
                x,
                ConvTranspose {
                    groups: 2,
                    ..ConvTranspose::new(2, 1, 1)
                },
            )?;
        g.output("y", x)
    })
}
