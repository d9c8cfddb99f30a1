//! First-fit placement: regions in order of time, each as a whole in the lowest gap that is large enough.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Arena;
use crate::plan::regions::Region;

/// Places regions, given in order of first use. A region occupies its whole range from the first use of its first
/// block to the last use of its last block.
pub(super) fn place_in_order_of_time(regions: &[Region], by_time: &[usize]) -> Option<Arena> {
    let mut arena = Arena { offsets: vec![0; regions.len()], elements: 0 };
    let mut gaps = Gaps::default();
    // Last use, offset and number of elements of each live region, with the earliest last use on top.
    let mut alive: BinaryHeap<Reverse<(usize, usize, usize)>> = BinaryHeap::new();
    for &region in by_time {
        let blocks = &regions[region].blocks;
        let elements = regions[region].elements();
        let birth = blocks.iter().map(|block| block.birth).min();
        let death = blocks.iter().map(|block| block.death).max();
        let (Some(birth), Some(death)) = (birth, death) else { continue };
        while let Some(&Reverse((end_of_life, offset, elements))) = alive.peek()
            && end_of_life < birth
        {
            alive.pop();
            gaps.free(offset, elements);
        }
        let offset = gaps.take(elements)?;
        arena.offsets[region] = offset;
        arena.elements = arena.elements.max(offset.checked_add(elements)?);
        alive.push(Reverse((death, offset, elements)));
    }
    Some(arena)
}

/// The free parts of the arena.
#[derive(Default)]
struct Gaps {
    /// Start and end of each gap below `top`; no two gaps touch.
    below: BTreeMap<usize, usize>,
    /// Offset from which everything is free.
    top: usize,
}

impl Gaps {
    /// Takes the lowest free range of this many elements. Returns `None` if the size of the arena overflows.
    fn take(&mut self, elements: usize) -> Option<usize> {
        let large_enough =
            |(start, end): (&usize, &usize)| (end - start >= elements).then_some((*start, *end));
        if let Some((start, end)) = self.below.iter().find_map(large_enough) {
            self.below.remove(&start);
            if end - start > elements {
                self.below.insert(start + elements, end);
            }
            return Some(start);
        }
        // No gap touches the top: freeing such a range lowers the top instead.
        let start = self.top;
        self.top = start.checked_add(elements)?;
        Some(start)
    }

    fn free(&mut self, offset: usize, elements: usize) {
        let (mut start, mut end) = (offset, offset + elements);
        if let Some((&before, &end_before)) = self.below.range(..start).next_back()
            && end_before == start
        {
            self.below.remove(&before);
            start = before;
        }
        if let Some(end_after) = self.below.remove(&end) {
            end = end_after;
        }
        if end == self.top {
            self.top = start;
        } else {
            self.below.insert(start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gaps;

    #[test]
    fn the_lowest_gap_is_taken_and_gaps_are_joined() {
        let mut gaps = Gaps::default();
        let offsets = [4, 2, 3, 1].map(|elements| gaps.take(elements).unwrap());
        assert_eq!(offsets, [0, 4, 6, 9]);
        gaps.free(0, 4);
        gaps.free(6, 3);
        assert_eq!(gaps.take(3), Some(0));
        assert_eq!(gaps.take(3), Some(6));
        gaps.free(6, 3);
        gaps.free(4, 2);
        // 3 to 9 is now one gap.
        assert_eq!(gaps.take(6), Some(3));
        gaps.free(9, 1);
        gaps.free(3, 6);
        assert_eq!(gaps.take(1), Some(3));
        assert_eq!(gaps.take(usize::MAX), None);
    }
}
