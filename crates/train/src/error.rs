//! What can go wrong with training.

use std::path::PathBuf;

/// What ended a training: where, what was found, what was needed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of the `train` section.
    #[error("train.{field}: {message}")]
    Config {
        /// The field.
        field: String,
        /// What it says and what is needed.
        message: String,
    },
    /// Data that cannot be read.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// A net that cannot be made, run or loaded.
    #[error(transparent)]
    Net(#[from] torch::TorchError),
    /// A run's files.
    #[error(transparent)]
    Report(#[from] report::ReportError),
    /// Weights that cannot be written or read.
    #[error(transparent)]
    File(#[from] graph::FileError),
    /// What libtorch refuses.
    #[error("libtorch: {0}")]
    Libtorch(String),
    /// A network that does not fit the task or the data.
    #[error("{0}")]
    Fit(String),
    /// A device that is not there.
    #[error("device {device}: {message}")]
    Device {
        /// As the user wrote it.
        device: String,
        /// Why it cannot be used.
        message: String,
    },
    /// A file or folder of the run.
    #[error("{path}: {message}")]
    Run {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Numbers that are none any more.
    #[error(
        "step {step}: {found}; {checkpoint}; a smaller `rate`, `clip: 1.0` or a longer `warmup` may help"
    )]
    Diverged {
        /// The step that found it.
        step: u64,
        /// What it found.
        found: String,
        /// The last good checkpoint, in words; of a trainer without, that the step was not taken.
        checkpoint: String,
    },
}

impl From<torch::tch::TchError> for Error {
    fn from(error: torch::tch::TchError) -> Self {
        Self::Libtorch(error.to_string().lines().next().unwrap_or_default().to_owned())
    }
}
