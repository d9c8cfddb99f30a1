//! Made by `UPDATE_EXPECT=1 cargo test --release -p emit`, and yours to change: a random graph.

use graph::{Activation, BuildError, Conv, Graph, Padding, Pool, Shape};

/// Maps `[N, 4, 7]` to `y`, `[N, 4, 3]`. Accepts other input sizes.
///
/// # Errors
/// Names the node at fault.
pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = g.activation("before.op", x, Activation::Mish)?;
        let x = g.activation("cell.op", x, Activation::HardSigmoid)?;
        let x = g
            .conv(
                "step0.op",
                x,
                Conv {
                    dilation: 2.into(),
                    groups: 4,
                    padding: Padding::Same,
                    bias: true,
                    ..Conv::new(4, 4)
                },
            )?;
        let x = g
            .max_pool(
                "step1.op",
                x,
                Pool {
                    kernel: 3.into(),
                    stride: 3.into(),
                    padding: Padding::Same,
                },
            )?;
        g.output("y", x)
    })
}
