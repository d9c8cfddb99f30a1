//! Errors of an export.

use graph::{BuildError, one_line, printable};

/// An error that prevents an export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The parts of the model do not match, or a weight is not finite.
    #[error("{}", one_line(.0))]
    Model(String),
    /// The graph does not accept the size, or does not have an output of this name.
    #[error(transparent)]
    Graph(#[from] BuildError),
    /// The format cannot express a node under the chosen options.
    #[error("{}: {}", printable(node), one_line(message))]
    Node {
        /// The name of the node.
        node: String,
        /// The reason, and what to do.
        message: String,
    },
    /// The options do not match the model.
    #[error("{}", one_line(.0))]
    Options(String),
    /// The file would exceed 2 GB, the limit of protocol buffers.
    #[error("expected a file of at most 2 GB, the limit of the format, found {:.1} GB of weights", *.0 as f64 / 1e9)]
    Size(u64),
}
