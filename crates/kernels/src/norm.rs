//! Normalizations whose statistics are those of the input.

use crate::elementwise::Size;
use crate::layout::{BLOCK, Lanes, View};
use crate::pool::total;
use crate::simd::Simd;

/// Statistics over channels at each position, with a scale and shift for each channel.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer scales or shifts than blocks.
#[inline(always)]
pub fn layer_norm<S: Simd>(
    simd: S,
    channels: usize,
    size: Size,
    eps: f32,
    (x, x_view): (&[Lanes], View),
    (scale, shift): (&[Lanes], &[Lanes]),
    (y, y_view): (&mut [Lanes], View),
) {
    // The lanes of the last block that are channels.
    let mut mask = Lanes::ZERO;
    for lane in &mut mask.0[..channels - (size.blocks - 1) * BLOCK] {
        *lane = 1.0;
    }
    let (zero, share) = (simd.splat(0.0), 1.0 / channels as f32);
    for row in 0..size.height {
        for column in 0..size.width {
            let mut sum = zero;
            for block in 0..size.blocks {
                let x = simd.load(&x[x_view.index(block, row, column)]);
                let x = if block + 1 == size.blocks { masked(simd, &mask, x) } else { x };
                sum = simd.add(sum, x);
            }
            let mean = simd.splat(simd.sum(sum) * share);
            let mut squares = zero;
            for block in 0..size.blocks {
                let x = simd.sub(simd.load(&x[x_view.index(block, row, column)]), mean);
                let x = if block + 1 == size.blocks { masked(simd, &mask, x) } else { x };
                squares = simd.mul_add(x, x, squares);
            }
            let variance = simd.splat(simd.sum(squares) * share + eps);
            let factor = simd.div(simd.splat(1.0), simd.sqrt(variance));
            for block in 0..size.blocks {
                let x = simd.sub(simd.load(&x[x_view.index(block, row, column)]), mean);
                let scaled = simd.mul(simd.mul(x, factor), simd.load(&scale[block]));
                let shifted = simd.add(scaled, simd.load(&shift[block]));
                simd.store(shifted, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}

#[inline(always)]
fn masked<S: Simd>(simd: S, mask: &Lanes, x: S::Vector) -> S::Vector {
    simd.select_greater(simd.load(mask), simd.splat(0.5), x, simd.splat(0.0))
}

/// The scale and shift per channel that normalize groups of channels over all positions: `factor` and `offset` get
/// an element for each block, so that `x * factor + offset` is the normalized value. The default scale of a
/// block is 1, and the default shift 0.
///
/// # Panics
/// If a view leaves its slice, or if a result has fewer elements than blocks.
#[inline(always)]
pub fn group_statistics<S: Simd>(
    simd: S,
    (channels, groups): (usize, usize),
    size: Size,
    eps: f32,
    x: (&[Lanes], View),
    (scale, shift): (&[Lanes], &[Lanes]),
    (factor, offset): (&mut [Lanes], &mut [Lanes]),
) {
    let per_group = channels / groups;
    let share = 1.0 / (per_group * size.height * size.width) as f32;
    for (block, sum) in offset[..size.blocks].iter_mut().enumerate() {
        simd.store(total(simd, size, block, x, None), sum);
    }
    spread(offset, groups, per_group, share);
    for block in 0..size.blocks {
        let mean = simd.load(&offset[block]);
        simd.store(total(simd, size, block, x, Some(mean)), &mut factor[block]);
    }
    spread(factor, groups, per_group, share);
    let one = Lanes([1.0; BLOCK]);
    for block in 0..size.blocks {
        let mean = simd.load(&offset[block]);
        let variance = simd.add(simd.load(&factor[block]), simd.splat(eps));
        let scale = scale.get(block).unwrap_or(&one);
        let shift = shift.get(block).unwrap_or(&Lanes::ZERO);
        let scaled = simd.div(simd.load(scale), simd.sqrt(variance));
        simd.store(scaled, &mut factor[block]);
        let moved = simd.sub(simd.load(shift), simd.mul(mean, scaled));
        simd.store(moved, &mut offset[block]);
    }
}

/// Replaces the numbers of each group's channels by their sum times `share`.
#[inline(always)]
fn spread(values: &mut [Lanes], groups: usize, per_group: usize, share: f32) {
    for group in 0..groups {
        let channels = group * per_group..(group + 1) * per_group;
        let sum: f32 = channels.clone().map(|channel| values[channel / BLOCK].0[channel % BLOCK]).sum();
        for channel in channels {
            values[channel / BLOCK].0[channel % BLOCK] = sum * share;
        }
    }
}

/// Statistics over positions for each channel, with a scale and shift for each position, in the order of rows.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer scales or shifts than positions.
#[inline(always)]
pub fn position_norm<S: Simd>(
    simd: S,
    size: Size,
    eps: f32,
    (x, x_view): (&[Lanes], View),
    (scale, shift): (&[f32], &[f32]),
    (y, y_view): (&mut [Lanes], View),
) {
    let share = simd.splat(1.0 / (size.height * size.width) as f32);
    for block in 0..size.blocks {
        let mean = simd.mul(total(simd, size, block, (x, x_view), None), share);
        let variance = simd.mul(total(simd, size, block, (x, x_view), Some(mean)), share);
        let factor = simd.div(simd.splat(1.0), simd.sqrt(simd.add(variance, simd.splat(eps))));
        for row in 0..size.height {
            for column in 0..size.width {
                let position = row * size.width + column;
                let x = simd.sub(simd.load(&x[x_view.index(block, row, column)]), mean);
                let scaled = simd.mul(simd.mul(x, factor), simd.splat(scale[position]));
                let shifted = simd.add(scaled, simd.splat(shift[position]));
                simd.store(shifted, &mut y[y_view.index(block, row, column)]);
            }
        }
    }
}
