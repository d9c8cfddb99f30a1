//! Errors of the files of a run.

use std::path::PathBuf;

use graph::shown_path;

/// An error of a file of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file could not be read or written.
    #[error("{}: {source}", shown_path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// A line of a journal is not an entry.
    #[error(
        "{}: line {line}: expected an object of numbers with an integer `step`, found {found}",
        shown_path(path)
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The content of the line.
        found: String,
    },
    /// An event log is damaged before its end.
    #[error("{}: byte {offset}: expected a complete record, found {found}", shown_path(path))]
    Record {
        /// The file.
        path: PathBuf,
        /// The offset of the record.
        offset: usize,
        /// The damage.
        found: &'static str,
    },
}
