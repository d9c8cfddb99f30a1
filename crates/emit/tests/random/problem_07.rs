//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, ConvTranspose, Graph, Shape};

/// From `[N, 6, 14]` to `y`, `[N, 2, 14]`; the size of the input may be another.
///
/// # Errors
/// Names the node that is at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Tanh)?;
        let x = g.conv_transpose("cell.op", x, ConvTranspose { groups: 2, ..ConvTranspose::new(2, 1, 1) })?;
        g.output("y", x)
    })
}
