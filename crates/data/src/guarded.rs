//! Validation of user-defined sources, which may panic or return inconsistent values.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use graph::{FieldError, one_line};

use crate::{DataError, Description, Recording, Source, Target, classes};

/// Maximum number of recordings; a larger number is a bug of the source.
const MOST_RECORDINGS: usize = 1 << 30;

/// A source whose panics become errors that name the recording, and whose length and classes never change.
pub(crate) struct Guarded {
    source: Arc<dyn Source>,
    len: usize,
    classes: Vec<String>,
    description: Description,
    /// Whether targets are kept. For clean signals to which noise is added, targets are ignored.
    keeps_targets: bool,
}

impl Guarded {
    /// Wraps the source of the split called `split`.
    pub(crate) fn wrap(
        source: Arc<dyn Source>,
        split: &str,
        keeps_targets: bool,
    ) -> Result<Arc<dyn Source>, DataError> {
        let in_split = |error: FieldError| DataError::from(error.within(split));
        let facts = || (source.len(), source.classes().to_vec(), source.description());
        let found = catch_unwind(AssertUnwindSafe(facts));
        let (len, classes, description) = found.map_err(|panic| {
            in_split(FieldError::new("", format!("the source panicked{}", message(panic.as_ref()))))
        })?;
        if len > MOST_RECORDINGS {
            let most = format!("at most {MOST_RECORDINGS} recordings");
            return Err(in_split(FieldError::expected("", most, len)));
        }
        classes::check(&classes).map_err(|error| in_split(error.within("classes")))?;
        Ok(Arc::new(Self { source, len, classes, description, keeps_targets }))
    }

    fn call<T>(&self, index: usize, call: impl FnOnce() -> Result<T, DataError>) -> Result<T, DataError> {
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
            let place = format!("recording {}", index.saturating_add(1));
            Err(DataError::new(place, format!("the source panicked{}", message(panic.as_ref()))))
        })
    }

    fn with_target(&self, recording: Recording) -> Recording {
        if self.keeps_targets { recording } else { Recording { target: Target::None, ..recording } }
    }
}

impl Source for Guarded {
    fn len(&self) -> usize {
        self.len
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.call(index, || self.source.recording(index)).map(|recording| self.with_target(recording))
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        let excerpt = self.call(index, || self.source.excerpt(index, from, length));
        excerpt.map(|recording| self.with_target(recording))
    }

    fn description(&self) -> Description {
        self.description.clone()
    }
}

/// Returns the message of a panic after a colon, or an empty string if it has no message.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    match text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)) {
        Some(text) => format!(": {}", one_line(text)),
        None => String::new(),
    }
}
