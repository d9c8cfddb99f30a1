//! A single run, and the model that it gives.

use std::path::Path;
use std::sync::Arc;

use data::Splits;
use train::{Communicator, Finished, Run, RunEnd, run_on_ranks};

use super::plan::Plan;
use crate::backend::Backend;
use crate::baseline::Baseline;
use crate::evaluate::table;
use crate::failure::Failure;
use crate::page::{ReportContext, page, step_count};
use crate::progress::Progress;
use crate::signals::Stop;
use crate::trained::{Comparison, EvaluationSet, Trained};

/// A finished run with its evaluation.
pub(super) struct Measured {
    pub(super) trained: Trained,
    /// The set that it was measured on, and the evaluations, if the config has such a set.
    pub(super) evaluation: Option<(EvaluationSet, Comparison)>,
    pub(super) baseline: Option<Baseline>,
    steps: u64,
    best: Option<u64>,
}

/// Trains until the run ends or a signal stops it.
pub(super) fn train(
    plan: &Plan,
    run: &Run,
    ranks: &Arc<dyn Communicator>,
    stop: &Stop,
) -> Result<RunEnd, Failure> {
    let mut progress = Progress::new(&plan.name);
    let end = run_on_ranks(run, ranks, &mut progress, stop.flag());
    progress.finish();
    end.map_err(|error| plan.blame(error))
}

impl Measured {
    /// Measures the model of a finished run on the test set or, without one, on the validation set.
    pub(super) fn of(
        finished: Finished,
        splits: &Splits,
        backend: &Backend,
        ranks: &dyn Communicator,
    ) -> Result<Self, Failure> {
        let Finished { model, steps, best } = finished;
        let trained = Trained::of(model)?;
        let set = match (&splits.test, &splits.validation) {
            (Some(test), _) => Some(EvaluationSet { name: "test", examples: test.clone() }),
            (None, Some(validation)) => {
                Some(EvaluationSet { name: "validation", examples: validation.clone() })
            }
            (None, None) => None,
        };
        let evaluation = match set {
            Some(set) => {
                let comparison = trained.evaluate(backend, &set.examples, ranks)?;
                Some((set, comparison))
            }
            None => None,
        };
        // The first rank alone reports.
        let baseline = if ranks.rank() == 0 { Baseline::of(&trained, splits)? } else { None };
        Ok(Self { trained, evaluation, baseline, steps, best })
    }

    /// Writes the page of the run.
    pub(super) fn write_page(&self, context: PageContext<'_>) -> Result<(), Failure> {
        let PageContext { folder, file, splits, command, seed, backend } = context;
        let context = ReportContext {
            folder,
            command,
            seed,
            steps: self.steps,
            best: self.best,
            test: self.evaluation.as_ref().map(|(set, comparison)| (set, comparison)),
            backend,
            baseline: self.baseline.as_ref(),
            data: splits.describe(),
            notes: splits.notes.clone(),
        };
        let written = page(&self.trained, &context)?.write(file);
        written.map_err(Failure::failed)
    }

    /// Describes the training and the figures.
    pub(super) fn text(&self) -> String {
        let mut text = format!("trained for {}", step_count(self.steps));
        if let Some(best) = self.best {
            text.push_str(&format!("; this is the model of step {best}, the best on the validation set"));
        }
        text.push('\n');
        if let Some((set, comparison)) = &self.evaluation {
            text.push_str(&format!("{}\n", set.describe()));
            text.push_str(&table(comparison, self.baseline.as_ref()));
        }
        text
    }
}

/// The circumstances of a run that its page shows.
pub(super) struct PageContext<'a> {
    /// The folder of the run.
    pub(super) folder: &'a Path,
    /// The file to write.
    pub(super) file: &'a Path,
    pub(super) splits: &'a Splits,
    /// The command that repeats the run.
    pub(super) command: String,
    pub(super) seed: u64,
    /// The interpreter that predicts the examples.
    pub(super) backend: &'a Backend,
}
