//! Reasons why a model is not exported.

use graph::{BuildError, one_line, printable};

/// A reason why a model is not exported. Nothing has been written then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A model whose parts do not agree, or whose weights are not finite.
    #[error("{}", one_line(.0))]
    Model(String),
    /// A size that the graph does not accept, or the name of an output that it does not have.
    #[error(transparent)]
    Graph(#[from] BuildError),
    /// A node that the format cannot express under the chosen options.
    #[error("{}: {}", printable(node), one_line(message))]
    Node {
        /// The name of the node.
        node: String,
        /// The reason, and what to do.
        message: String,
    },
    /// Options that do not suit the model.
    #[error("{}", one_line(.0))]
    Options(String),
    /// A file above the limit of protocol buffers, 2 GB.
    #[error("expected a file of at most 2 GB, the limit of the format, found {:.1} GB of weights", *.0 as f64 / 1e9)]
    Size(u64),
}
