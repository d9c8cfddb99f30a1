//! Arrays in files, of which any part can be read.

mod message;

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::foreign::sentence;
use super::temporary::TemporaryFile;
use crate::npy::Elements;

/// An array whose elements are in row-major order.
#[derive(Clone, Debug)]
pub(super) struct StoredArray {
    pub(super) elements: Elements,
    pub(super) shape: Vec<usize>,
    pub(super) content: Content,
}

/// The bytes of an array.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// In a file, from this byte on.
    File {
        file: Arc<UnchangedFile>,
        offset: u64,
    },
    /// In a temporary file of this process or a neighbor, from this byte on.
    Temporary {
        file: Arc<TemporaryFile>,
        offset: u64,
    },
    Memory(Vec<u8>),
}

/// A file that must not change while it is used. It is only open while it is read, because there may be more files
/// than a process may have open.
#[derive(Debug)]
pub(super) struct UnchangedFile {
    path: PathBuf,
    pub(super) length: u64,
    modified: Option<SystemTime>,
}

/// Consecutive elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: usize,
    pub(super) count: usize,
}

impl StoredArray {
    /// Returns the numbers in some runs, one run after the other.
    pub(super) fn numbers(&self, runs: &[Run]) -> Result<Vec<f64>, String> {
        self.elements.numbers(&self.bytes(runs)?)
    }

    /// Returns the bytes of some runs, one run after the other.
    pub(super) fn bytes(&self, runs: &[Run]) -> Result<Vec<u8>, String> {
        let size = self.elements.size();
        let mut bytes = vec![0; runs.iter().map(|run| run.count * size).sum()];
        let read = match &self.content {
            Content::Memory(all) => {
                let mut all = io::Cursor::new(all);
                read_runs(0, runs, size, &mut bytes, |part, offset| read_at(&mut all, part, offset))
            }
            Content::Temporary { file, offset } => {
                read_runs(*offset, runs, size, &mut bytes, |part, offset| file.read_at(part, offset))
            }
            Content::File { file, offset } => file.open().and_then(|mut file| {
                read_runs(*offset, runs, size, &mut bytes, |part, offset| read_at(&mut file, part, offset))
            }),
        };
        read.map_err(|error| sentence(&error))?;
        Ok(bytes)
    }
}

/// Reads runs of elements of `size` bytes, of an array that begins at `offset`. `read_at` fills bytes from an offset on.
fn read_runs(
    offset: u64,
    runs: &[Run],
    size: usize,
    mut bytes: &mut [u8],
    mut read_at: impl FnMut(&mut [u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    for run in runs {
        let (part, rest) = bytes.split_at_mut(run.count * size);
        read_at(part, offset + (run.from * size) as u64)?;
        bytes = rest;
    }
    Ok(())
}

fn read_at(reader: &mut (impl Read + Seek), bytes: &mut [u8], offset: u64) -> io::Result<()> {
    reader.seek(SeekFrom::Start(offset))?;
    reader.read_exact(bytes)
}

impl UnchangedFile {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let found = graph::file::open(path)?.metadata()?;
        Ok(Self { path: path.to_owned(), length: found.len(), modified: found.modified().ok() })
    }

    /// Opens the file.
    pub(super) fn open(&self) -> io::Result<fs::File> {
        let file = graph::file::open(&self.path)?;
        let found = file.metadata()?;
        if found.len() != self.length || found.modified().ok() != self.modified {
            return Err(io::Error::other(
                "expected the file as it was when it was opened, found a different one",
            ));
        }
        Ok(file)
    }
}
