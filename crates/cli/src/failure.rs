//! Failures of the command: a message and an exit code.

use std::fmt::Display;
use std::path::Path;

use factory::ConfigError;
use graph::{BuildError, FileError, Graph, Weights, printable, shown_path};

use crate::stored::weights_file;

/// A failure of the command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Text to print before the message.
    pub(crate) report: String,
    /// The error message, one sentence.
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
    pub(crate) fn in_file(self, file: &Path) -> Self {
        Self { message: format!("{}: {}", shown_path(file), self.message), ..self }
    }
}

#[cfg(feature = "torch")]
impl From<train::TrainError> for Failure {
    fn from(error: train::TrainError) -> Self {
        use train::TrainError::{CheckpointFormat, Config, Data, Mismatch, Net, NoCheckpoint, Run};
        let is_input = matches!(
            error,
            CheckpointFormat { .. }
                | Config(_)
                | Data(_)
                | Mismatch(_)
                | Net(_)
                | NoCheckpoint(_)
                | Run { .. }
        );
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

/// Reads a weights file, or the weights of a model file or a run's folder.
pub(crate) fn read(path: &Path) -> Result<Weights, Failure> {
    Weights::read(weights_file(path)).map_err(Failure::input)
}

/// Refuses weights of a file that are not exactly those of the graph of `model`.
pub(crate) fn check_weights(
    file: &Path,
    weights: &Weights,
    graph: &Graph,
    model: &str,
) -> Result<(), Failure> {
    let report = weights.compare(graph);
    if report.is_exact() {
        return Ok(());
    }
    let advice = if report.missing.is_empty() && report.unexpected.is_empty() {
        "; `factory adapt` changes the number of classes or input channels"
    } else {
        ""
    };
    let message = format!("the weights do not match {}: {report}{advice}", printable(model));
    Err(Failure::input(message).in_file(file))
}

/// The failure that a file cannot be written.
pub(crate) fn cannot_write(file: &Path, error: &std::io::Error) -> Failure {
    Failure { code: 1, ..Failure::input(format!("{}: cannot write: {error}", shown_path(file))) }
}

/// Writes a weights file, whole or not at all.
pub(crate) fn write(path: &Path, weights: &Weights) -> Result<(), Failure> {
    let failed = |error: FileError| Failure { code: 1, ..Failure::input(error) };
    weights.write(path).map_err(failed)
}
