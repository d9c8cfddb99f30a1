//! Failures of the command: a message and an exit code.

use std::fmt::Display;

use factory::ConfigError;
use graph::{BuildError, FileError, Weights};

/// A failure of the command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Text to print before the message.
    pub(crate) report: String,
    /// The message, one sentence.
    pub(crate) message: String,
    /// The exit code: 2 for bad input, 1 for anything else.
    pub(crate) code: u8,
}

impl Failure {
    /// A failure caused by the user's input.
    pub(crate) fn input(message: impl Display) -> Self {
        Self { report: String::new(), message: message.to_string(), code: 2 }
    }

    /// The same failure, with the name of the file before the message.
    pub(crate) fn in_file(self, file: &std::path::Path) -> Self {
        Self { message: format!("{}: {}", file.display(), self.message), ..self }
    }
}

#[cfg(feature = "torch")]
impl From<train::TrainError> for Failure {
    fn from(error: train::TrainError) -> Self {
        use train::TrainError::{Config, Data, Mismatch, Net, Run};
        let is_input = matches!(error, Config(_) | Data(_) | Mismatch(_) | Net(_) | Run { .. });
        Self { code: if is_input { 2 } else { 1 }, ..Self::input(error) }
    }
}

#[cfg(feature = "torch")]
impl From<data::DataError> for Failure {
    fn from(error: data::DataError) -> Self {
        Self::input(error)
    }
}

#[cfg(feature = "torch")]
impl From<torch::TorchError> for Failure {
    fn from(error: torch::TorchError) -> Self {
        Self::input(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::input(error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::input(error)
    }
}

/// Reads a weights file, or the weights of a model file.
pub(crate) fn read(path: &std::path::Path) -> Result<Weights, Failure> {
    Weights::read(path).map_err(Failure::input)
}

/// Writes a weights file, whole or not at all.
pub(crate) fn write(path: &std::path::Path, weights: &Weights) -> Result<(), Failure> {
    let failed = |error: FileError| Failure { code: 1, ..Failure::input(error) };
    weights.write(path).map_err(failed)
}
