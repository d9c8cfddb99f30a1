//! The part of each batch that one of several processes reads.

use std::ops::Range;

/// The part of each batch that one of several processes reads: consecutive examples, as many as those of the others or
/// one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The number of this process, from 0 and below `count`.
    pub index: usize,
    /// The number of processes, at least 1.
    pub count: usize,
}

impl Share {
    /// Whole batches.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The part of these examples. Empty if there are fewer than `count`, for some processes.
    pub fn of(self, examples: Range<usize>) -> Range<usize> {
        let bound = |index: usize| examples.start + index * examples.len() / self.count;
        bound(self.index)..bound(self.index + 1)
    }
}
