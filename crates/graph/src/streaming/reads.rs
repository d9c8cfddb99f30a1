//! The input positions that one operation reads in a series without end.

use crate::{BuildError, ErrorKind, Node, Op, Shape, Table, UpsampleMode, Window};

/// The positions of an input that a position of an operation's output reads, in a series.
///
/// Output position `p` reads the input positions `floor((step * p + first) / division)` to
/// `floor((step * p + last) / division)`. Those before the first and after the last position of the input are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reads {
    /// Input positions, in units of `1 / division`, from one output position to the next.
    pub step: i64,
    /// The number of units in one input position.
    pub division: i64,
    /// The first unit that output position 0 reads.
    pub first: i64,
    /// The last unit that output position 0 reads.
    pub last: i64,
}

impl Reads {
    /// Each output position reads the input at its own position only.
    pub const SAME: Self = Self { step: 1, division: 1, first: 0, last: 0 };

    /// The first input position that an output position reads.
    pub fn first_of(self, position: i64) -> i64 {
        floor(self.step * position + self.first, self.division)
    }

    /// The last input position that an output position reads.
    pub fn last_of(self, position: i64) -> i64 {
        floor(self.step * position + self.last, self.division)
    }

    /// The number of output positions whose inputs are all among the first `available` input positions and the padding
    /// before them. It is negative if the first output positions would be complete even with less.
    pub fn complete(self, available: i64) -> i64 {
        -floor(self.last - self.division * available, self.step)
    }
}

/// `units / division`, rounded down; mostly by 1.
fn floor(units: i64, division: i64) -> i64 {
    if division == 1 { units } else { units.div_euclid(division) }
}

/// The part of each of its inputs that a node reads, values having these shapes in a long series.
pub(super) fn reads(node: &Node, shapes: &Table<Shape>) -> Result<Vec<Reads>, BuildError> {
    let length = |input: usize| shapes[node.inputs[input]].space.first().copied().unwrap_or(0);
    Ok(match &node.op {
        Op::Input { .. } => Vec::new(),
        Op::Conv(conv) => vec![window(&conv.window(), length(0))],
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => vec![window(&pool.window(), length(0))],
        Op::ConvTranspose(conv) => {
            let (kernel, stride, cut) = (int(conv.kernel.at(0)), int(conv.stride.at(0)), int(conv.cuts(0).0));
            // The first is rounded up, the last down.
            vec![Reads { step: 1, division: stride, first: cut - kernel + stride, last: cut }]
        }
        Op::Upsample { factor, mode } => {
            let factor = int(factor.at(0));
            match mode {
                UpsampleMode::Nearest => vec![Reads { division: factor, ..Reads::SAME }],
                // Position p lies at (p + 1/2) / factor - 1/2.
                UpsampleMode::Linear { align_corners: false } => {
                    vec![Reads { step: 2, division: 2 * factor, first: 1 - factor, last: factor }]
                }
                UpsampleMode::Linear { align_corners: true } => return Err(refusal(node)),
            }
        }
        Op::CropOrPad => {
            let shift = shift(length(0), length(1));
            vec![Reads { first: shift, last: shift, ..Reads::SAME }, Reads::SAME]
        }
        Op::Multiply if length(0) != length(1) => return Err(refusal(node)),
        Op::GlobalMean | Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Flatten | Op::Reverse => {
            return Err(refusal(node));
        }
        Op::Select(_) | Op::Linear(_) => return Err(refusal(node)),
        Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Add => same(node),
        Op::Multiply | Op::Concat | Op::Slice { .. } | Op::Dropout { .. } => same(node),
    })
}

fn same(node: &Node) -> Vec<Reads> {
    vec![Reads::SAME; node.inputs.len()]
}

fn window(window: &Window, length: usize) -> Reads {
    let (before, reach) = (int(window.pads(0, length).0), int(window.reach(0)));
    Reads { step: int(window.stride.at(0)), division: 1, first: -before, last: reach - before }
}

/// The distance from a position of `CropOrPad` to the position of its input.
pub(super) fn shift(from: usize, to: usize) -> i64 {
    int(from.saturating_sub(to) / 2) - int(to.saturating_sub(from) / 2)
}

pub(super) fn int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Positions of the output per position of the input: the factor of enlargement and the stride.
///
/// # Errors
/// If the operation cannot be computed before the end of the series.
pub(super) fn rate(node: &Node) -> Result<(usize, usize), BuildError> {
    match &node.op {
        Op::Conv(conv) => Ok((1, conv.stride.at(0))),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => Ok((1, pool.stride.at(0))),
        Op::ConvTranspose(conv) => Ok((conv.stride.at(0), 1)),
        Op::Upsample { mode: UpsampleMode::Linear { align_corners: true }, .. } => Err(refusal(node)),
        Op::Upsample { factor, .. } => Ok((factor.at(0), 1)),
        Op::GlobalMean | Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Flatten | Op::Reverse => {
            Err(refusal(node))
        }
        Op::Select(_) | Op::Linear(_) => Err(refusal(node)),
        Op::Input { .. } | Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::Activation(_) => Ok((1, 1)),
        Op::Softmax | Op::Add | Op::Multiply | Op::Concat | Op::Slice { .. } => Ok((1, 1)),
        Op::CropOrPad | Op::Dropout { .. } => Ok((1, 1)),
    }
}

/// The refusal of an operation that cannot be computed before the end of the series.
fn refusal(node: &Node) -> BuildError {
    let found = if matches!(node.op, Op::Select(_) | Op::Linear(_)) {
        "whose result is not a series"
    } else if matches!(node.op, Op::Upsample { .. }) {
        "whose aligned corners depend on the length of the series"
    } else if matches!(node.op, Op::Multiply) {
        "whose factor is the same at all positions"
    } else {
        "which reads the whole series"
    };
    let message = format!("expected an operation that can be streamed, found {}, {found}", node.op.name());
    BuildError::new(node.name.clone(), ErrorKind::Stream, message)
}
