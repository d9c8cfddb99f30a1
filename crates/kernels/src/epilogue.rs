//! The rest of a convolution once its sums are known.

use crate::activation::{Function, activate};
use crate::layout::{Lanes, View};
use crate::simd::Simd;

/// A value that is added to the sums of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Residual<'x> {
    /// The slice that contains the value.
    pub x: &'x [Lanes],
    /// Its place, with one element for each of the output.
    pub view: View,
}

/// The rest of a convolution: bias, then a residual, then an activation.
#[derive(Clone, Copy, Debug)]
pub struct Epilogue<'x> {
    /// Added to each output block.
    pub bias: &'x [Lanes],
    /// Added to each output element.
    pub residual: Option<Residual<'x>>,
    /// Applied last.
    pub function: Function,
}

/// The place of neighboring outputs: a block, a row, the first column, and the number of columns to the next.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) block: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) distance: usize,
}

impl Epilogue<'_> {
    /// Adds the residual to the sums of `B` blocks, limits them if the function is a clamp, and writes them.
    ///
    /// Loops are short, so that they are unrolled and sums stay in registers.
    #[inline(always)]
    pub(crate) fn write<S: Simd, const P: usize, const B: usize>(
        &self,
        simd: S,
        mut sums: [[S::Vector; P]; B],
        place: Place,
        (y, y_view): (&mut [Lanes], View),
    ) {
        let Place { block, row, column, distance } = place;
        if let Some(Residual { x, view }) = &self.residual {
            let step = distance * view.step;
            for (b, sums) in sums.iter_mut().enumerate() {
                let at = view.index(block + b, row, column);
                let x = &x[at..at + (P - 1) * step + 1];
                for (position, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.add(*sum, simd.load(&x[position * step]));
                }
            }
        }
        let (low, high) = self.function.bounds();
        if low > f32::NEG_INFINITY {
            let low = simd.splat(low);
            for sum in sums.as_flattened_mut() {
                // In this order NaN stays NaN.
                *sum = simd.max(low, *sum);
            }
        }
        if high < f32::INFINITY {
            let high = simd.splat(high);
            for sum in sums.as_flattened_mut() {
                *sum = simd.min(high, *sum);
            }
        }
        let step = distance * y_view.step;
        for (b, sums) in sums.iter().enumerate() {
            let at = y_view.index(block + b, row, column);
            let y = &mut y[at..at + (P - 1) * step + 1];
            // Neighbors are at constant distances from one address.
            if step == 1 {
                for (position, sum) in sums.iter().enumerate() {
                    simd.store(*sum, &mut y[position]);
                }
            } else {
                for (position, sum) in sums.iter().enumerate() {
                    simd.store(*sum, &mut y[position * step]);
                }
            }
        }
    }

    /// Applies a function that is not a clamp to a row of the output.
    #[inline(always)]
    pub(crate) fn activate<S: Simd>(
        &self,
        simd: S,
        (block, row, width): (usize, usize, usize),
        (y, y_view): (&mut [Lanes], View),
    ) {
        if self.function.is_slow() {
            let start = y_view.index(block, row, 0);
            let end = start + (width - 1) * y_view.step + 1;
            activate(simd, self.function, &mut y[start..end], y_view.step);
        }
    }
}
