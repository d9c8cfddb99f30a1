//! Convolution of a value of few channels, which is stored channel by channel: `[C, H, W]`. In blocks, most of what is
//! read would be zeros.

use core::array::from_fn;

use crate::conv::{Conv, Part};
use crate::epilogue::{Epilogue, Place};
use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;
use crate::tile::TapWeights;

/// The strides across that have a kernel.
pub const PLANAR_STRIDES: [usize; 3] = [1, 2, 4];

/// Computes a part of a convolution's output, the same as [`conv`](crate::conv()) with one input block.
///
/// The planes of `x_view` are channels, and its distances are those between numbers. Padding is a margin of zeros.
///
/// # Panics
/// If a view leaves its slice, if there are fewer weights or biases than output blocks, or if the input's columns
/// between output positions are not among [`PLANAR_STRIDES`].
#[inline(always)]
pub fn conv_planar<S: Simd>(
    simd: S,
    conv: &Conv,
    (x, x_view): (&[f32], View),
    weights: &[TapWeights],
    epilogue: &Epilogue<'_>,
    (y, y_view): (&mut [Lanes], View),
    part: &Part,
) {
    let mut rows = Rows { conv, x, x_view, weights, epilogue, y, y_view, part };
    let mut block = part.blocks.start;
    while block < part.blocks.end {
        let most = S::ACCUMULATORS;
        let blocks = if most >= 27 { 2.min(part.blocks.end - block) } else { 1 };
        match (most, blocks, conv.stride[1] * x_view.step) {
            (27.., 2, 1) => rows.compute::<S, 14, 2, 1, 14>(simd, block),
            (27.., 2, 2) => rows.compute::<S, 14, 2, 2, 27>(simd, block),
            (27.., 2, 4) => rows.compute::<S, 14, 2, 4, 53>(simd, block),
            (14.., _, 1) => rows.compute::<S, 14, 1, 1, 14>(simd, block),
            (14.., _, 2) => rows.compute::<S, 14, 1, 2, 27>(simd, block),
            (14.., _, 4) => rows.compute::<S, 14, 1, 4, 53>(simd, block),
            (_, _, 1) => rows.compute::<S, 4, 1, 1, 4>(simd, block),
            (_, _, 2) => rows.compute::<S, 4, 1, 2, 7>(simd, block),
            (_, _, 4) => rows.compute::<S, 4, 1, 4, 13>(simd, block),
            _ => panic!("expected a stride that has a kernel"),
        }
        block += blocks;
    }
}

/// A convolution with its operands.
struct Rows<'k> {
    conv: &'k Conv,
    x: &'k [f32],
    x_view: View,
    weights: &'k [TapWeights],
    epilogue: &'k Epilogue<'k>,
    y: &'k mut [Lanes],
    y_view: View,
    part: &'k Part,
}

impl Rows<'_> {
    /// Computes all rows of `B` output blocks, at once `P` positions, which are `STEP` columns apart and `LEN` wide.
    #[inline(always)]
    fn compute<S: Simd, const P: usize, const B: usize, const STEP: usize, const LEN: usize>(
        &mut self,
        simd: S,
        block: usize,
    ) {
        let width = self.part.width;
        for row in self.part.rows.clone() {
            let mut column = 0;
            while column < width {
                if width < P {
                    self.tile::<S, 1, B, 1, 1>(simd, block, row, column);
                    column += 1;
                } else {
                    // The last positions may be computed twice.
                    self.tile::<S, P, B, STEP, LEN>(simd, block, row, column.min(width - P));
                    column += P;
                }
            }
            for b in block..block + B {
                self.epilogue.activate(simd, (b, row, width), (&mut *self.y, self.y_view));
            }
        }
    }

    /// Computes `P` positions of `B` output blocks.
    #[inline(always)]
    fn tile<S: Simd, const P: usize, const B: usize, const STEP: usize, const LEN: usize>(
        &mut self,
        simd: S,
        block: usize,
        row: usize,
        column: usize,
    ) {
        let sums = self.sums::<S, P, B, STEP, LEN>(simd, block, row, column);
        let place = Place { block, row, column, distance: 1 };
        self.epilogue.write(simd, sums, place, (&mut *self.y, self.y_view));
    }

    /// The sums over all taps and channels, in an array of its own, so that they stay in registers.
    #[inline(always)]
    fn sums<S: Simd, const P: usize, const B: usize, const STEP: usize, const LEN: usize>(
        &self,
        simd: S,
        block: usize,
        row: usize,
        column: usize,
    ) -> [[S::Vector; P]; B] {
        let Conv { last_lanes, taps, dilation, stride, .. } = *self.conv;
        let count = taps[0] * taps[1];
        let weights: [&[TapWeights]; B] = from_fn(|b| &self.weights[(block + b) * count..][..count]);
        let mut sums = [[simd.splat(0.0); P]; B];
        for (sums, bias) in sums.iter_mut().zip(&self.epilogue.bias[block..block + B]) {
            *sums = [simd.load(bias); P];
        }
        for tap in 0..count {
            let (down, across) = (tap / taps[1] * dilation[0], tap % taps[1] * dilation[1]);
            let at = self.x_view.index(0, row * stride[0] + down, column * stride[1] + across);
            for channel in 0..last_lanes.min(BLOCK) {
                let x = self.x[at + channel * self.x_view.plane..].first_chunk::<LEN>();
                let x = x.expect("the view is within its slice");
                let mut loaded = [simd.splat(0.0); B];
                for (loaded, weights) in loaded.iter_mut().zip(weights) {
                    *loaded = simd.load(&weights[tap][channel]);
                }
                for position in 0..P {
                    let x = simd.splat(x[position * STEP]);
                    for b in 0..B {
                        sums[b][position] = simd.mul_add(x, loaded[b], sums[b][position]);
                    }
                }
            }
        }
        sums
    }
}
