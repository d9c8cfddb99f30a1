//! Errors of config fields.

use std::fmt;

use crate::{one_line, printable};

/// A config field with an invalid value: the path of the field and a message such as
/// `expected a positive number, found -1`.
///
/// The path grows outwards as the error passes through the structs and lists that hold the field.
///
/// ```
/// use graph::FieldError;
/// let error = FieldError::expected("kernel", "a positive number", 0);
/// let error = error.at_index(2).within("blocks").within("params");
/// assert_eq!(error.path(), "params.blocks[2].kernel");
/// assert_eq!(error.to_string(), "params.blocks[2].kernel: expected a positive number, found 0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    path: String,
    message: String,
}

impl FieldError {
    /// An error of the field at `path`; an empty path stands for the whole config.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: end(printable(&path.into())), message: one_line(&message.into()) }
    }

    /// An error with the message `expected EXPECTED, found FOUND`.
    pub fn expected(path: impl Into<String>, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self::new(path, format!("expected {expected}, found {found}"))
    }

    /// The path of the field, such as `blocks[2].kernel`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The message, without the path.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same error, of a field of the struct at `parent`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        self.below(printable(parent))
    }

    /// The same error, of a field of the list element at `index`.
    #[must_use]
    pub fn at_index(self, index: usize) -> Self {
        self.below(format!("[{index}]"))
    }

    fn below(mut self, parent: String) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = end(parent + separator + &self.path);
        self
    }
}

/// Returns a path, or only the end of a long one: the keys of a config, and their depth, are user input.
fn end(path: String) -> String {
    const LONGEST: usize = 96;
    if path.len() <= LONGEST {
        return path;
    }
    let start = path.ceil_char_boundary(path.len() - LONGEST + '…'.len_utf8());
    format!("…{}", &path[start..])
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for FieldError {}
