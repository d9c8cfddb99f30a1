//! Errors of making, running and loading nets.

use std::path::PathBuf;

use graph::{BuildError, FileError, LoadReport, Node, one_line, printable, quoted, shown_path};
use tch::TchError;

/// A net that cannot be made, run or loaded. The message names the node or variable, what was expected
/// and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TorchError {
    /// A variable that the store cannot hold.
    #[error("variable {}: {}", quoted(name), one_line(reason))]
    Variable {
        /// The variable, with the path it was to have in the store.
        name: String,
        /// The problem.
        reason: String,
    },
    /// A graph that cannot be built, an input that it cannot run on, or a name that it does not have.
    #[error(transparent)]
    Graph(#[from] BuildError),
    /// A node that cannot be computed from its inputs.
    #[error("{}: {}", place(node, op), one_line(reason))]
    Run {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// The problem, in our words or libtorch's.
        reason: String,
    },
    /// Weights that do not match the graph.
    #[error("{0}")]
    Weights(LoadReport),
    /// A weights file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A weights file that does not match the graph.
    #[error("{}: {report}", shown_path(path))]
    WeightsFile {
        /// The file.
        path: PathBuf,
        /// The comparison.
        report: Box<LoadReport>,
    },
    /// A device that does not exist or cannot be used.
    #[error("device: {0}")]
    Device(String),
    /// bfloat16 on a processor that does not support it.
    #[error("precision: expected f32, found bf16; this processor has no instructions for bf16")]
    Precision,
    /// Arrays that libtorch cannot copy, and its reason.
    #[error("copy: {}", one_line(_0))]
    Copy(String),
    /// A merged net that computes something else.
    #[error(
        "output {}: expected merging to change it by at most {tolerance:.0e} of its norm, found \
         {difference:.1e}",
        quoted(output)
    )]
    Merged {
        /// The output that differs.
        output: String,
        /// Norm of the difference over the norm of the unmerged output.
        difference: f64,
        /// The largest difference accepted.
        tolerance: f64,
    },
}

impl TorchError {
    /// The node at fault, if there is one.
    pub fn node(&self) -> Option<&str> {
        match self {
            Self::Graph(error) => Some(error.node()),
            Self::Run { node, .. } => Some(node),
            Self::Variable { .. }
            | Self::Weights(_)
            | Self::File(_)
            | Self::WeightsFile { .. }
            | Self::Device(_)
            | Self::Precision
            | Self::Copy(_)
            | Self::Merged { .. } => None,
        }
    }
}

/// A node with its operation. That of a model input is left out, because many inputs are called `input`.
fn place(node: &str, op: &str) -> String {
    if op == "input" { printable(node) } else { format!("{}: {op}", printable(node)) }
}

/// An error before its node is known.
pub(crate) enum Fault {
    Refused(String),
    Libtorch(TchError),
}

impl From<TchError> for Fault {
    fn from(error: TchError) -> Self {
        Self::Libtorch(error)
    }
}

impl Fault {
    pub(crate) fn at(self, node: &Node) -> TorchError {
        let reason = match self {
            Self::Refused(reason) => reason,
            Self::Libtorch(error) => first_line(&error),
        };
        TorchError::Run { node: node.name.clone(), op: node.op.name(), reason }
    }
}

/// libtorch's sentence, without the C++ stack that follows it.
pub(crate) fn first_line(error: &TchError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
