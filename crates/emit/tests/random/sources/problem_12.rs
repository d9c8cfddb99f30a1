//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Shape};

/// Maps `[N, 4, 8, 10]` to `y`, `[N, 4, 8, 10]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("cell.op", x, Activation::HardSigmoid)?;
        g.output("y", x)
    })
}
