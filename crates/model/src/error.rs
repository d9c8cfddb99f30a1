//! Errors of model files.

use std::path::PathBuf;

use graph::{one_line, shown_path};

/// An error when reading or writing a model file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file system error, or a file that is not a complete safetensors file of floating-point arrays.
    #[error(transparent)]
    File(#[from] graph::FileError),
    /// A safetensors file that is not a model file.
    #[error("{}: expected a model file, found {}", shown_path(path), one_line(found))]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// A description of what the file contains.
        found: String,
    },
    /// A model file of another format version.
    #[error(
        "{}: expected a model file of format {} or {}, found format {found}; {advice}",
        shown_path(path),
        expected[0],
        expected[1]
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The format versions that this library reads.
        expected: [u32; 2],
        /// The format version of the file.
        found: u32,
        /// Advice to the user.
        advice: &'static str,
    },
    /// A model file whose graph cannot be parsed.
    #[error("{}: graph: {source}", shown_path(path))]
    Graph {
        /// The file.
        path: PathBuf,
        /// The parse error, with line and column in the text of the graph.
        source: graph::ParseError,
    },
    /// A model whose parts do not agree, such as weights of another graph.
    #[error("{}: {}", shown_path(path), one_line(message))]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// A description of the inconsistency.
        message: String,
    },
}
