//! The input positions that one operation reads, along one axis.

use crate::number::greatest_common_divisor;
use crate::{Op, Shape, UpsampleMode, Window};

/// Positions from the first to the last, both included. They may lie outside the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval(pub(super) i128, pub(super) i128);

impl Interval {
    pub(super) fn hull(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.max(other.1))
    }
}

/// A position traced back towards the input. It is rounded down only at the end, so that upsampling after
/// downsampling leads back to the same place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    t: i128,
    /// Numerator and denominator of the stride.
    stride: (i128, i128),
}

impl Own {
    pub(super) fn at(t: i128) -> Self {
        Self { t, stride: (1, 1) }
    }

    pub(super) fn position(self) -> i128 {
        self.t.saturating_mul(self.stride.0).div_euclid(self.stride.1)
    }

    fn times(self, up: usize, down: usize) -> Self {
        let up = self.stride.0.saturating_mul(up as i128);
        let down = self.stride.1.saturating_mul(down as i128);
        let common = greatest_common_divisor(up, down);
        Self { stride: (up / common, down / common), ..self }
    }
}

/// The input positions that an output position of one operation depends on, along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    /// Its own only.
    Same,
    /// A window that starts `before` ahead of `stride` times the position, and reaches `reach` on.
    Window { stride: usize, before: usize, reach: usize },
    /// Those whose kernel, of which `cut` elements are cut off in front, covers it.
    Transposed { kernel: usize, stride: usize, cut: usize },
    /// The one it is a copy of.
    Nearest { factor: usize },
    /// Its two neighbors.
    Linear { factor: usize },
    /// Its two neighbors when `from` elements are stretched to `to` with aligned corners.
    Aligned { from: usize, to: usize },
    /// The one `by` further on.
    Shift { by: i128 },
    /// This one.
    One { index: i128 },
    /// All.
    Whole,
}

impl Along {
    pub(super) fn of(op: &Op, inputs: &[&Shape], axis: usize) -> Self {
        let Some(&n) = inputs.first().and_then(|x| x.space.get(axis)) else { return Self::Same };
        match op {
            Op::Conv(conv) => Self::window(&conv.window(), axis, n),
            Op::MaxPool(pool) | Op::AveragePool { pool, .. } => Self::window(&pool.window(), axis, n),
            Op::ConvTranspose(conv) => {
                let (cut, _) = conv.cuts(axis);
                Self::Transposed { kernel: conv.kernel.at(axis), stride: conv.stride.at(axis), cut }
            }
            Op::Upsample { factor, mode } => {
                let factor = factor.at(axis);
                match mode {
                    UpsampleMode::Nearest => Self::Nearest { factor },
                    UpsampleMode::Linear { align_corners: false } => Self::Linear { factor },
                    UpsampleMode::Linear { align_corners: true } => {
                        Self::Aligned { from: n, to: n.saturating_mul(factor) }
                    }
                }
            }
            Op::CropOrPad => {
                let m = inputs[1].space[axis];
                let (crop, pad) = (n.saturating_sub(m) / 2, m.saturating_sub(n) / 2);
                Self::Shift { by: crop as i128 - pad as i128 }
            }
            Op::Select(step) => Self::One { index: step.index(n) as i128 },
            // A gate is broadcast over the axis, so each output position sees all that it saw.
            Op::Multiply if inputs[1].space[axis] != n => Self::Whole,
            Op::GlobalMean | Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Flatten | Op::Reverse => {
                Self::Whole
            }
            Op::Input { .. } | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } => Self::Same,
            Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => Self::Same,
            Op::Slice { .. } | Op::Dropout { .. } => Self::Same,
        }
    }

    fn window(window: &Window, axis: usize, n: usize) -> Self {
        let (before, _) = window.pads(axis, n);
        Self::Window { stride: window.stride.at(axis), before, reach: window.reach(axis) }
    }

    /// The input positions that output positions depend on.
    pub(super) fn back(self, Interval(first, last): Interval) -> Interval {
        let int = |n: usize| n as i128;
        match self {
            Self::Same | Self::Whole => Interval(first, last),
            Self::Window { stride, before, reach } => {
                let start = |t: i128| t.saturating_mul(int(stride)).saturating_sub(int(before));
                Interval(start(first), start(last).saturating_add(int(reach)))
            }
            Self::Transposed { kernel, stride, cut } => {
                let covered = |t: i128| t.saturating_add(int(cut));
                let earliest = covered(first).saturating_sub(int(kernel) - 1);
                Interval(div_ceil(earliest, int(stride)), covered(last).div_euclid(int(stride)))
            }
            Self::Nearest { factor } => Interval(first.div_euclid(int(factor)), last.div_euclid(int(factor))),
            Self::Linear { factor } => {
                // Element t lies at (t + 1/2) / factor - 1/2.
                let twice = |t: i128| t.saturating_mul(2).saturating_add(1 - int(factor));
                Interval(twice(first).div_euclid(2 * int(factor)), div_ceil(twice(last), 2 * int(factor)))
            }
            Self::Aligned { to: 0 | 1, .. } => Interval(first, last),
            Self::Aligned { from, to } => {
                let stretched = |t: i128| t.saturating_mul(int(from) - 1);
                Interval(stretched(first).div_euclid(int(to) - 1), div_ceil(stretched(last), int(to) - 1))
            }
            Self::Shift { by } => Interval(first.saturating_add(by), last.saturating_add(by)),
            Self::One { index } => Interval(index, index),
        }
    }

    /// The input position that an output position corresponds to.
    pub(super) fn own(self, own: Own) -> Own {
        match self {
            Self::Window { stride, .. } => own.times(stride, 1),
            Self::Transposed { stride: factor, .. } | Self::Nearest { factor } | Self::Linear { factor } => {
                own.times(1, factor)
            }
            Self::Aligned { from, to } => own.times(from, to),
            Self::One { index } => Own::at(index),
            Self::Same | Self::Shift { .. } | Self::Whole => own,
        }
    }

    /// Output positions after which the pattern repeats.
    pub(super) fn phases(self) -> usize {
        match self {
            Self::Transposed { stride: factor, .. } | Self::Nearest { factor } | Self::Linear { factor } => {
                factor
            }
            Self::Same | Self::Window { .. } | Self::Shift { .. } | Self::One { .. } => 1,
            Self::Aligned { .. } | Self::Whole => 1,
        }
    }

    /// Whether an output position depends on a later one than its own.
    pub(super) fn looks_ahead(self) -> bool {
        match self {
            Self::Same | Self::Nearest { .. } | Self::One { .. } => false,
            Self::Window { before, reach, .. } => reach > before,
            Self::Transposed { cut, .. } => cut > 0,
            Self::Linear { factor } => factor > 1,
            Self::Aligned { from, to } => 1 < from && from < to,
            Self::Shift { by } => by > 0,
            Self::Whole => true,
        }
    }
}

fn div_ceil(a: i128, b: i128) -> i128 {
    -(a.saturating_neg()).div_euclid(b)
}
