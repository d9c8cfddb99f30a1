//! Errors of reading configs and building models.

use std::fmt;
use std::path::PathBuf;

use graph::FieldError;

/// What is wrong with a model's config: the file, the place in it, what was found and needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    path: String,
    message: String,
}

impl ConfigError {
    /// An error at `path`, such as `params.blocks[1].kernel`; empty for the whole config.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: None, path: path.into(), message: message.into() }
    }

    /// The same error, in this file.
    #[must_use]
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// The place in the config, such as `params.blocks[1].kernel`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A field that a family's `validate` rejects, below `parent`.
    pub fn field(parent: &str, error: FieldError) -> Self {
        // Classes stand at the top level of a config, whatever struct they end up in.
        let error = if error.path() == "classes" { error } else { error.within(parent) };
        Self::new(error.path(), error.message())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
