//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Padding, Pool, Shape};

/// Maps `[N, 6, 7]` to `y`, `[N, 6, 7]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Elu { alpha: 1.0 })?;
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
        let x = g.activation("step0.op", x, Activation::Gelu)?;
        g.output("y", x)
    })
}
