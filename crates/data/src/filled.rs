//! A source whose recordings are filled and extended.

use std::sync::Arc;

use crate::{DataError, Description, Filling, Recording, Source};

/// Recordings without missing values, as far as the config fills them. Windows are those of the whole recording.
pub(crate) struct Filled {
    source: Arc<dyn Source>,
    filling: Filling,
}

impl Filled {
    /// Wraps a source, unless its recordings cannot change.
    pub(crate) fn wrap(source: Arc<dyn Source>, filling: Filling) -> Arc<dyn Source> {
        if filling.is_needed() { Arc::new(Self { source, filling }) } else { source }
    }
}

impl Source for Filled {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn classes(&self) -> &[String] {
        self.source.classes()
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.filling.fill(self.source.recording(index)?)
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        // Only the first window can be longer than the recording.
        if from > 0 || !self.filling.extends() {
            let excerpt = self.source.excerpt(index, from, length)?;
            if !self.filling.needs_context(&excerpt) {
                return self.filling.filled(excerpt);
            }
        }
        self.recording(index)?.excerpt(from, length)
    }

    fn description(&self) -> Description {
        self.source.description()
    }
}
