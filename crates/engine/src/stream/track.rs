//! The positions of one value that are kept.

use kernels::{Lanes, Size, View, blocks};

use crate::plan::{Buffer, Margins};

/// A value of a stream: the positions from `start` on that are known and still needed.
///
/// They are contiguous in each block, so that kernels read them as they read a whole series. New positions are added
/// behind them; when the memory ends, the positions that are still needed move to its start.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) channels: usize,
    /// Elements of one block.
    capacity: usize,
    data: Vec<Lanes>,
    /// The position of the first element.
    origin: i64,
    /// The first position that a reader needs. Positions before 0 are zero padding.
    pub(super) start: i64,
    /// The position after the last one that is known.
    pub(super) end: i64,
}

impl Track {
    /// A track without positions.
    pub(super) fn new(channels: usize, capacity: usize) -> Self {
        let data = vec![Lanes::ZERO; blocks(channels) * capacity];
        Self { channels, capacity, data, origin: 0, start: 0, end: 0 }
    }

    /// Forgets all positions and adds zeros from `start` to `end`.
    pub(super) fn restart(&mut self, start: i64, end: i64) {
        (self.origin, self.start, self.end) = (start, start, start);
        let zeros = usize::try_from(end - start).unwrap_or(0);
        self.reserve(zeros);
        for block in 0..blocks(self.channels) {
            self.data[block * self.capacity..][..zeros].fill(Lanes::ZERO);
        }
        self.end = end;
    }

    /// Whether there is room for more positions.
    pub(super) fn has_room(&self, count: usize) -> bool {
        self.index(self.end) + count <= self.capacity
    }

    /// Makes room for more positions.
    pub(super) fn reserve(&mut self, count: usize) {
        if self.has_room(count) {
            return;
        }
        let (first, kept) = (self.index(self.start), self.index(self.end) - self.index(self.start));
        let number = blocks(self.channels);
        if kept + count > self.capacity {
            let larger = (kept + count) * 2;
            let mut data = vec![Lanes::ZERO; number * larger];
            for block in 0..number {
                let from = &self.data[block * self.capacity + first..][..kept];
                data[block * larger..][..kept].copy_from_slice(from);
            }
            (self.data, self.capacity) = (data, larger);
        } else {
            for block in 0..number {
                let from = block * self.capacity + first;
                self.data.copy_within(from..from + kept, block * self.capacity);
            }
        }
        self.origin = self.start;
    }

    /// Adds zeros up to a position; there must be room for them.
    pub(super) fn pad(&mut self, end: i64) {
        let count = usize::try_from(end - self.end).unwrap_or(0);
        for block in 0..blocks(self.channels) {
            let first = block * self.capacity + self.index(self.end);
            self.data[first..first + count].fill(Lanes::ZERO);
        }
        self.end = end;
    }

    /// Adds positions, whose channels follow one another; there must be room for them.
    pub(super) fn append(&mut self, positions: &[f32]) {
        for position in positions.chunks(self.channels) {
            let index = self.index(self.end);
            for (block, channels) in position.chunks(kernels::BLOCK).enumerate() {
                self.data[block * self.capacity + index].0[..channels.len()].copy_from_slice(channels);
            }
            self.end += 1;
        }
    }

    /// Copies positions from one on, up to another, to the end of a vector.
    pub(super) fn copy_to(&self, from: i64, end: i64, values: &mut Vec<f32>) {
        for position in from..end {
            let index = self.index(position);
            for block in 0..blocks(self.channels) {
                let lanes = (self.channels - block * kernels::BLOCK).min(kernels::BLOCK);
                values.extend_from_slice(&self.data[block * self.capacity + index].0[..lanes]);
            }
        }
    }

    /// The index of a position in the first block.
    pub(super) fn index(&self, position: i64) -> usize {
        usize::try_from(position - self.origin).unwrap_or(0)
    }

    /// The elements, and a view of `count` positions from one on.
    pub(super) fn at(&self, position: i64, count: usize) -> (&[Lanes], Buffer) {
        (&self.data, self.buffer(position, count))
    }

    /// The same to be written.
    pub(super) fn at_mut(&mut self, position: i64, count: usize) -> (&mut [Lanes], Buffer) {
        let buffer = self.buffer(position, count);
        (&mut self.data, buffer)
    }

    fn buffer(&self, position: i64, count: usize) -> Buffer {
        Buffer {
            start: 0,
            len: self.data.len(),
            view: View { origin: self.index(position), plane: self.capacity, pitch: self.capacity, step: 1 },
            size: Size { blocks: blocks(self.channels), height: 1, width: count },
            channels: self.channels,
            rank: 1,
            margins: Margins::default(),
        }
    }
}
