//! The part of some work that one of several processes does.

use std::ops::Range;

/// The part that one of several processes takes of a batch, or of a list of recordings or files: consecutive items, whose
/// number differs from those of the others by at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The number of this process, from 0 and below `count`.
    pub index: usize,
    /// The number of processes, at least 1.
    pub count: usize,
}

impl Share {
    /// Everything.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The part of these items. If there are fewer than `count`, it is empty for some processes.
    pub fn of(self, items: Range<usize>) -> Range<usize> {
        let bound = |index: usize| items.start + index * items.len() / self.count;
        bound(self.index)..bound(self.index + 1)
    }
}
