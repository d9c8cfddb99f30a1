//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Shape};

/// Maps `[N, 6, 8]` to `y`, `[N, 6, 8]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Mish)?;
        let x = g.layer_norm("cell.op", x, 1e-5)?;
        g.output("y", x)
    })
}
