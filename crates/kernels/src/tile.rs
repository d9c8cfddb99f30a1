//! Register tiles: the positions and blocks of a convolution's output that are computed at once.

use core::array::from_fn;

use crate::conv::{Conv, Rows};
use crate::epilogue::Place;
use crate::layout::{BLOCK, Lanes};
use crate::simd::Simd;

/// The weights of one tap from a block of input channels to a block of output channels: for each input channel, those
/// of all output channels.
pub(crate) type TapWeights = [Lanes; BLOCK];

/// Computes a tile of `P` positions of `B` output blocks.
#[inline(always)]
pub(crate) fn tile<S: Simd, const P: usize, const B: usize>(simd: S, rows: &mut Rows<'_>, place: Place) {
    // Such a tile is never chosen; this line keeps its code from being generated.
    if P * B > S::ACCUMULATORS.max(1) {
        return;
    }
    // Neighbors are at constant distances from one address.
    let sums = if rows.conv.stride[1] * rows.x_view.step == 1 {
        sums::<S, P, B, true>(simd, rows, place)
    } else {
        sums::<S, P, B, false>(simd, rows, place)
    };
    rows.epilogue.write(simd, sums, place, (&mut *rows.y, rows.y_view));
}

/// The biases and the sums over all taps and input channels of a tile.
#[inline(always)]
fn sums<S: Simd, const P: usize, const B: usize, const ARE_NEIGHBORS: bool>(
    simd: S,
    rows: &Rows<'_>,
    place: Place,
) -> [[S::Vector; P]; B] {
    let Conv { blocks, last_lanes, taps, dilation, stride } = *rows.conv;
    let view = rows.x_view;
    let count = blocks * taps[0] * taps[1];
    let mut weights = [&rows.weights[..0]; B];
    let mut sums = [[simd.splat(0.0); P]; B];
    for b in 0..B {
        weights[b] = &rows.weights[(place.block + b) * count..][..count];
        sums[b] = [simd.load(&rows.epilogue.bias[place.block + b]); P];
    }
    let start = view.index(0, place.row * stride[0], place.column * stride[1]);
    let distance = stride[1] * view.step;
    let mut tap = 0;
    for block in 0..blocks {
        let lanes = if block + 1 == blocks { last_lanes } else { BLOCK };
        for row in 0..taps[0] {
            for column in 0..taps[1] {
                let moved = row * dilation[0] * view.pitch + column * dilation[1] * view.step;
                let at = start + block * view.plane + moved;
                let own: [&TapWeights; B] = from_fn(|b| &weights[b][tap]);
                tap += 1;
                if ARE_NEIGHBORS {
                    let Some(x) = rows.x[at..].first_chunk::<P>() else { return sums };
                    accumulate(simd, &mut sums, from_fn(|position| &x[position]), own, lanes);
                } else {
                    let x = &rows.x[at..at + (P - 1) * distance + 1];
                    accumulate(simd, &mut sums, from_fn(|position| &x[position * distance]), own, lanes);
                }
            }
        }
    }
    sums
}

/// Adds the first `lanes` channels of an input block to all sums.
#[inline(always)]
fn accumulate<S: Simd, const P: usize, const B: usize>(
    simd: S,
    sums: &mut [[S::Vector; P]; B],
    x: [&Lanes; P],
    weights: [&TapWeights; B],
    lanes: usize,
) {
    for lane in 0..lanes.min(BLOCK) {
        let mut vectors = [simd.splat(0.0); B];
        for (vector, weights) in vectors.iter_mut().zip(weights) {
            *vector = simd.load(&weights[lane]);
        }
        for position in 0..P {
            let x = simd.splat(x[position].0[lane]);
            for block in 0..B {
                sums[block][position] = simd.mul_add(x, vectors[block], sums[block][position]);
            }
        }
    }
}

/// The division of positions into nearly equal tiles: the start and size of each.
///
/// A loop over an iterator, not a function that takes a closure: a closure that is not inlined would be compiled
/// without the instruction set.
pub(crate) struct Tiles {
    start: usize,
    /// The size of most tiles; the first `larger` ones have one position more.
    size: usize,
    larger: usize,
    left: usize,
}

impl Tiles {
    /// Divides `count` positions into tiles of at most `most`.
    #[inline(always)]
    pub(crate) fn new(count: usize, most: usize) -> Self {
        let tiles = count.div_ceil(most);
        // Most rows are a single tile, and a division takes as long as many additions.
        if tiles <= 1 {
            return Self { start: 0, size: count, larger: 0, left: tiles };
        }
        Self { start: 0, size: count / tiles, larger: count % tiles, left: tiles }
    }
}

impl Iterator for Tiles {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        self.left = self.left.checked_sub(1)?;
        let mut size = self.size;
        if self.larger > 0 {
            self.larger -= 1;
            size += 1;
        }
        let start = self.start;
        self.start += size;
        Some((start, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_all_positions_and_differ_by_at_most_one() {
        for most in 1..15 {
            for count in 0..100 {
                let mut next = 0;
                let (mut smallest, mut largest) = (usize::MAX, 0);
                for (start, size) in Tiles::new(count, most) {
                    assert_eq!(start, next);
                    next += size;
                    smallest = smallest.min(size);
                    largest = largest.max(size);
                }
                assert_eq!(next, count);
                assert!(largest <= most && largest <= smallest.saturating_add(1));
            }
        }
    }
}
