//! Operations that need no memory of their own, or none that an input does not already have.

use crate::{Node, Op, Shape, Table, Value};

/// The way in which a node's output may share memory with its inputs.
pub(super) enum Alias {
    /// The output is a contiguous part of an input; nothing is computed.
    View {
        /// The input.
        of: Value,
        /// The first element in it.
        offset: usize,
    },
    /// Each element of the output depends, of each of these inputs, on the element at its own place
    /// only.
    InPlace(Vec<Value>),
    /// The inputs lie one after another in the output.
    Concat,
    /// The output needs memory of its own.
    None,
}

/// The way in which the output of `node` may share memory, values having these shapes.
pub(super) fn alias(node: &Node, shapes: &Table<Shape>) -> Alias {
    let shape = |value: Value| &shapes[value];
    let whole = |of: Value| Alias::View { of, offset: 0 };
    let inputs = &node.inputs;
    match &node.op {
        Op::Add | Op::Concat if inputs.len() == 1 => whole(inputs[0]),
        Op::Concat => Alias::Concat,
        Op::Dropout { .. } | Op::Flatten => whole(inputs[0]),
        Op::Slice { start, .. } => {
            let positions: usize = shape(inputs[0]).space.iter().product();
            Alias::View { of: inputs[0], offset: start * positions }
        }
        Op::CropOrPad if shape(inputs[0]).space == shape(inputs[1]).space => whole(inputs[0]),
        Op::Select(step) => {
            // The chosen elements lie a whole series apart, unless one channel or one step is all.
            let Shape { channels, space } = shape(inputs[0]);
            if *channels == 1 || space[0] == 1 {
                Alias::View { of: inputs[0], offset: step.index(space[0]) }
            } else {
                Alias::None
            }
        }
        Op::Activation(_) | Op::BatchNorm(_) | Op::Add => Alias::InPlace(inputs.clone()),
        Op::Multiply if shape(inputs[0]) == shape(inputs[1]) => Alias::InPlace(inputs.clone()),
        Op::Multiply => Alias::InPlace(vec![inputs[0]]),
        Op::Input { .. } | Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_) | Op::LayerNorm { .. } => {
            Alias::None
        }
        Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Softmax | Op::MaxPool(_) => Alias::None,
        Op::AveragePool { .. } | Op::GlobalMean | Op::Upsample { .. } | Op::CropOrPad | Op::Reverse => {
            Alias::None
        }
    }
}
