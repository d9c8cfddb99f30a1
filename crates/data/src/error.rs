//! Errors of data files and of the config that names them.

use std::fmt;

use graph::FieldError;

/// Invalid data, or an invalid field of the config section `data`: the place, and what was expected and
/// found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    place: String,
    message: String,
    field: Option<FieldError>,
}

impl DataError {
    /// An error at `place`: a file, or a [recording's origin](crate::Recording::origin).
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), field: None }
    }

    /// The file, the recording, or the path of the config field, such as `data.window.length`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The message, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The config field at fault; `None` for an error in a file.
    pub fn field(&self) -> Option<&FieldError> {
        self.field.as_ref()
    }
}

/// The path of the error is that of a field below `data`.
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

/// The message of all errors about a value: `expected WHAT, found WHAT`.
pub(crate) fn expected(expected: impl fmt::Display, found: impl fmt::Display) -> String {
    format!("expected {expected}, found {found}")
}

pub use graph::quoted;
