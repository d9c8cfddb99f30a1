//! The files of a run: written atomically, or appended to.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Writes a file atomically.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    graph::file::write(path, bytes).map_err(|source| ReportError::Io { path: path.into(), source })
}

/// The bytes of a file; empty if there is no file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ReportError::Io { path: path.into(), source }),
    }
}

/// A file that is appended to.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    empty: bool,
}

impl Log {
    /// Opens the file after replacing its content by `kept(content)`; an absent file is empty.
    pub(crate) fn open(
        path: PathBuf,
        kept: impl FnOnce(&[u8]) -> Result<Vec<u8>, ReportError>,
    ) -> Result<Self, ReportError> {
        let found = read(&path)?;
        let kept = kept(&found)?;
        if kept != found {
            write(&path, &kept)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|source| ReportError::Io { path: path.clone(), source })?;
        Ok(Self { path, file, empty: kept.is_empty() })
    }

    /// Whether nothing has been written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.empty
    }

    /// Appends `bytes` in a single system call, so that a killed run leaves at most one torn record.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), ReportError> {
        self.empty &= bytes.is_empty();
        self.file.write_all(bytes).map_err(|source| ReportError::Io { path: self.path.clone(), source })
    }

    /// Waits until everything written is on disk.
    pub(crate) fn sync(&self) -> Result<(), ReportError> {
        self.file.sync_data().map_err(|source| ReportError::Io { path: self.path.clone(), source })
    }
}
