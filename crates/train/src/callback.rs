//! Training callbacks.

use std::path::Path;

use crate::StepReport;

/// Callbacks of a run. All methods do nothing by default.
pub trait Callback {
    /// Called once, before the first step.
    fn begin(&mut self, length: RunLength) {
        let _ = length;
    }

    /// Called after each step.
    fn step(&mut self, step: &StepReport) {
        let _ = step;
    }

    /// Called after each epoch.
    fn epoch(&mut self, epoch: &EpochReport) {
        let _ = epoch;
    }

    /// Called after each checkpoint, with its file.
    fn saved(&mut self, path: &Path) {
        let _ = path;
    }

    /// Called with a message for the user, such as a warning about a damaged checkpoint.
    fn note(&mut self, message: &str) {
        let _ = message;
    }
}

/// The number of steps of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLength {
    /// Steps taken before; above 0 in a resumed run.
    pub done: u64,
    /// Steps of the whole run.
    pub total: u64,
    /// Steps of an epoch.
    pub per_epoch: u64,
    /// Examples of a step.
    pub examples: usize,
}

/// The result of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// Epochs trained, including this one.
    pub epoch: u64,
    /// Steps taken.
    pub step: u64,
    /// The figures by their names in the journal: `train/loss`, `validation/accuracy`, ….
    pub figures: Vec<(String, f64)>,
    /// Whether the validation is the best so far.
    pub is_best: bool,
}

/// A callback that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCallback;

impl Callback for NoCallback {}
