//! Temporary files that several threads and processes read at any position.

use std::fs::File;
use std::io;
#[cfg(not(unix))]
use std::io::{Read, Seek, SeekFrom, Write};
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(not(unix))]
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file without a name, which disappears with the processes that have it open.
#[derive(Debug)]
pub(crate) struct TemporaryFile {
    file: File,
    /// The number of bytes that have been written or are being written.
    length: AtomicU64,
    /// Held while the position of the file is used.
    #[cfg(not(unix))]
    position: Mutex<()>,
}

impl TemporaryFile {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self::of(tempfile::tempfile()?))
    }

    /// An empty file, or that of another process, which is only read.
    pub(crate) fn of(file: File) -> Self {
        Self {
            file,
            length: AtomicU64::new(0),
            #[cfg(not(unix))]
            position: Mutex::new(()),
        }
    }

    /// Appends bytes. Returns the offset of the first one.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.length.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.write_at(bytes, offset)?;
        Ok(offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    #[cfg(unix)]
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }

    #[cfg(not(unix))]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let _held = self.position.lock();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    #[cfg(not(unix))]
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let _held = self.position.lock();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }
}
