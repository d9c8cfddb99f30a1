//! Errors of reading configs and building models.

use std::fmt;
use std::path::PathBuf;

use graph::{BuildError, FieldError, quoted, shown_path};
use serde::de::{Error, Expected, Unexpected};

use crate::keys;

/// An invalid config: the file, the path of the field, and a message such as `expected a list, found 3`.
///
/// It is also the error that the config reader gives to serde, so that serde's facts arrive as facts and
/// no message is parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    field: FieldError,
}

impl ConfigError {
    /// An error of the field at `path`, such as `params.blocks[1].kernel`; an empty path stands for the
    /// whole config.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError::new(path, message).into()
    }

    /// The same error, in this file.
    #[must_use]
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// The same error, of a field of the mapping at `parent`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        Self { field: self.field.within(parent), ..self }
    }

    pub(crate) fn at_index(self, index: usize) -> Self {
        Self { field: self.field.at_index(index), ..self }
    }

    /// The path of the field, such as `params.blocks[1].kernel`.
    pub fn path(&self) -> &str {
        self.field.path()
    }

    /// The message, without file and path.
    pub fn message(&self) -> &str {
        self.field.message()
    }

    pub(crate) fn expected(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        FieldError::expected("", expected, found).into()
    }

    /// An error of a family's config, which is the section `params` of a config file.
    pub(crate) fn params(error: FieldError) -> Self {
        // The number of classes is at the top level of a config file, not in `params`.
        if error.path() == "classes" { error.into() } else { error.within("params").into() }
    }

    /// An error of building a network from the config at `params`.
    pub(crate) fn build(error: &BuildError) -> Self {
        match error.field() {
            Some(field) => Self::params(field.clone()),
            None => Self::new("params", error.to_string()),
        }
    }
}

impl From<FieldError> for ConfigError {
    fn from(field: FieldError) -> Self {
        Self { file: None, field }
    }
}

impl From<ConfigError> for FieldError {
    fn from(error: ConfigError) -> Self {
        error.field
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", shown_path(file))?;
        }
        self.field.fmt(f)
    }
}

impl std::error::Error for ConfigError {}

impl Error for ConfigError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("", message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected, Found(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected, Found(found))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::expected(expected, format!("a list of {length}"))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::expected(keys::one_of(known), quoted(found))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(key, keys::unknown(key, known))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(key, "missing")
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::new(key, "the key is given twice")
    }
}

/// A value that serde did not expect, as a message shows it.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "`{value}`"),
            Unexpected::Unsigned(value) => value.fmt(f),
            Unexpected::Signed(value) => value.fmt(f),
            Unexpected::Float(value) => value.fmt(f),
            Unexpected::Str(value) => write!(f, "{:?}", keys::shorten(value)),
            Unexpected::Unit | Unexpected::Option => f.write_str("null"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("a mapping"),
            other => other.fmt(f),
        }
    }
}
