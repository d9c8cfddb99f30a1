//! Register tiles: the positions and blocks of a convolution's output that are computed at once.

use core::array::from_fn;

use crate::layout::{BLOCK, Lanes};
use crate::simd::Simd;

/// The weights of one tap from a block of input channels to a block of output channels: for each input channel, those
/// of all output channels.
pub(crate) type TapWeights = [Lanes; BLOCK];

/// The input of a tile, and how to walk over it.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'x> {
    pub(crate) x: &'x [Lanes],
    /// The index of the first tap of the first position in the first block.
    pub(crate) at: usize,
    /// The distance between positions.
    pub(crate) stride: usize,
    /// The number of input blocks, and the number of channels in the last one.
    pub(crate) blocks: usize,
    pub(crate) last_lanes: usize,
    /// The distance between blocks.
    pub(crate) plane: usize,
    /// The numbers of taps and the distances between them, down and across.
    pub(crate) taps: [usize; 2],
    pub(crate) spacing: [usize; 2],
}

/// The sums over all taps and input channels at `P` positions, for `B` output blocks, whose weights are in `weights`
/// in the order block, row, column.
#[inline(always)]
pub(crate) fn tile<S: Simd, const P: usize, const B: usize>(
    simd: S,
    walk: &Walk<'_>,
    weights: [&[TapWeights]; B],
    start: [S::Vector; B],
) -> [[S::Vector; B]; P] {
    let mut sums = [start; P];
    let mut tap = 0;
    for block in 0..walk.blocks {
        let lanes = if block + 1 == walk.blocks { walk.last_lanes } else { BLOCK };
        for row in 0..walk.taps[0] {
            for column in 0..walk.taps[1] {
                let at = walk.at + block * walk.plane + row * walk.spacing[0] + column * walk.spacing[1];
                let x = &walk.x[at..at + (P - 1) * walk.stride + 1];
                let own: [&TapWeights; B] = from_fn(|block| &weights[block][tap]);
                tap += 1;
                // Neighbors are at constant distances from one address.
                if walk.stride == 1
                    && let Some(x) = x.first_chunk::<P>()
                {
                    accumulate(simd, &mut sums, from_fn(|position| &x[position]), own, lanes);
                } else {
                    let distant = from_fn(|position| &x[position * walk.stride]);
                    accumulate(simd, &mut sums, distant, own, lanes);
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
    sums: &mut [[S::Vector; B]; P],
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
                sums[position][block] = simd.mul_add(x, vectors[block], sums[position][block]);
            }
        }
    }
}

/// The division of positions into nearly equal tiles: the start and size of each.
///
/// A loop over an iterator, not a function that takes a closure: a closure that is not inlined would be compiled
/// without the instruction set.
pub(crate) struct Tiles {
    count: usize,
    tiles: usize,
    next: usize,
    start: usize,
}

impl Tiles {
    /// Divides `count` positions into tiles of at most `most`.
    #[inline(always)]
    pub(crate) fn new(count: usize, most: usize) -> Self {
        Self { count, tiles: count.div_ceil(most), next: 0, start: 0 }
    }
}

impl Iterator for Tiles {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        if self.next == self.tiles {
            return None;
        }
        self.next += 1;
        let start = self.start;
        self.start = self.count * self.next / self.tiles;
        Some((start, self.start - start))
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
