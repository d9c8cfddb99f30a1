//! The logs of a run: a journal, and the same figures for TensorBoard.
//!
//! A log is output like the lines on a terminal: if it cannot be written, training continues.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use graph::shown_path;
use report::{Events, Journal, ReportError};

use crate::{Callback, Evaluation, StepReport, TrainError};

/// The journal and the event log.
pub(crate) struct Logs {
    journal: Journal,
    events: Events,
    /// Whether the last write to the journal and to the event log failed.
    failing: [bool; 2],
}

impl Logs {
    /// Opens the logs and removes the records after `step`. Up to `step`, `expected` records were written; the
    /// callback gets a note if some of them are lost.
    pub(crate) fn open(
        folder: &Path,
        step: u64,
        expected: u64,
        callback: &mut dyn Callback,
    ) -> Result<Self, TrainError> {
        let logs = Self {
            journal: Journal::open(folder, step)?,
            events: Events::open(folder, step)?,
            failing: [false; 2],
        };
        let found = [
            (Journal::path(folder), logs.journal.records(), logs.journal.damage()),
            (Events::path(folder), logs.events.records(), logs.events.damage()),
        ];
        for (path, records, damage) in found {
            if records as u64 == expected {
                continue;
            }
            let left = format!("{records} of {expected} records up to step {step} are left");
            let message = match damage {
                Some(damage) => format!("{damage}; {left}"),
                None => format!("{}: {left}", shown_path(&path)),
            };
            callback.note(&format!("{message}; training continues, and the log stays incomplete"));
        }
        Ok(logs)
    }

    /// Writes the figures of a step.
    pub(crate) fn write(&mut self, step: u64, figures: &[(String, f64)], callback: &mut dyn Callback) {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let figures = || figures.iter().map(|(name, value)| (name, *value));
        let journal = self.journal.write(step, figures());
        let events = self.events.write(step, since.as_secs_f64(), figures());
        self.note([journal, events], callback);
    }

    /// Waits until the logs are on disk.
    pub(crate) fn sync(&mut self, callback: &mut dyn Callback) {
        let results = [self.journal.sync(), self.events.sync()];
        self.note(results, callback);
    }

    /// Flushes the logs at the end of a run. The callback gets a note if some records could not be written.
    pub(crate) fn close(&mut self, callback: &mut dyn Callback) {
        let results = [self.journal.sync(), self.events.sync()];
        for error in results.into_iter().filter_map(Result::err) {
            callback.note(&format!("{error}; the log of this run is incomplete"));
        }
    }

    /// Reports each log whose writes have started to fail.
    fn note(&mut self, results: [Result<(), ReportError>; 2], callback: &mut dyn Callback) {
        for (failing, result) in self.failing.iter_mut().zip(results) {
            if let Err(error) = &result
                && !*failing
            {
                let message = "training continues, and these records will be written later if possible";
                callback.note(&format!("{error}; {message}"));
            }
            *failing = result.is_err();
        }
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
