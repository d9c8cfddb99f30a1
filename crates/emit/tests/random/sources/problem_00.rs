//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Graph, Shape};

/// Maps `[N, 4, 13]` to `y`, `[N, 4]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::HardSigmoid)?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("vector", x)?;
        let x = g.activation("cell.op", x, Activation::Relu)?;
        let x = g.activation("step0.op", x, Activation::HardSwish)?;
        g.output("y", x)
    })
}
