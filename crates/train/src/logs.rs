//! The logs of a run: a journal, and the same figures for TensorBoard.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use report::{Events, Journal};

use crate::{Evaluation, StepReport, TrainError};

/// The journal and the event log.
pub(crate) struct Logs {
    journal: Journal,
    events: Events,
}

impl Logs {
    /// Opens the logs and removes entries after `step`.
    pub(crate) fn open(folder: &Path, step: u64) -> Result<Self, TrainError> {
        Ok(Self { journal: Journal::open(folder, step)?, events: Events::open(folder, step)? })
    }

    pub(crate) fn write(&mut self, step: u64, figures: &[(String, f64)]) -> Result<(), TrainError> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let figures = || figures.iter().map(|(name, value)| (name, *value));
        self.journal.write(step, figures())?;
        Ok(self.events.write(step, since.as_secs_f64(), figures())?)
    }

    pub(crate) fn sync(&mut self) -> Result<(), TrainError> {
        self.journal.sync()?;
        Ok(self.events.sync()?)
    }
}

/// The figures of a step by name.
pub(crate) fn step_figures(step: &StepReport) -> Vec<(String, f64)> {
    let figures = [
        ("train/loss", step.loss),
        ("train/learning_rate", step.learning_rate),
        ("train/gradient_norm", step.gradient_norm),
    ];
    figures.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The figures of an evaluation by name, such as `validation/accuracy`.
pub(crate) fn evaluation_figures(split: &str, evaluation: &Evaluation) -> BTreeMap<String, f64> {
    let figures = evaluation.outcome.summary().into_iter().chain([("loss".to_owned(), evaluation.loss)]);
    figures.map(|(name, value)| (format!("{split}/{name}"), value)).collect()
}
