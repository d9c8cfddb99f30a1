//! Depthwise convolution: each channel by itself.

use crate::activation::activate;
use crate::conv::{Epilogue, Part};
use crate::layout::{Lanes, View};
use crate::simd::Simd;
use crate::tile::Tiles;

/// The geometry of a depthwise convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depthwise {
    /// Taps down and across.
    pub taps: [usize; 2],
    /// Input rows and columns between taps.
    pub dilation: [usize; 2],
    /// Input rows and columns between output positions.
    pub stride: [usize; 2],
}

/// Computes a part of a depthwise convolution's output. `weights` has an element for each block and tap. The view of
/// the input begins at the first tap of the first output.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer weights or biases than blocks.
#[inline(always)]
pub fn depthwise<S: Simd>(
    simd: S,
    conv: &Depthwise,
    (x, x_view): (&[Lanes], View),
    weights: &[Lanes],
    epilogue: &Epilogue<'_>,
    (y, y_view): (&mut [Lanes], View),
    part: &Part,
) {
    let taps = conv.taps[0] * conv.taps[1];
    for block in part.blocks.clone() {
        let weights = &weights[block * taps..][..taps];
        for row in part.rows.clone() {
            let mut run = Row { conv, x, x_view, weights, epilogue, y, y_view, block, row };
            let most = if S::ACCUMULATORS >= 8 { 8 } else { 4 };
            for (column, positions) in Tiles::new(part.width, most) {
                match positions {
                    1 => run.tile::<S, 1>(simd, column),
                    2 => run.tile::<S, 2>(simd, column),
                    3 => run.tile::<S, 3>(simd, column),
                    4 => run.tile::<S, 4>(simd, column),
                    5 => run.tile::<S, 5>(simd, column),
                    6 => run.tile::<S, 6>(simd, column),
                    7 => run.tile::<S, 7>(simd, column),
                    _ => run.tile::<S, 8>(simd, column),
                }
            }
            if epilogue.function.is_slow() {
                let start = y_view.index(block, row, 0);
                let end = start + (part.width - 1) * y_view.step + 1;
                activate(simd, epilogue.function, &mut y[start..end], y_view.step);
            }
        }
    }
}

/// One row of one block.
struct Row<'k> {
    conv: &'k Depthwise,
    x: &'k [Lanes],
    x_view: View,
    weights: &'k [Lanes],
    epilogue: &'k Epilogue<'k>,
    y: &'k mut [Lanes],
    y_view: View,
    block: usize,
    row: usize,
}

impl Row<'_> {
    #[inline(always)]
    fn tile<S: Simd, const P: usize>(&mut self, simd: S, column: usize) {
        let Depthwise { taps, dilation, stride } = *self.conv;
        let at = self.x_view.index(self.block, self.row * stride[0], column * stride[1]);
        let between = stride[1] * self.x_view.step;
        let mut sums = [simd.load(&self.epilogue.bias[self.block]); P];
        let mut weights = self.weights.iter();
        for tap_row in 0..taps[0] {
            for tap_column in 0..taps[1] {
                let Some(weight) = weights.next() else { continue };
                let weight = simd.load(weight);
                let at = at
                    + tap_row * dilation[0] * self.x_view.pitch
                    + tap_column * dilation[1] * self.x_view.step;
                let x = &self.x[at..=at + (P - 1) * between];
                if between == 1 {
                    // One check of the bounds for all positions.
                    let Some(x) = x.first_chunk::<P>() else { continue };
                    for position in 0..P {
                        sums[position] = simd.mul_add(simd.load(&x[position]), weight, sums[position]);
                    }
                } else {
                    for position in 0..P {
                        sums[position] =
                            simd.mul_add(simd.load(&x[position * between]), weight, sums[position]);
                    }
                }
            }
        }
        let (low, high) = self.epilogue.function.bounds();
        let (low, high) = (simd.splat(low), simd.splat(high));
        for (position, sum) in sums.into_iter().enumerate() {
            let mut sum = sum;
            if let Some(residual) = &self.epilogue.residual {
                let at = residual.view.index(self.block, self.row, column + position);
                sum = simd.add(sum, simd.load(&residual.x[at]));
            }
            let sum = simd.max(low, simd.min(high, sum));
            simd.store(sum, &mut self.y[self.y_view.index(self.block, self.row, column + position)]);
        }
    }
}
