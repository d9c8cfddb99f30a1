//! Errors in data files and in the `data` section of a config.

use std::fmt;

use graph::{FieldError, one_line};

/// An error in the data, or in a field of the config section `data`: its place, and a message about what was
/// expected and found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    place: String,
    message: String,
    field: Option<FieldError>,
}

impl DataError {
    /// An error at `place`: a file, or a [recording's origin](crate::Recording::origin).
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: one_line(&place.into()), message: one_line(&message.into()), field: None }
    }

    /// An error that another process has found.
    pub(crate) fn read(place: String, message: String, field: Option<FieldError>) -> Self {
        Self { place, message, field }
    }

    /// Returns the place: a file, a recording, or the path of a config field, such as `data.window.length`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the message, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the error of the config field, or `None` if the error is in the data.
    pub fn field(&self) -> Option<&FieldError> {
        self.field.as_ref()
    }
}

/// The path of the error is relative to `data`.
impl From<FieldError> for DataError {
    fn from(error: FieldError) -> Self {
        let error = error.within("data");
        Self { place: error.path().to_owned(), message: error.message().to_owned(), field: Some(error) }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for DataError {}

/// Formats the message of an error about a value: `expected WHAT, found WHAT`.
pub(crate) fn expected(expected: impl fmt::Display, found: impl fmt::Display) -> String {
    format!("expected {expected}, found {found}")
}

pub use graph::quoted;
