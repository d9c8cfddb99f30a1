//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Shape, TimeStep};

/// Maps `[N, 6, 7]` to `early`, `[N, 6]` and `y`, `[N, 6]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Silu)?;
        let x = g.select("cell.op", x, TimeStep::Middle)?;
        let y = g.activation("late", x, Activation::Tanh)?;
        g.output("early", x)?;
        g.output("y", y)
    })
}
