//! A graph for the tests of weights.

use graph::{Activation, BatchNorm, Conv, Graph, GroupNorm, Value};

/// A convolution, a norm and an activation for each name, then a group norm and a linear layer.
pub(crate) fn layers(names: &[&str]) -> Graph {
    let graph = Graph::build(|g| {
        let mut x: Value = g.input("x", [4, 16])?;
        for name in names {
            let g = g / name;
            x = g.conv("conv", x, Conv { bias: true, ..Conv::new(4, 3) })?;
            x = g.batch_norm("bn", x, BatchNorm::default())?;
            x = g.activation("act", x, Activation::Relu)?;
        }
        x = g.group_norm("norm", x, GroupNorm { groups: 2, eps: 1e-5, affine: true })?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 3)?;
        g.output("y", x)
    });
    graph.expect("the graph can be built")
}
