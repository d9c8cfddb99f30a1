//! A run's files: written whole or not at all, and grown at their end.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Writes a file of a run, whole or not at all.
///
/// # Errors
/// Names the file.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    graph::file::write(path, bytes).map_err(|source| ReportError::Io { path: path.into(), source })
}

/// The bytes of a file; none where there is no file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ReportError::Io { path: path.into(), source }),
    }
}

/// A file that grows at its end.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    empty: bool,
}

impl Log {
    /// Opens the file with its content cut to what `kept` returns of it; an absent file is empty.
    pub(crate) fn open(
        path: PathBuf,
        kept: impl FnOnce(&[u8]) -> Result<Vec<u8>, ReportError>,
    ) -> Result<Self, ReportError> {
        let found = read(&path)?;
        let kept = kept(&found)?;
        if kept != found {
            replace(&path, &kept)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|source| ReportError::Io { path: path.clone(), source })?;
        Ok(Self { path, file, empty: kept.is_empty() })
    }

    /// Whether nothing has been written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.empty
    }

    /// Adds `bytes` in one call to the system, so that a killed run leaves at most one torn piece.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), ReportError> {
        self.empty &= bytes.is_empty();
        self.file.write_all(bytes).map_err(|source| ReportError::Io { path: self.path.clone(), source })
    }

    /// Waits until everything written is on the disk.
    pub(crate) fn sync(&self) -> Result<(), ReportError> {
        self.file.sync_data().map_err(|source| ReportError::Io { path: self.path.clone(), source })
    }
}
