//! What can be wrong with a run's files.

use std::path::PathBuf;

/// A file of a run that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A line of a journal is no entry.
    #[error("journal {path}, line {line}: {found} found, an object of numbers with a whole `step` is needed")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the line is.
        found: String,
    },
    /// The bytes of an event log are damaged before its end.
    #[error("event log {path}, byte {offset}: {found} found, a whole record is needed")]
    Record {
        /// The file.
        path: PathBuf,
        /// Where the record begins.
        offset: usize,
        /// What is wrong with it.
        found: &'static str,
    },
}
