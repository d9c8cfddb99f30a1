//! The memory for recordings of text files and images. It is filled until it is full; nothing is ever removed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::foreign::sentence;
use super::spilled::{Spilled, TemporaryFile};
use crate::error::expected;
use crate::{DataError, Description, Memory, Recording, Source, Target, Values};

/// Memory in MB unless the config sets `cache_size`.
const DEFAULT_SIZE: usize = 512;
/// Memory of a recording in addition to its values, in bytes.
const RECORDING: usize = 256;

/// The memory that is left, and the file for recordings that exceed it.
pub(crate) struct Cache {
    left: AtomicUsize,
    file: Mutex<Option<TemporaryFile>>,
}

impl Cache {
    /// A cache of this many MB.
    pub(super) fn new(size: Option<usize>) -> Arc<Self> {
        let left = size.unwrap_or(DEFAULT_SIZE).saturating_mul(1 << 20);
        Arc::new(Self { left: AtomicUsize::new(left), file: Mutex::new(None) })
    }

    /// Takes `bytes` of the memory. Returns whether that much was left.
    fn take(&self, bytes: usize) -> bool {
        let take = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Returns the recordings of a text file. If they exceed the memory, they are written to a temporary file,
    /// because it takes long to parse text again.
    pub(super) fn keep(&self, memory: Memory) -> Result<Arc<dyn Source>, String> {
        if self.take(memory.recordings.iter().map(size).sum()) {
            return Ok(Arc::new(memory));
        }
        let failed = |error: std::io::Error| {
            let folder = graph::shown_path(&std::env::temp_dir());
            let found = format!("{}; raise `cache_size`, or set TMPDIR to another folder", sentence(&error));
            expected(format!("space for recordings beyond `cache_size` in {folder}"), found)
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match file.take() {
            Some(opened) => file.insert(opened),
            None => file.insert(TemporaryFile::new().map_err(failed)?),
        };
        Ok(Arc::new(Spilled::write(memory, file).map_err(failed)?))
    }
}

/// Returns the memory of a recording, in bytes.
fn size(recording: &Recording) -> usize {
    let of_values = |values: &Values| size_of_val(values.data());
    let target = match &recording.target {
        Target::Positions(classes) => size_of_val(&classes[..]),
        Target::Labels(labels) => labels.len(),
        Target::Numbers(numbers) => size_of_val(&numbers[..]),
        Target::Signal(signal) => of_values(signal),
        Target::Class(_) | Target::None => 0,
    };
    RECORDING + recording.origin.len() + of_values(&recording.input) + target
}

/// A source of images whose recordings are kept in memory while there is space.
pub(super) struct Cached<S> {
    source: S,
    cache: Arc<Cache>,
    recordings: Vec<OnceLock<Recording>>,
}

impl<S: Source> Cached<S> {
    pub(super) fn new(source: S, cache: &Arc<Cache>) -> Self {
        let recordings = std::iter::repeat_with(OnceLock::new).take(source.len()).collect();
        Self { source, cache: Arc::clone(cache), recordings }
    }
}

impl<S: Source> Source for Cached<S> {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn classes(&self) -> &[String] {
        self.source.classes()
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        if let Some(recording) = self.recordings.get(index).and_then(OnceLock::get) {
            return Ok(recording.clone());
        }
        let recording = self.source.recording(index)?;
        if let Some(place) = self.recordings.get(index)
            && self.cache.take(size(&recording))
        {
            // Another thread may have been faster.
            place.get_or_init(|| recording.clone());
        }
        Ok(recording)
    }

    fn description(&self) -> Description {
        self.source.description()
    }
}
