//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Padding, Pool, Shape};

/// Maps `[N, 2, 14]` to `early`, `[N, 2, 5]` and `y`, `[N, 2, 5]`. Accepts other input sizes.
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
                    stride: 3.into(),
                    padding: Padding::Explicit {
                        before: 1.into(),
                        after: 0.into(),
                    },
                },
                false,
            )?;
        let y = g.activation("late", x, Activation::Tanh)?;
        g.output("early", x)?;
        g.output("y", y)
    })
}
