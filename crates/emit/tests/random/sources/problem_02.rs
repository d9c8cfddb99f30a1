//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, DropUnit, Graph, Scope, Shape, Value};

/// Maps `[N, 6, 13, 9]` to `y`, `[N, 6]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Gelu)?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("vector", x)?;
        let x = cell(g / "cell", x)?;
        let x = g.dropout("step0.op", x, 0.3, DropUnit::Path)?;
        let x = g.activation("step1.op", x, Activation::Softplus)?;
        g.output("y", x)
    })
}

/// `cell`.
fn cell(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let y = g.activation("beside", x, Activation::Tanh)?;
    g.multiply("op", x, y)
}
