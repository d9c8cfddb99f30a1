//! Convolution of any kernel, stride and dilation.

use core::ops::Range;

use crate::epilogue::{Epilogue, Place};
use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;
use crate::tile::{TapWeights, Tiles, Walk, tile};

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
        } else if part.width <= most / 4 && left >= 4 && most >= 4 {
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

/// A convolution with its operands.
struct Rows<'k> {
    conv: &'k Conv,
    x: &'k [Lanes],
    x_view: View,
    weights: &'k [TapWeights],
    epilogue: &'k Epilogue<'k>,
    y: &'k mut [Lanes],
    y_view: View,
    part: &'k Part,
}

impl Rows<'_> {
    /// Computes all rows of `B` output blocks.
    #[inline(always)]
    fn compute<S: Simd, const B: usize>(&mut self, simd: S, block: usize) {
        let taps = self.conv.blocks * self.conv.taps[0] * self.conv.taps[1];
        let mut weights = [&self.weights[..0]; B];
        for (b, weights) in weights.iter_mut().enumerate() {
            *weights = &self.weights[(block + b) * taps..][..taps];
        }
        let most = (S::ACCUMULATORS / B).clamp(1, MOST_POSITIONS);
        for row in self.part.rows.clone() {
            for (column, positions) in Tiles::new(self.part.width, most) {
                match positions {
                    1 => self.tile::<S, 1, B>(simd, weights, block, row, column),
                    2 => self.tile::<S, 2, B>(simd, weights, block, row, column),
                    3 => self.tile::<S, 3, B>(simd, weights, block, row, column),
                    4 => self.tile::<S, 4, B>(simd, weights, block, row, column),
                    5 => self.tile::<S, 5, B>(simd, weights, block, row, column),
                    6 => self.tile::<S, 6, B>(simd, weights, block, row, column),
                    7 => self.tile::<S, 7, B>(simd, weights, block, row, column),
                    8 => self.tile::<S, 8, B>(simd, weights, block, row, column),
                    9 => self.tile::<S, 9, B>(simd, weights, block, row, column),
                    10 => self.tile::<S, 10, B>(simd, weights, block, row, column),
                    11 => self.tile::<S, 11, B>(simd, weights, block, row, column),
                    12 => self.tile::<S, 12, B>(simd, weights, block, row, column),
                    13 => self.tile::<S, 13, B>(simd, weights, block, row, column),
                    _ => self.tile::<S, MOST_POSITIONS, B>(simd, weights, block, row, column),
                }
            }
            for b in block..block + B {
                self.epilogue.activate(simd, (b, row, self.part.width), (&mut *self.y, self.y_view));
            }
        }
    }

    /// Computes `P` positions of `B` output blocks.
    #[inline(always)]
    fn tile<S: Simd, const P: usize, const B: usize>(
        &mut self,
        simd: S,
        weights: [&[TapWeights]; B],
        block: usize,
        row: usize,
        column: usize,
    ) {
        // Such a tile is never chosen; this line keeps its code from being generated.
        if P * B > S::ACCUMULATORS.max(1) {
            return;
        }
        let Conv { blocks, last_lanes, taps, dilation, stride } = *self.conv;
        let walk = Walk {
            x: self.x,
            at: self.x_view.index(0, row * stride[0], column * stride[1]),
            stride: stride[1] * self.x_view.step,
            blocks,
            last_lanes,
            plane: self.x_view.plane,
            taps,
            spacing: [dilation[0] * self.x_view.pitch, dilation[1] * self.x_view.step],
        };
        let mut bias = [simd.splat(0.0); B];
        for (bias, lanes) in bias.iter_mut().zip(&self.epilogue.bias[block..block + B]) {
            *bias = simd.load(lanes);
        }
        let sums = tile::<S, P, B>(simd, &walk, weights, bias);
        for b in 0..B {
            let mut own = [simd.splat(0.0); P];
            for (own, sums) in own.iter_mut().zip(&sums) {
                *own = sums[b];
            }
            let place = Place { block: block + b, row, column, distance: 1 };
            self.epilogue.write(simd, own, place, (&mut *self.y, self.y_view));
        }
    }
}
