//! Poolings.

use core::ops::Range;

use crate::elementwise::Size;
use crate::layout::{Lanes, View};
use crate::simd::Simd;

/// The windows of a pooling along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Elements of a window.
    pub kernel: usize,
    /// Elements between windows.
    pub stride: usize,
    /// Padding before the first element.
    pub before: usize,
    /// Elements of the input.
    pub size: usize,
}

impl Windows {
    /// The elements of a window that are not padding.
    #[inline(always)]
    pub fn range(&self, window: usize) -> Range<usize> {
        let start = window * self.stride;
        let end = (start + self.kernel).saturating_sub(self.before).min(self.size);
        start.saturating_sub(self.before)..end
    }
}

/// The largest element of each window.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn max_pool<S: Simd>(
    simd: S,
    size: Size,
    (rows, columns): (Windows, Windows),
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let mut largest = simd.splat(f32::NEG_INFINITY);
                for r in rows.range(row) {
                    for c in columns.range(column) {
                        // In this order NaN stays NaN.
                        largest = simd.max(largest, simd.load(&x[x_view.index(block, r, c)]));
                    }
                }
                simd.store(largest, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// The mean of each window, with padding counted as zeros or not.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn average_pool<S: Simd>(
    simd: S,
    size: Size,
    (rows, columns): (Windows, Windows),
    count_padding: bool,
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let (r, c) = (rows.range(row), columns.range(column));
                let count = if count_padding { rows.kernel * columns.kernel } else { r.len() * c.len() };
                let mut sum = simd.splat(0.0);
                for r in r {
                    for c in c.clone() {
                        sum = simd.add(sum, simd.load(&x[x_view.index(block, r, c)]));
                    }
                }
                let mean = simd.mul(sum, simd.splat(1.0 / count as f32));
                simd.store(mean, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// Elements that are added to one sum before it is added to the whole: sums of many elements lose precision.
const CHUNK: usize = 64;

/// The sum over all positions of one block of `function` of each element.
#[inline(always)]
pub(crate) fn total<S: Simd>(
    simd: S,
    size: Size,
    block: usize,
    (x, x_view): (&[Lanes], View),
    center: Option<S::Vector>,
) -> S::Vector {
    let mut total = simd.splat(0.0);
    for row in 0..size.height {
        let mut column = 0;
        while column < size.width {
            let end = (column + CHUNK).min(size.width);
            // More sums, because each addition waits for the one before.
            let mut sums = [simd.splat(0.0); 4];
            while column + 4 <= end {
                let at = x_view.index(block, row, column);
                let x = &x[at..at + 3 * x_view.step + 1];
                for (index, sum) in sums.iter_mut().enumerate() {
                    *sum = term(simd, simd.load(&x[index * x_view.step]), center, *sum);
                }
                column += 4;
            }
            while column < end {
                let x = simd.load(&x[x_view.index(block, row, column)]);
                sums[0] = term(simd, x, center, sums[0]);
                column += 1;
            }
            let [a, b, c, d] = sums;
            total = simd.add(total, simd.add(simd.add(a, b), simd.add(c, d)));
        }
    }
    total
}

/// `sum + x`, or the sum plus the square of the distance from the center.
#[inline(always)]
fn term<S: Simd>(simd: S, x: S::Vector, center: Option<S::Vector>, sum: S::Vector) -> S::Vector {
    match center {
        None => simd.add(sum, x),
        Some(center) => {
            let centered = simd.sub(x, center);
            simd.mul_add(centered, centered, sum)
        }
    }
}

/// The mean over all positions, of `size` elements; `y` has one element for each block.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn global_mean<S: Simd>(simd: S, size: Size, x: (&[Lanes], View), (y, y_view): (&mut [Lanes], View)) {
    let share = simd.splat(1.0 / (size.height * size.width) as f32);
    for block in 0..size.blocks {
        let mean = simd.mul(total(simd, size, block, x, None), share);
        simd.store(mean, &mut y[y_view.index(block, 0, 0)]);
    }
}
