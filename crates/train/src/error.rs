//! Errors of training.

use std::path::PathBuf;

use graph::{FieldError, shown_path};

/// An error of training or evaluation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An invalid field of the section `train`, with its whole path, such as `train.epochs`.
    #[error(transparent)]
    Config(FieldError),
    /// A network that does not match the task, the data or the loss, with the config key to change.
    #[error(transparent)]
    Mismatch(FieldError),
    /// Data that cannot be read.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// An interpreter that cannot run the graph.
    #[error(transparent)]
    Forward(#[from] graph::ForwardError),
    /// A net that cannot be built, run or loaded.
    #[cfg(feature = "torch")]
    #[error(transparent)]
    Net(#[from] torch::TorchError),
    /// A journal or an event log that cannot be written.
    #[error(transparent)]
    Report(#[from] report::ReportError),
    /// A checkpoint that cannot be written or read.
    #[error(transparent)]
    File(#[from] graph::FileError),
    /// A model file that cannot be written or read.
    #[error(transparent)]
    Model(#[from] model::ModelError),
    /// An operation that libtorch refused.
    #[cfg(feature = "torch")]
    #[error("libtorch: {0}")]
    Libtorch(String),
    /// A rank whose run or weights differ from those of rank 0.
    #[error("expected the same on every rank; {0}")]
    Ranks(String),
    /// An error of another rank, which ended the run on all of them.
    #[error("rank {rank}: {message}")]
    Rank {
        /// The first rank that had an error.
        rank: usize,
        /// Its error, in one sentence.
        message: String,
    },
    /// A file or folder of a run.
    #[error("{}: {message}", shown_path(path))]
    Run {
        /// The file or folder.
        path: PathBuf,
        /// The error, in one sentence.
        message: String,
    },
    /// A checkpoint in the format of another version.
    #[error(
        "{}: expected a checkpoint of format {expected}, found format {found}; \
         resume with the version that began the run, or use another folder",
        shown_path(path)
    )]
    CheckpointFormat {
        /// The checkpoint.
        path: PathBuf,
        /// The format of this version.
        expected: u32,
        /// The format of the checkpoint.
        found: u32,
    },
    /// All checkpoints of the run to resume are damaged. Holds the error of the latest one.
    #[error("{0}; all checkpoints are damaged; train in another folder without --resume")]
    NoCheckpoint(Box<Self>),
    /// Diverged training: a loss, gradient or weight is no longer finite.
    #[error(
        "step {step}: {found}; {checkpoint}; \
         a smaller `learning_rate`, `clip_norm: 1.0` or a longer `warmup` may help"
    )]
    Diverged {
        /// The step.
        step: u64,
        /// Sentence that names the value that is not finite.
        found: String,
        /// The last good checkpoint, in a sentence, or that no checkpoint was saved.
        checkpoint: String,
    },
}

#[cfg(feature = "torch")]
impl From<torch::tch::TchError> for TrainError {
    fn from(error: torch::tch::TchError) -> Self {
        Self::Libtorch(error.to_string().lines().next().unwrap_or_default().to_owned())
    }
}
