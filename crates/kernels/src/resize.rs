//! Enlargement, crops and copies.

use crate::elementwise::Size;
use crate::layout::{BLOCK, Lanes, View, blocks};
use crate::simd::Simd;

/// The two elements of the input that an element of the output is between, along one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbors {
    /// The element before.
    pub before: usize,
    /// The element after.
    pub after: usize,
    /// The share of the element after.
    pub share: f32,
}

/// Linear interpolation along both axes; `rows` and `columns` have an element for each of the output's.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn interpolate<S: Simd>(
    simd: S,
    blocks: usize,
    (rows, columns): (&[Neighbors], &[Neighbors]),
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..blocks {
        for (row, down) in rows.iter().enumerate() {
            let down_share = simd.splat(down.share);
            for (column, right) in columns.iter().enumerate() {
                let share = simd.splat(right.share);
                let mut ends = [simd.splat(0.0); 2];
                for (end, row) in ends.iter_mut().zip([down.before, down.after]) {
                    let left = simd.load(&x[x_view.index(block, row, right.before)]);
                    let right = simd.load(&x[x_view.index(block, row, right.after)]);
                    *end = simd.mul_add(simd.sub(right, left), share, left);
                }
                let between = simd.mul_add(simd.sub(ends[1], ends[0]), down_share, ends[0]);
                simd.store(between, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

/// Copies elements. A step of zero in the view of `x` repeats an element.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn copy(size: Size, (x, x_view): (&[Lanes], View), (y, y_view): (&mut [Lanes], View)) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                y[y_view.index(block, row, column)] = x[x_view.index(block, row, column)];
            }
        }
    }
}

/// Copies the columns of each row in reverse order.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn reverse(size: Size, (x, x_view): (&[Lanes], View), (y, y_view): (&mut [Lanes], View)) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let from = x_view.index(block, row, size.width - 1 - column);
                y[y_view.index(block, row, column)] = x[from];
            }
        }
    }
}

/// Copies `count` channels, from channel `from` of `x` to channel `to` of `y`.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn copy_channels(
    (count, from, to): (usize, usize, usize),
    (height, width): (usize, usize),
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    let mut channel = 0;
    while channel < count {
        let (source, target) = (from + channel, to + channel);
        let (first, second) = (source % BLOCK, target % BLOCK);
        let lanes = (count - channel).min(BLOCK - first).min(BLOCK - second);
        for row in 0..height {
            let x = (x, x_view.index(source / BLOCK, row, 0), x_view.step, first);
            let y = (&mut *y, y_view.index(target / BLOCK, row, 0), y_view.step, second);
            match lanes {
                BLOCK => copy_lanes::<BLOCK>(width, x, y),
                12 => copy_lanes::<12>(width, x, y),
                8 => copy_lanes::<8>(width, x, y),
                4 => copy_lanes::<4>(width, x, y),
                _ => {
                    for lane in 0..lanes {
                        copy_lanes::<1>(
                            width,
                            (x.0, x.1, x.2, first + lane),
                            (&mut *y.0, y.1, y.2, second + lane),
                        );
                    }
                }
            }
        }
        channel += lanes;
    }
}

/// Copies `N` lanes of each element of a row. An operand is a slice, the index of the first element, the distance to the
/// next, and the first lane.
#[inline(always)]
fn copy_lanes<const N: usize>(
    width: usize,
    (x, mut from, x_step, first): (&[Lanes], usize, usize, usize),
    (y, mut to, y_step, second): (&mut [Lanes], usize, usize, usize),
) {
    for _ in 0..width {
        if let (Some(x), Some(y)) =
            (x[from].0[first..].first_chunk::<N>(), y[to].0[second..].first_chunk_mut::<N>())
        {
            *y = *x;
        }
        from += x_step;
        to += y_step;
    }
}

/// Copies a value in rows of channels, `[C, H, W]`, to blocks.
///
/// # Panics
/// If the view leaves its slice, or if `x` has fewer elements.
#[inline(always)]
pub fn to_blocks(
    (channels, height, width): (usize, usize, usize),
    x: &[f32],
    (y, y_view): (&mut [Lanes], View),
) {
    for block in 0..blocks(channels) {
        let first = block * BLOCK;
        let lanes = (channels - first).min(BLOCK);
        for row in 0..height {
            let start = y_view.index(block, row, 0);
            let y = &mut y[start..start + (width - 1) * y_view.step + 1];
            if lanes < BLOCK {
                for y in y.iter_mut().step_by(y_view.step) {
                    *y = Lanes::ZERO;
                }
            }
            for lane in 0..lanes {
                let x = &x[((first + lane) * height + row) * width..][..width];
                for (y, x) in y.iter_mut().step_by(y_view.step).zip(x) {
                    y.0[lane] = *x;
                }
            }
        }
    }
}

/// Copies a value from blocks to rows of channels, `[C, H, W]`.
///
/// # Panics
/// If the view leaves its slice, or if `y` has fewer elements.
#[inline(always)]
pub fn from_blocks(
    (channels, height, width): (usize, usize, usize),
    (x, x_view): (&[Lanes], View),
    y: &mut [f32],
) {
    for channel in 0..channels {
        for row in 0..height {
            let y = &mut y[(channel * height + row) * width..][..width];
            let start = x_view.index(channel / BLOCK, row, 0);
            for (y, x) in y.iter_mut().zip(x[start..].iter().step_by(x_view.step)) {
                *y = x.0[channel % BLOCK];
            }
        }
    }
}

/// Copies all elements of a value to a vector of channels, in the order `[C, H, W]`.
///
/// # Panics
/// If a view leaves its slice.
#[inline(always)]
pub fn flatten(
    (channels, height, width): (usize, usize, usize),
    (x, x_view): (&[Lanes], View),
    (y, y_view): (&mut [Lanes], View),
) {
    let mut target = 0;
    for channel in 0..channels {
        for row in 0..height {
            for column in 0..width {
                let x = x[x_view.index(channel / BLOCK, row, column)].0[channel % BLOCK];
                y[y_view.index(target / BLOCK, 0, 0)].0[target % BLOCK] = x;
                target += 1;
            }
        }
    }
}
