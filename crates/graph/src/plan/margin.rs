//! Paddings and crops resolved at a size.

use crate::{ConvTranspose, Node, Op, Shape, Table, Value, Window};

/// Elements added at both ends of one axis. A negative number of elements is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Margin {
    /// Before the first element.
    pub before: isize,
    /// After the last element.
    pub after: isize,
}

/// The margins of each spatial axis, values having these shapes; empty for an operation without any.
pub(super) fn margins(node: &Node, shapes: &Table<Shape>) -> Vec<Margin> {
    let shape = |value: Value| &shapes[value];
    match &node.op {
        Op::Conv(conv) => of_window(&conv.window(), shape(node.inputs[0])),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => of_window(&pool.window(), shape(node.inputs[0])),
        Op::ConvTranspose(conv) => of_transposed(conv, shape(node.inputs[0])),
        Op::CropOrPad => of_sizes(shape(node.inputs[0]), shape(node.inputs[1])),
        Op::Input { .. } | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) => {
            Vec::new()
        }
        Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply => Vec::new(),
        Op::Concat | Op::Slice { .. } | Op::GlobalMean | Op::Upsample { .. } | Op::Select(_) => Vec::new(),
        Op::Reverse | Op::Dropout { .. } | Op::Flatten => Vec::new(),
    }
}

/// The padding of the input.
fn of_window(window: &Window, x: &Shape) -> Vec<Margin> {
    let margin = |(axis, n): (usize, &usize)| {
        let (before, after) = window.pads(axis, *n);
        Margin { before: before.cast_signed(), after: after.cast_signed() }
    };
    x.space.iter().enumerate().map(margin).collect()
}

/// The crop of the full output, of `(n - 1) * stride + kernel` elements.
fn of_transposed(conv: &ConvTranspose, x: &Shape) -> Vec<Margin> {
    let margin = |axis: usize| {
        let (before, after) = conv.cuts(axis);
        Margin { before: -before.cast_signed(), after: -after.cast_signed() }
    };
    (0..x.rank()).map(margin).collect()
}

/// The padding or crop that turns the size of `x` into that of `like`: half of the surplus, rounded
/// down, before.
fn of_sizes(x: &Shape, like: &Shape) -> Vec<Margin> {
    let margin = |(n, m): (&usize, &usize)| {
        let lacking = m.cast_signed() - n.cast_signed();
        Margin { before: lacking / 2, after: lacking - lacking / 2 }
    };
    x.space.iter().zip(&like.space).map(margin).collect()
}
