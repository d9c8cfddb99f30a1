//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Padding, Pool, Shape};

/// Maps `[N, 2, 10]` to `y`, `[N, 2, 10]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Mish)?;
        let x = g
            .average_pool(
                "cell.op",
                x,
                Pool {
                    kernel: 4.into(),
                    stride: 1.into(),
                    padding: Padding::Explicit {
                        before: 2.into(),
                        after: 1.into(),
                    },
                },
                false,
            )?;
        let x = g.layer_norm("step0.op", x, 1e-5)?;
        g.output("y", x)
    })
}
