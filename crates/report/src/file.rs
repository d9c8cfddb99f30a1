//! The files of a run: written atomically, or appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Writes a file atomically.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    graph::file::write(path, bytes).map_err(|source| failed(path, source))
}

/// The bytes of a file; empty if there is no file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    match graph::file::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(failed(path, source)),
    }
}

fn failed(path: &Path, source: io::Error) -> ReportError {
    ReportError::Io { path: path.to_owned(), source }
}

/// A file for appending. Records that cannot be written are kept in memory until they can be.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Number of bytes of complete records in the file.
    length: u64,
    /// Records that are not yet in the file.
    pending: Vec<u8>,
    /// Whether a write has failed, so that the file may end with an incomplete record.
    torn: bool,
    records: usize,
    damage: Option<ReportError>,
}

/// The part of an existing log that is kept when the log is opened.
pub(crate) struct Kept {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: usize,
    /// The damage from which on nothing is kept.
    pub(crate) damage: Option<ReportError>,
}

impl Log {
    /// Opens the file after truncating its content to `kept(content)`. An absent file is treated as empty.
    pub(crate) fn open(path: PathBuf, kept: impl FnOnce(&[u8]) -> Kept) -> Result<Self, ReportError> {
        let found = read(&path)?;
        let Kept { bytes, records, damage } = kept(&found);
        if bytes != found {
            write(&path, &bytes)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|source| failed(&path, source))?;
        let length = bytes.len() as u64;
        Ok(Self { path, file, length, pending: Vec::new(), torn: false, records, damage })
    }

    /// Whether nothing has been written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0 && self.pending.is_empty()
    }

    /// Number of records that were kept when the log was opened.
    pub(crate) fn records(&self) -> usize {
        self.records
    }

    /// The damage that was found when the log was opened.
    pub(crate) fn damage(&self) -> Option<&ReportError> {
        self.damage.as_ref()
    }

    /// Appends `bytes` in a single system call, so that a killed run leaves at most one torn record.
    /// First writes the bytes that could not be written before.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), ReportError> {
        self.pending.extend_from_slice(bytes);
        self.flush().map_err(|source| failed(&self.path, source))
    }

    /// Waits until everything written is on disk.
    pub(crate) fn sync(&mut self) -> Result<(), ReportError> {
        let synced = self.flush().and_then(|()| self.file.sync_data());
        synced.map_err(|source| failed(&self.path, source))
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if self.torn {
            self.file.set_len(self.length)?;
        }
        self.torn = true;
        self.file.write_all(&self.pending)?;
        self.torn = false;
        self.length += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_could_not_be_written_are_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log =
            Log::open(path.clone(), |_| Kept { bytes: Vec::new(), records: 0, damage: None }).unwrap();
        log.append(b"first\n").unwrap();
        let writable = std::mem::replace(&mut log.file, File::open(&path).unwrap());
        assert!(log.append(b"second\n").is_err());
        assert!(log.append(b"third\n").is_err() && log.sync().is_err());
        // On a full disk, only part of a record is written.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"sec").unwrap();
        log.file = writable;
        log.sync().unwrap();
        log.append(b"fourth\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"first\nsecond\nthird\nfourth\n");
    }
}
