//! Errors of making, running and loading nets.

use graph::{BuildError, LoadReport};
use tch::TchError;

/// What is wrong: the node or variable, what was found, what was needed, in one sentence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A variable that the store cannot hold.
    #[error("{name}: variable: {reason}")]
    Variable {
        /// The variable, with the path it was to stand under.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An input that the graph cannot run on.
    #[error(transparent)]
    Input(#[from] BuildError),
    /// A node that cannot be computed from what it was given.
    #[error("{node}: {op}: {reason}")]
    Run {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
        /// What is wrong, in our words or libtorch's.
        reason: String,
    },
    /// Weights that do not fit the graph.
    #[error("{0}")]
    Weights(LoadReport),
    /// bfloat16 where there is none.
    #[error("precision bf16: this processor has no instructions for it; f32 is needed")]
    Precision,
    /// A merged net that computes something else.
    #[error(
        "output `{output}` of the merged net differs from the unmerged one's by {difference:.1e} of its norm; \
         rounding explains at most {tolerance:.0e}"
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

impl Error {
    /// The node at fault, where it is one node's.
    pub fn node(&self) -> Option<&str> {
        match self {
            Self::Input(error) => Some(error.node()),
            Self::Run { node, .. } => Some(node),
            Self::Variable { .. } | Self::Weights(_) | Self::Precision | Self::Merged { .. } => None,
        }
    }
}

/// What is wrong with a step before its node is known.
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
    pub(crate) fn at(self, node: &graph::Node) -> Error {
        let reason = match self {
            Self::Refused(reason) => reason,
            Self::Libtorch(error) => first_line(&error),
        };
        Error::Run { node: node.name.clone(), op: node.op.name(), reason }
    }
}

/// libtorch's sentence, without the C++ stack that follows it.
pub(crate) fn first_line(error: &TchError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
