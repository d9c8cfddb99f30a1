//! Convolution of any kernel, stride and dilation.

use core::ops::Range;

use crate::epilogue::{Epilogue, Place};
use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;
use crate::tile::{TapWeights, Tiles, tile};

/// The largest number of positions in a tile.
const MOST_POSITIONS: usize = 14;

/// The geometry of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Input blocks that each output block reads.
    pub blocks: usize,
    /// Channels in the last of them.
    pub last_lanes: usize,
    /// Taps down and across.
    pub taps: [usize; 2],
    /// Input rows and columns between taps.
    pub dilation: [usize; 2],
    /// Input rows and columns between output positions.
    pub stride: [usize; 2],
}

/// The part of an output that is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Output blocks.
    pub blocks: Range<usize>,
    /// Output rows.
    pub rows: Range<usize>,
    /// Columns of all rows.
    pub width: usize,
}

/// Computes a part of a convolution's output.
///
/// `weights` has `conv.blocks * taps` elements for each output block: for each input block, row and column of the
/// kernel, and channel of the input block, those of the 16 output channels. The view of the input begins at the first
/// tap of the first output, so that padding is a margin of zeros around the input.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer weights or biases than output blocks.
#[inline(always)]
pub fn conv<S: Simd>(
    simd: S,
    conv: &Conv,
    (x, x_view): (&[Lanes], View),
    weights: &[[Lanes; BLOCK]],
    epilogue: &Epilogue<'_>,
    (y, y_view): (&mut [Lanes], View),
    part: &Part,
) {
    let mut rows = Rows { conv, x, x_view, weights, epilogue, y, y_view, part };
    let most = S::ACCUMULATORS;
    let mut block = part.blocks.start;
    // Few positions leave registers for more blocks.
    while block < part.blocks.end {
        let left = part.blocks.end - block;
        if part.width == 1 && left >= 8 && most >= 8 {
            rows.compute::<S, 8>(simd, block);
            block += 8;
        } else if left >= 4 && part.width <= positions::<S, 4>() && most >= 4 {
            rows.compute::<S, 4>(simd, block);
            block += 4;
        } else if left == 3 && most >= 24 {
            rows.compute::<S, 3>(simd, block);
            block += 3;
        } else if left >= 2 && (part.width <= most / 2 || most >= 16) {
            rows.compute::<S, 2>(simd, block);
            block += 2;
        } else {
            rows.compute::<S, 1>(simd, block);
            block += 1;
        }
    }
}

/// The most positions of a tile with `B` output blocks. Registers also hold a vector of weights for each block, and an
/// element of the input.
#[inline(always)]
fn positions<S: Simd, const B: usize>() -> usize {
    ((S::ACCUMULATORS + 2).saturating_sub(B) / B).min(S::ACCUMULATORS / B).clamp(1, MOST_POSITIONS)
}

/// A convolution with its operands.
pub(crate) struct Rows<'k> {
    pub(crate) conv: &'k Conv,
    pub(crate) x: &'k [Lanes],
    pub(crate) x_view: View,
    pub(crate) weights: &'k [TapWeights],
    pub(crate) epilogue: &'k Epilogue<'k>,
    pub(crate) y: &'k mut [Lanes],
    pub(crate) y_view: View,
    part: &'k Part,
}

impl Rows<'_> {
    /// Computes all rows of `B` output blocks.
    #[inline(always)]
    fn compute<S: Simd, const B: usize>(&mut self, simd: S, block: usize) {
        let width = self.part.width;
        for row in self.part.rows.clone() {
            for (column, positions) in Tiles::new(width, positions::<S, B>()) {
                let place = Place { block, row, column, distance: 1 };
                match positions {
                    1 => tile::<S, 1, B>(simd, self, place),
                    2 => tile::<S, 2, B>(simd, self, place),
                    3 => tile::<S, 3, B>(simd, self, place),
                    4 => tile::<S, 4, B>(simd, self, place),
                    5 => tile::<S, 5, B>(simd, self, place),
                    6 => tile::<S, 6, B>(simd, self, place),
                    7 => tile::<S, 7, B>(simd, self, place),
                    8 => tile::<S, 8, B>(simd, self, place),
                    9 => tile::<S, 9, B>(simd, self, place),
                    10 => tile::<S, 10, B>(simd, self, place),
                    11 => tile::<S, 11, B>(simd, self, place),
                    12 => tile::<S, 12, B>(simd, self, place),
                    13 => tile::<S, 13, B>(simd, self, place),
                    _ => tile::<S, MOST_POSITIONS, B>(simd, self, place),
                }
            }
            for b in block..block + B {
                self.epilogue.activate(simd, (b, row, width), (&mut *self.y, self.y_view));
            }
        }
    }
}
