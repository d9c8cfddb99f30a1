//! What is wrong with data, or with the config that names them.

use std::fmt;

use graph::BuildError;

/// What is wrong with data: the file with row and column (or the config's field), what was found and
/// what was needed, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    place: String,
    message: String,
}

impl DataError {
    /// An error at `place`: a file, a [recording's origin](crate::Recording::origin), or a config's
    /// field such as `data.window.length`.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// The file, recording or field at fault.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// A field that [`Config::validate`](crate::Config::validate) refuses, below `data`.
impl From<BuildError> for DataError {
    fn from(error: BuildError) -> Self {
        let text = error.to_string();
        let message = text.strip_prefix(error.node()).and_then(|rest| rest.strip_prefix(": "));
        Self::new(format!("data.{}", error.node()), message.unwrap_or(&text))
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for DataError {}
