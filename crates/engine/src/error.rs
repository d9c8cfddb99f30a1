//! Reasons why a network cannot be run.

use graph::{BuildError, ErrorKind, ForwardError, LoadReport};

/// A reason why a network cannot be prepared or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Inputs that the graph does not accept.
    #[error(transparent)]
    Input(#[from] BuildError),
    /// Weights that do not match the graph.
    #[error("the weights do not match the graph: {0}")]
    Weights(LoadReport),
    /// Threads that the system does not start.
    #[error("cannot start threads: {0}")]
    Threads(#[from] std::io::Error),
}

impl From<EngineError> for ForwardError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Input(error) => Self::Input(error),
            EngineError::Weights(report) => Self::Weights(report),
            EngineError::Threads(error) => {
                Self::Input(BuildError::new("graph", ErrorKind::Limit, error.to_string()))
            }
        }
    }
}
