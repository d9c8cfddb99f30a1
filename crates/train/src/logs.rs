//! What a run writes down as it goes: a journal, and the same for TensorBoard.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use report::{Events, Journal};

use crate::{Error, Evaluation, Step};

/// What a run writes down.
pub(crate) struct Logs {
    journal: Journal,
    events: Events,
}

impl Logs {
    /// The logs up to a step.
    pub(crate) fn open(folder: &Path, step: u64) -> Result<Self, Error> {
        // Step 0 has no entry, and a run that begins keeps none of another's.
        Ok(Self { journal: Journal::open(folder, step)?, events: Events::open(folder, step)? })
    }

    pub(crate) fn write(&mut self, step: u64, figures: &[(String, f64)]) -> Result<(), Error> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let figures = || figures.iter().map(|(name, value)| (name, *value));
        self.journal.write(step, figures())?;
        Ok(self.events.write(step, since.as_secs_f64(), figures())?)
    }

    pub(crate) fn sync(&mut self) -> Result<(), Error> {
        self.journal.sync()?;
        Ok(self.events.sync()?)
    }
}

/// A step's figures by name.
pub(crate) fn figures(step: &Step) -> Vec<(String, f64)> {
    let figures = [("train/loss", step.loss), ("train/rate", step.rate), ("train/gradient_norm", step.norm)];
    figures.map(|(name, value)| (name.to_owned(), value)).into()
}

/// An evaluation's figures by name, below its part of the data.
pub(crate) fn named(part: &str, evaluation: &Evaluation) -> BTreeMap<String, f64> {
    let figures = evaluation.outcome.summary().into_iter().chain([("loss".to_owned(), evaluation.loss)]);
    figures.map(|(name, value)| (format!("{part}/{name}"), value)).collect()
}
