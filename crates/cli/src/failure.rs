//! Failures of the command: a message and an exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use factory::ConfigError;
use graph::{BuildError, Weights, shown_path};
use model::ModelError;

use crate::stored::weights_file;

/// Outcome of the command. The values are its exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command did what was asked.
    Success = 0,
    /// The work failed: a file cannot be written, or training diverged.
    Failed = 1,
    /// Invalid arguments.
    Usage = 2,
    /// Refused input: a config, data, weights or a model.
    Refused = 3,
    /// Stopped by a signal, with the state saved; as shells report SIGINT.
    #[cfg_attr(not(feature = "torch"), allow(dead_code, reason = "only training and prediction stop so"))]
    Interrupted = 130,
}

impl Exit {
    /// The outcome of another rank, from its exit code.
    pub(crate) fn of(code: u8) -> Self {
        let all = [Self::Success, Self::Usage, Self::Refused, Self::Interrupted];
        all.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Self::Failed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure of the command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Text to print before the message.
    pub(crate) report: String,
    /// The error message, one sentence.
    pub(crate) message: String,
    pub(crate) exit: Exit,
    /// Whether another rank prints the message.
    pub(crate) is_of_another_rank: bool,
}

impl Failure {
    fn new(exit: Exit, message: impl Display) -> Self {
        Self { report: String::new(), message: message.to_string(), exit, is_of_another_rank: false }
    }

    /// The failure of another rank, which prints it.
    pub(crate) fn of_another_rank(exit: Exit) -> Self {
        Self { is_of_another_rank: true, ..Self::new(exit, "another rank failed") }
    }

    /// The work failed, although arguments and input are valid.
    pub(crate) fn failed(message: impl Display) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Arguments that contradict each other.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Input that is refused: a config, data, weights or a model.
    pub(crate) fn input(message: impl Display) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// The same failure, with the number of the rank before the message.
    pub(crate) fn on_rank(self, rank: usize) -> Self {
        Self { message: format!("rank {rank}: {}", self.message), ..self }
    }

    /// The same failure, with the name of the file before the message.
    pub(crate) fn in_file(self, file: &Path) -> Self {
        Self { message: format!("{}: {}", shown_path(file), self.message), ..self }
    }
}

impl From<train::TrainError> for Failure {
    fn from(error: train::TrainError) -> Self {
        use train::TrainError::{
            CheckpointFormat, Config, Data, Forward, Mismatch, NoCheckpoint, Ranks, Run,
        };
        if let train::TrainError::Rank { .. } = error {
            return Self::of_another_rank(Exit::Failed);
        }
        let is_input = match error {
            CheckpointFormat { .. }
            | Config(_)
            | Data(_)
            | Forward(_)
            | Mismatch(_)
            | NoCheckpoint(_)
            | Ranks(_)
            | Run { .. } => true,
            #[cfg(feature = "torch")]
            train::TrainError::Net(_) => true,
            _ => false,
        };
        if is_input { Self::input(error) } else { Self::failed(error) }
    }
}

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

/// The failure that a file cannot be written.
pub(crate) fn cannot_write(file: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{}: cannot write: {error}", shown_path(file)))
}

/// Writes a weights file, whole or not at all.
pub(crate) fn write(path: &Path, weights: &Weights) -> Result<(), Failure> {
    weights.write(path).map_err(Failure::failed)
}

/// The failure that a model file cannot be written.
pub(crate) fn failed_write(error: ModelError) -> Failure {
    match error {
        ModelError::File(_) => Failure::failed(error),
        _ => Failure::input(error),
    }
}
