//! Images that are kept once they have been decoded, while there is space.

use std::sync::{Arc, OnceLock, PoisonError};

use super::cache::Cache;
use super::spilled::SpilledRecording;
use crate::{
    DataError, Description, MessageReader, MessageWriter, Recording, Sharing, Source, Target, Values,
};

/// Memory of a recording in addition to its values, in bytes.
const RECORDING: usize = 256;

/// Returns the memory of a recording, in bytes.
pub(super) fn size(recording: &Recording) -> usize {
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

/// The images of a folder that are kept, each at its index.
pub(super) type CachedImages = Vec<OnceLock<CachedImage>>;

/// A decoded image.
#[derive(Debug)]
pub(super) enum CachedImage {
    Memory(Recording),
    /// In the temporary file of this process or of a neighbor.
    File(SpilledRecording),
}

/// A source of images that are kept.
pub(super) struct Cached<S> {
    source: S,
    cache: Arc<Cache>,
    images: Arc<CachedImages>,
}

impl<S: Source> Cached<S> {
    /// Keeps the images of a folder, given its position among all files.
    pub(super) fn new(source: S, cache: &Arc<Cache>, position: usize) -> Self {
        let images: CachedImages = std::iter::repeat_with(OnceLock::new).take(source.len()).collect();
        let images = Arc::new(images);
        let mut all = cache.images.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(position, Arc::clone(&images));
        Self { source, cache: Arc::clone(cache), images }
    }
}

impl Cache {
    /// Keeps an image if there is space.
    fn keep_image(&self, recording: &Recording) -> Option<CachedImage> {
        if !self.take(size(recording)) {
            return None;
        }
        if !self.has_neighbors() {
            return Some(CachedImage::Memory(recording.clone()));
        }
        let written = self.file().and_then(|file| SpilledRecording::write(recording.clone(), &file));
        written.ok().map(CachedImage::File)
    }

    /// Makes the images that each process has kept available to its neighbors. Every process calls it.
    pub(crate) fn exchange_images(&self, sharing: &Sharing<'_>) {
        if sharing.is_alone() {
            return;
        }
        let all = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let mut message = MessageWriter::default();
        for (position, images) in all.iter() {
            for (index, image) in images.iter().enumerate() {
                if let Some(CachedImage::File(image)) = image.get() {
                    message.sizes(&[*position, index]);
                    image.write_message(&mut message);
                }
            }
        }
        let messages = sharing.all_messages(&message.into_bytes());
        for (process, file) in self.neighbors.others() {
            let mut message = MessageReader::new(messages.get(process).map_or(&[], Vec::as_slice));
            while let Some(&[position, index]) = message.sizes().as_deref()
                && let Some(image) = SpilledRecording::read_message(&mut message, file)
            {
                if let Some(place) = all.get(&position).and_then(|images| images.get(index)) {
                    place.get_or_init(|| CachedImage::File(image));
                }
            }
        }
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
        match self.images.get(index).and_then(OnceLock::get) {
            Some(CachedImage::Memory(recording)) => return Ok(recording.clone()),
            Some(CachedImage::File(recording)) => return recording.read(None),
            None => {}
        }
        let recording = self.source.recording(index)?;
        if let Some(place) = self.images.get(index)
            && let Some(image) = self.cache.keep_image(&recording)
        {
            // Another thread may have been faster.
            place.get_or_init(|| image);
        }
        Ok(recording)
    }

    fn description(&self) -> Description {
        self.source.description()
    }
}
