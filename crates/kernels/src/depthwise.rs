//! Depthwise convolution: each channel by itself.

use crate::conv::Part;
use crate::epilogue::{Epilogue, Place};
use crate::layout::{Lanes, View};
use crate::simd::Simd;
use crate::tile::Tiles;

/// The number of positions that share loaded elements.
const SLIDING: usize = 8;

/// The largest dilation at which positions that far apart are computed together; beyond, their elements would be in the
/// same few lines of the cache.
const MOST_PHASES: usize = 16;

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
            let slides = S::ACCUMULATORS >= 24
                && conv.stride[1] == 1
                && matches!(conv.taps[1], 3 | 5 | 7 | 9)
                && conv.dilation[1] <= MOST_PHASES
                && part.width >= SLIDING * conv.dilation[1];
            if slides {
                for phase in 0..conv.dilation[1] {
                    run.slide_over::<S>(simd, phase, (part.width - phase).div_ceil(conv.dilation[1]));
                }
            } else {
                run.tile_over::<S>(simd, part.width);
            }
            epilogue.activate(simd, (block, row, part.width), (&mut *y, y_view));
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
    /// Computes all positions, neighbors at once.
    #[inline(always)]
    fn tile_over<S: Simd>(&mut self, simd: S, width: usize) {
        let most = if S::ACCUMULATORS >= 8 { 8 } else { 4 };
        for (column, positions) in Tiles::new(width, most) {
            match positions {
                1 => self.tile::<S, 1>(simd, column),
                2 => self.tile::<S, 2>(simd, column),
                3 => self.tile::<S, 3>(simd, column),
                4 => self.tile::<S, 4>(simd, column),
                5 => self.tile::<S, 5>(simd, column),
                6 => self.tile::<S, 6>(simd, column),
                7 => self.tile::<S, 7>(simd, column),
                _ => self.tile::<S, 8>(simd, column),
            }
        }
    }

    /// Computes `count` positions, at least [`SLIDING`], from column `phase` on whose distance is the dilation.
    #[inline(always)]
    fn slide_over<S: Simd>(&mut self, simd: S, phase: usize, count: usize) {
        let mut next = 0;
        while next < count {
            // The last positions may be computed twice.
            let column = phase + next.min(count - SLIDING) * self.conv.dilation[1];
            match self.conv.taps[1] {
                3 => self.slide::<S, 3, { SLIDING + 2 }>(simd, column),
                5 => self.slide::<S, 5, { SLIDING + 4 }>(simd, column),
                7 => self.slide::<S, 7, { SLIDING + 6 }>(simd, column),
                _ => self.slide::<S, 9, { SLIDING + 8 }>(simd, column),
            }
            next += SLIDING;
        }
    }

    /// Computes positions at the distance of the `K` taps in a row, which read `N` elements of it.
    #[inline(always)]
    fn slide<S: Simd, const K: usize, const N: usize>(&mut self, simd: S, column: usize) {
        let dilation = self.conv.dilation;
        let start = self.x_view.index(self.block, self.row * self.conv.stride[0], column);
        let between = dilation[1] * self.x_view.step;
        let mut sums = [simd.load(&self.epilogue.bias[self.block]); SLIDING];
        for (tap_row, weights) in self.weights.chunks_exact(K).enumerate() {
            let at = start + tap_row * dilation[0] * self.x_view.pitch;
            let x = &self.x[at..at + (N - 1) * between + 1];
            let mut vectors = [simd.splat(0.0); N];
            for (index, vector) in vectors.iter_mut().enumerate() {
                *vector = simd.load(&x[index * between]);
            }
            for tap in 0..K {
                let weight = simd.load(&weights[tap]);
                for position in 0..SLIDING {
                    sums[position] = simd.mul_add(vectors[position + tap], weight, sums[position]);
                }
            }
        }
        self.write(simd, sums, column, dilation[1]);
    }

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
                let x = &self.x[at..at + (P - 1) * between + 1];
                for position in 0..P {
                    sums[position] = simd.mul_add(simd.load(&x[position * between]), weight, sums[position]);
                }
            }
        }
        self.write(simd, sums, column, 1);
    }

    #[inline(always)]
    fn write<S: Simd, const P: usize>(
        &mut self,
        simd: S,
        sums: [S::Vector; P],
        column: usize,
        distance: usize,
    ) {
        let place = Place { block: self.block, row: self.row, column, distance };
        self.epilogue.write(simd, [sums], place, (&mut *self.y, self.y_view));
    }
}
