//! Sums, products and affine functions of values of equal size.

use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;

/// The numbers of blocks, rows and columns of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Blocks.
    pub blocks: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Size {
    /// The number of elements.
    pub fn elements(self) -> usize {
        self.blocks * self.height * self.width
    }
}

/// `y = a + b`.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn add<S: Simd>(
    simd: S,
    size: Size,
    (a, a_view): (&[Lanes], View),
    (b, b_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let a = simd.load(&a[a_view.index(block, row, column)]);
                let b = simd.load(&b[b_view.index(block, row, column)]);
                simd.store(simd.add(a, b), &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// `y = a * b`. A view of `b` whose distances between rows or columns are zero broadcasts it.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn multiply<S: Simd>(
    simd: S,
    size: Size,
    (a, a_view): (&[Lanes], View),
    (b, b_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let a = simd.load(&a[a_view.index(block, row, column)]);
                let b = simd.load(&b[b_view.index(block, row, column)]);
                simd.store(simd.mul(a, b), &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// `y = x * scale + shift`, with a scale and shift for each channel.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer scales or shifts than blocks.
#[inline(always)]
pub fn affine<S: Simd>(
    simd: S,
    size: Size,
    (x, x_view): (&[Lanes], View),
    (scale, shift): (&[Lanes], &[Lanes]),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..size.blocks {
        let (scale, shift) = (simd.load(&scale[block]), simd.load(&shift[block]));
        for row in 0..size.height {
            for column in 0..size.width {
                let x = simd.load(&x[x_view.index(block, row, column)]);
                let sum = simd.mul_add(x, scale, shift);
                simd.store(sum, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// Softmax over channels at each position.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn softmax(
    channels: usize,
    size: Size,
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
    exp: impl Fn(f32) -> f32,
) {
    for row in 0..size.height {
        for column in 0..size.width {
            let x = |channel: usize| x[x_view.index(channel / BLOCK, row, column)].0[channel % BLOCK];
            let largest = (0..channels).map(x).fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for channel in 0..channels {
                let power = exp(x(channel) - largest);
                sum += power;
                y[y_view.index(channel / BLOCK, row, column)].0[channel % BLOCK] = power;
            }
            for channel in 0..channels {
                y[y_view.index(channel / BLOCK, row, column)].0[channel % BLOCK] /= sum;
            }
        }
    }
}
