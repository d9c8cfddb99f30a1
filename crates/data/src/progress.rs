//! The progress of opening the data of a config.

/// The progress of [`Config::open_with`](crate::Config::open_with).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenProgress {
    /// Files of all splits that have been read.
    Files {
        /// The number of files so far.
        done: usize,
        /// The number of files of all splits.
        total: usize,
    },
    /// Recordings of a split that have been checked.
    Recordings {
        /// The number of recordings so far.
        done: usize,
        /// The number of recordings of the split.
        total: usize,
    },
}
