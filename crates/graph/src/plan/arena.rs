//! Offsets of regions in one arena.

mod first_fit;

use super::regions::{Block, Region};

/// Maximum number of blocks that are compared with each other. Beyond it, each region is one block, which is
/// placed in about constant time.
const MOST_BLOCKS: usize = 1 << 12;

/// An arena: the offset of each region, and its size.
pub(super) struct Arena {
    pub(super) offsets: Vec<usize>,
    pub(super) elements: usize,
}

/// Places all regions so that blocks that are alive together lie apart. `None` when the arena would
/// have more elements than can be counted.
///
/// Each region in turn goes to the lowest offset that is free. Of two orders, by size and by time, the
/// better result is kept; finding the best of all orders would take too long. Very many regions are placed only
/// in order of time.
pub(super) fn place(regions: &[Region]) -> Option<Arena> {
    let birth = |region: usize| regions[region].blocks.iter().map(|block| block.birth).min();
    let mut by_time: Vec<usize> = (0..regions.len()).collect();
    by_time.sort_by_cached_key(|region| birth(*region));
    let blocks: usize = regions.iter().map(|region| region.blocks.len()).sum();
    if blocks > MOST_BLOCKS {
        return first_fit::place_in_order_of_time(regions, &by_time);
    }
    let mut by_size = by_time.clone();
    by_size.sort_by_key(|region| std::cmp::Reverse(regions[*region].elements()));
    let (by_size, by_time) = (place_in_order(regions, &by_size)?, place_in_order(regions, &by_time)?);
    Some(if by_time.elements < by_size.elements { by_time } else { by_size })
}

fn place_in_order(regions: &[Region], order: &[usize]) -> Option<Arena> {
    let mut arena = Arena { offsets: vec![0; regions.len()], elements: 0 };
    // Sorted by range, so that the offsets that a block excludes are sorted, too.
    let mut placed: Vec<Block> = Vec::new();
    for &region in order {
        let blocks = &regions[region].blocks;
        let offset = lowest_offset(blocks, &placed);
        arena.offsets[region] = offset;
        for block in blocks {
            let end = block.range.end.checked_add(offset)?;
            arena.elements = arena.elements.max(end);
            let range = block.range.start + offset..end;
            let index = placed.partition_point(|other| other.range.start < range.start);
            placed.insert(index, Block { range, ..block.clone() });
        }
    }
    Some(arena)
}

/// The lowest offset at which no block meets a placed one that is alive with it.
fn lowest_offset(blocks: &[Block], placed: &[Block]) -> usize {
    // For each pair the offsets that would make them meet: those that leave the block behind the
    // placed one's start and before its end.
    let mut forbidden: Vec<(usize, usize)> = Vec::new();
    for block in blocks {
        for other in placed {
            if block.is_alive_with(other) && block.range.start < other.range.end {
                let first = (other.range.start + 1).saturating_sub(block.range.end);
                forbidden.push((first, other.range.end - block.range.start));
            }
        }
    }
    // Takes linear time for a few runs that are already sorted.
    forbidden.sort();
    let mut offset = 0;
    for (first, end) in forbidden {
        if first > offset {
            break;
        }
        offset = offset.max(end);
    }
    offset
}
