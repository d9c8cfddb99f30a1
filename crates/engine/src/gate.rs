//! Gates of channels, such as those of squeeze-excite blocks, as part of the next convolution's weights.

use graph::{Graph, Op, Value};
use kernels::{BLOCK, blocks};

use crate::instruction::{Instruction, Kind};
use crate::pack::has_few_outputs;

/// The products that are not computed: the convolution that reads one multiplies its weights by the gate instead.
pub(crate) struct Gates {
    /// For each node that is such a product, the value and its gate.
    operands: Vec<Option<(Value, Value)>>,
}

impl Gates {
    pub(crate) fn new(graph: &Graph, readers: &[Vec<Value>]) -> Self {
        let operands = graph.nodes().map(|(value, _)| operands(graph, readers, value)).collect();
        Self { operands }
    }

    /// Whether a value is a product that is not computed.
    pub(crate) fn is_folded(&self, value: Value) -> bool {
        self.operands[value.index()].is_some()
    }

    /// Lets a convolution read the value and its gate instead of their product.
    pub(crate) fn fold(&self, instruction: &mut Instruction) {
        let Kind::Conv(conv) = &mut instruction.kind else { return };
        let Some((value, gate)) = self.operands[instruction.inputs[0].index()] else { return };
        conv.has_gate = true;
        instruction.inputs[0] = value;
        instruction.inputs.push(gate);
    }
}

/// The operands of a product with a gate that is read by one convolution only, if multiplying all its weights takes less
/// time than multiplying all positions.
fn operands(graph: &Graph, readers: &[Vec<Value>], value: Value) -> Option<(Value, Value)> {
    let node = graph.node(value);
    let (Op::Multiply, [x, gate], [reader]) = (&node.op, &node.inputs[..], &readers[value.index()][..])
    else {
        return None;
    };
    let Op::Conv(conv) = &graph.node(*reader).op else { return None };
    let positions = |value: Value| graph.node(value).shape.space.iter().product::<usize>();
    let channels = node.shape.channels;
    let taps: usize = (0..node.shape.rank()).map(|axis| conv.kernel.at(axis)).product();
    let is_gate = positions(*gate) == 1 && graph.node(*gate).shape.channels == channels && *x != *gate;
    let is_dense = conv.groups == 1 && !has_few_outputs(conv.out, channels, taps, positions(*reader));
    let pays = positions(*x) >= blocks(conv.out) * BLOCK * taps;
    if is_gate && is_dense && pays { Some((*x, *gate)) } else { None }
}
