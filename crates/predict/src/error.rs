//! Errors of predictions.

use graph::{ForwardError, one_line};

/// An error when predicting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PredictError {
    /// An input that the network does not accept.
    #[error("{}: {}", one_line(place), one_line(message))]
    Input {
        /// The origin of the recording, or the line of a stream.
        place: String,
        /// The expected and the actual content.
        message: String,
    },
    /// The interpreter failed.
    #[error(transparent)]
    Forward(#[from] ForwardError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// The predictions of a stream could not be written.
    #[error("{0}")]
    Write(std::io::Error),
}
