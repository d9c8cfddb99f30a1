//! Errors of model files.

use std::path::PathBuf;

/// A model file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file system refused, or the file is not a whole safetensors file of floating-point arrays.
    #[error(transparent)]
    File(#[from] graph::FileError),
    /// A safetensors file that is not a model file.
    #[error("{path}: expected a model file, found {found}")]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// A description of the content.
        found: String,
    },
    /// A model file of another format version.
    #[error("{path}: expected a model file of format {expected}, found format {found}; {advice}")]
    Version {
        /// The file.
        path: PathBuf,
        /// The format version that this library reads.
        expected: u32,
        /// The format version of the file.
        found: u32,
        /// A remedy.
        advice: &'static str,
    },
    /// A header with a graph that cannot be parsed.
    #[error("{path}: graph: {source}")]
    Graph {
        /// The file.
        path: PathBuf,
        /// The error, with line and column of the text of the graph.
        source: graph::ParseError,
    },
    /// Parts that contradict each other, such as weights of another graph.
    #[error("{path}: {message}")]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The contradiction.
        message: String,
    },
}
