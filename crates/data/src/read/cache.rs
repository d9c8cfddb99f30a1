//! The recordings of text files and images that are kept once they have been read. Nothing is ever removed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cached::{CachedImages, size};
use super::foreign::sentence;
use super::shared::FileSource;
use super::spilled::Spilled;
use super::temporary::TemporaryFile;
use crate::Memory;
use crate::error::expected;
use crate::neighbors::Neighbors;

/// Memory in MB unless the config sets `cache_size`.
const DEFAULT_SIZE: usize = 512;

/// The memory that is left, and the temporary files of this process and of its neighbors.
pub(crate) struct Cache {
    left: AtomicUsize,
    pub(super) neighbors: Neighbors,
    /// The file of this process. Without neighbors, it is created by its first user.
    file: Mutex<Option<Arc<TemporaryFile>>>,
    /// The images of each folder, by its position among all files.
    pub(super) images: Mutex<BTreeMap<usize, Arc<CachedImages>>>,
}

impl Cache {
    /// A cache of this many MB for a process without neighbors.
    pub(crate) fn new(size: Option<usize>) -> Arc<Self> {
        Self::shared(size, Neighbors::none(0))
    }

    /// A cache of this many MB for all neighbors together.
    pub(crate) fn shared(size: Option<usize>, neighbors: Neighbors) -> Arc<Self> {
        let bytes = size.unwrap_or(DEFAULT_SIZE).saturating_mul(1 << 20);
        let file = neighbors.own_file().map(Arc::clone);
        Arc::new(Self {
            left: AtomicUsize::new(bytes / neighbors.share.count),
            neighbors,
            file: Mutex::new(file),
            images: Mutex::default(),
        })
    }

    /// Whether other processes read what this one keeps.
    pub(super) fn has_neighbors(&self) -> bool {
        self.neighbors.share.count > 1
    }

    /// Takes `bytes` of the memory. Returns whether that much was left.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let take = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Returns the temporary file of this process.
    pub(super) fn file(&self) -> std::io::Result<Arc<TemporaryFile>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match &*file {
            Some(opened) => Ok(Arc::clone(opened)),
            None => Ok(Arc::clone(file.insert(Arc::new(TemporaryFile::new()?)))),
        }
    }

    /// Keeps the recordings of a text file. If other processes read them, or if they exceed the memory, they are
    /// written to a temporary file, because it takes long to parse text again.
    pub(super) fn keep(&self, memory: Memory) -> Result<FileSource, String> {
        if !self.has_neighbors() && self.take(memory.recordings.iter().map(size).sum()) {
            return Ok(FileSource::Own(Arc::new(memory)));
        }
        let spilled = self.file().and_then(|file| Spilled::write(memory, &file)).map_err(|error| {
            let folder = graph::shown_path(&std::env::temp_dir());
            let (space, advice) = if self.has_neighbors() {
                ("space for the recordings of text files", "set TMPDIR to another folder")
            } else {
                (
                    "space for recordings beyond `cache_size`",
                    "raise `cache_size`, or set TMPDIR to another folder",
                )
            };
            expected(format!("{space} in {folder}"), format!("{}; {advice}", sentence(&error)))
        })?;
        let spilled = Arc::new(spilled);
        Ok(if self.has_neighbors() { FileSource::Stored(spilled) } else { FileSource::Own(spilled) })
    }
}
