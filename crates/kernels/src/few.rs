//! Convolution with few outputs, such as a head with a few classes or a squeeze to a few channels: vectors hold input
//! channels, so that no lanes are idle.

use core::array::from_fn;

use crate::conv::{Conv, Part};
use crate::epilogue::{Epilogue, Place};
use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;
use crate::tile::Tiles;

/// Computes a part of the output of a convolution. `weights` has an element for each input block, row and column of the
/// kernel, and output channel. Channels of the input after the last are ignored.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer weights or biases than `outputs`.
#[inline(always)]
pub fn conv_few<S: Simd>(
    simd: S,
    (outputs, conv): (usize, &Conv),
    (x, x_view): (&[Lanes], View),
    weights: &[Lanes],
    epilogue: &Epilogue<'_>,
    (y, y_view): (&mut [Lanes], View),
    part: &Part,
) {
    let mask = Lanes(from_fn(|lane| if lane < conv.last_lanes { 1.0 } else { 0.0 }));
    let mut rows = Rows { conv, x, x_view, weights, mask, outputs, y, y_view, part };
    for block in part.blocks.clone() {
        for row in part.rows.clone() {
            for column in 0..part.width {
                rows.y[y_view.index(block, row, column)] = epilogue.bias[block];
            }
        }
    }
    let (mut first, end) = (part.blocks.start * BLOCK, outputs.min(part.blocks.end * BLOCK));
    while first < end {
        let left = end - first;
        if left >= 8 && S::ACCUMULATORS >= 8 {
            rows.compute::<S, 8>(simd, first);
            first += 8;
        } else if left >= 4 {
            rows.compute::<S, 4>(simd, first);
            first += 4;
        } else if left >= 2 {
            rows.compute::<S, 2>(simd, first);
            first += 2;
        } else {
            rows.compute::<S, 1>(simd, first);
            first += 1;
        }
    }
    finish(simd, epilogue, (y, y_view), part);
}

/// Adds the residual and applies the function.
#[inline(always)]
fn finish<S: Simd>(simd: S, epilogue: &Epilogue<'_>, (y, y_view): (&mut [Lanes], View), part: &Part) {
    for block in part.blocks.clone() {
        for row in part.rows.clone() {
            for column in 0..part.width {
                let sum = simd.load(&y[y_view.index(block, row, column)]);
                let place = Place { block, row, column, distance: 1 };
                epilogue.write(simd, [[sum]], place, (&mut *y, y_view));
            }
            epilogue.activate(simd, (block, row, part.width), (&mut *y, y_view));
        }
    }
}

/// A convolution with its operands.
struct Rows<'k> {
    conv: &'k Conv,
    x: &'k [Lanes],
    x_view: View,
    weights: &'k [Lanes],
    /// Above zero in the lanes of the last input block that are channels.
    mask: Lanes,
    outputs: usize,
    y: &'k mut [Lanes],
    y_view: View,
    part: &'k Part,
}

impl Rows<'_> {
    /// Adds the sums of `O` output channels, which are in the same block, at all positions.
    #[inline(always)]
    fn compute<S: Simd, const O: usize>(&mut self, simd: S, first: usize) {
        // Weights and one element of the input are in registers, too.
        let most = ((S::ACCUMULATORS + 2) / O).saturating_sub(1).min(S::ACCUMULATORS / O).clamp(1, 7);
        for row in self.part.rows.clone() {
            for (column, positions) in Tiles::new(self.part.width, most) {
                match positions {
                    1 => self.tile::<S, 1, O>(simd, first, row, column),
                    2 => self.tile::<S, 2, O>(simd, first, row, column),
                    3 => self.tile::<S, 3, O>(simd, first, row, column),
                    4 => self.tile::<S, 4, O>(simd, first, row, column),
                    5 => self.tile::<S, 5, O>(simd, first, row, column),
                    6 => self.tile::<S, 6, O>(simd, first, row, column),
                    _ => self.tile::<S, 7, O>(simd, first, row, column),
                }
            }
        }
    }

    /// Adds the sums of `O` output channels at `P` positions.
    #[inline(always)]
    fn tile<S: Simd, const P: usize, const O: usize>(
        &mut self,
        simd: S,
        first: usize,
        row: usize,
        column: usize,
    ) {
        // Such a tile is never chosen. The line keeps its code from being generated.
        if P * O > S::ACCUMULATORS.max(O) {
            return;
        }
        let Conv { blocks, last_lanes, taps, dilation, stride } = *self.conv;
        let start = self.x_view.index(0, row * stride[0], column * stride[1]);
        let between = stride[1] * self.x_view.step;
        let mut sums = [[simd.splat(0.0); O]; P];
        let mut tap = first;
        for block in 0..blocks {
            let is_partial = block + 1 == blocks && last_lanes < BLOCK;
            for tap_row in 0..taps[0] {
                for tap_column in 0..taps[1] {
                    let at = start
                        + block * self.x_view.plane
                        + tap_row * dilation[0] * self.x_view.pitch
                        + tap_column * dilation[1] * self.x_view.step;
                    let Some(weights) = self.weights[tap..].first_chunk::<O>() else { return };
                    tap += self.outputs;
                    let mut vectors = [simd.splat(0.0); O];
                    for (vector, weights) in vectors.iter_mut().zip(weights) {
                        *vector = simd.load(weights);
                    }
                    let x = &self.x[at..at + (P - 1) * between + 1];
                    for (position, sums) in sums.iter_mut().enumerate() {
                        let mut x = simd.load(&x[position * between]);
                        if is_partial {
                            let zero = simd.splat(0.0);
                            x = simd.select_greater(simd.load(&self.mask), zero, x, zero);
                        }
                        for (sum, weight) in sums.iter_mut().zip(vectors) {
                            *sum = simd.mul_add(x, weight, *sum);
                        }
                    }
                }
            }
        }
        for (position, sums) in sums.into_iter().enumerate() {
            let y = &mut self.y[self.y_view.index(first / BLOCK, row, column + position)].0;
            let y = &mut y[first % BLOCK..][..O];
            let (fours, rest) = sums.as_chunks::<4>();
            for (y, four) in y.chunks_exact_mut(4).zip(fours) {
                for (y, sum) in y.iter_mut().zip(simd.sums(*four)) {
                    *y += sum;
                }
            }
            for (y, sum) in y.iter_mut().skip(O - rest.len()).zip(rest) {
                *y += simd.sum(*sum);
            }
        }
    }
}
