//! A run in progress.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use graph::shown_path;
use model::ModelError;
use torch::tch;

use crate::checkpoint::{Best, Checkpoint, Checkpoints, Saved};
use crate::evaluate::evaluate;
use crate::folder::{RunFolder, model_file};
use crate::identity::Identity;
use crate::logs::{Logs, evaluation_figures, step_figures};
use crate::run::{Run, RunEnd};
use crate::score::{Score, is_better, metric, score};
use crate::{Callback, EpochReport, RunLength, TaskInfo, TrainError, Trainer};

/// Approximate number of steps of an epoch whose figures are logged.
const LOGGED_STEPS: u64 = 10;

/// A run in progress.
pub(crate) struct Session<'a> {
    pub(crate) run: &'a Run,
    pub(crate) folder: RunFolder,
    pub(crate) trainer: Trainer,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) identity: Identity,
    /// The score of the last validation, and its step.
    score: Option<(u64, Score)>,
    pub(crate) best: Option<Best>,
    pub(crate) logs: Logs,
}

impl<'a> Session<'a> {
    /// A run before its first step, or after the step of a checkpoint.
    pub(crate) fn start(
        run: &'a Run,
        folder: RunFolder,
        checkpoints: Checkpoints,
        identity: Identity,
        saved: Option<Saved>,
        callback: &mut dyn Callback,
    ) -> Result<Self, TrainError> {
        let trainer = run.trainer()?;
        // Before the training, because an invalid model could not be written after it.
        run.model(trainer.weights()?).check().map_err(|message| {
            TrainError::Model(ModelError::Inconsistent { path: model_file(&run.folder), message })
        })?;
        // Written last, so that a failure above leaves no file that would make the next attempt be refused.
        run.write_config()?;
        let step = saved.as_ref().map_or(0, |saved| saved.checkpoint.position.step);
        let records = step / logged_steps(&trainer) + step / trainer.per_epoch();
        let logs = Logs::open(&run.folder, step, records, callback)?;
        let mut session = Self { run, folder, trainer, checkpoints, identity, score: None, best: None, logs };
        if let Some(saved) = saved {
            session.score = saved.checkpoint.score.map(|score| (step, score));
            session.best = saved.checkpoint.best;
            session.checkpoints.remember(&saved.checkpoint);
            session.restore(&saved)?;
            session.check_best(callback)?;
        }
        Ok(session)
    }

    pub(crate) fn train(
        &mut self,
        callback: &mut dyn Callback,
        stop: &AtomicBool,
    ) -> Result<RunEnd, TrainError> {
        let config = &self.run.config;
        callback.begin(RunLength {
            done: self.trainer.steps(),
            total: self.trainer.total(),
            per_epoch: self.trainer.per_epoch(),
            examples: config.batch_size * config.accumulation_steps,
        });
        while !self.trainer.is_done() && !self.is_stale() {
            if stop.load(Ordering::Relaxed) {
                return self.interrupt(callback);
            }
            let report = self.trainer.step().map_err(|error| self.with_checkpoint(error))?;
            callback.step(&report);
            if report.step.is_multiple_of(logged_steps(&self.trainer)) {
                self.logs.write(report.step, &step_figures(&report), callback);
            }
            if self.trainer.is_epoch_end() {
                self.end_epoch(callback)?;
                self.save(callback)?;
            } else if config.checkpoint_steps.is_some_and(|n| report.step.is_multiple_of(n as u64)) {
                self.save(callback)?;
            }
        }
        self.finish(callback).map(RunEnd::Finished)
    }

    fn end_epoch(&mut self, callback: &mut dyn Callback) -> Result<(), TrainError> {
        let step = self.trainer.steps();
        let epoch = step / self.trainer.per_epoch();
        let mut figures = vec![
            ("epoch".to_owned(), epoch as f64),
            ("train/epoch_loss".to_owned(), self.trainer.epoch_loss()),
        ];
        let mut is_best = false;
        if let Some(examples) = &self.run.splits.validation {
            let (task, config) = (TaskInfo::from(&self.run.splits), &self.run.config);
            let evaluation = self.trainer.with_result(|net| evaluate(net, examples, &task, config))??;
            figures.extend(evaluation_figures("validation", &evaluation));
            let score = score(&evaluation, metric(config, task.task));
            self.score = score.map(|score| (step, score));
            is_best = self.update_best(step, score);
        }
        self.logs.write(step, &figures, callback);
        callback.epoch(&EpochReport { epoch, step, figures, is_best });
        Ok(())
    }

    /// Records the score of an epoch. Returns whether it is the best so far.
    fn update_best(&mut self, step: u64, score: Option<Score>) -> bool {
        if let Some(score) = score
            && self.best.is_none_or(|best| is_better(score, best.score))
        {
            self.best = Some(Best { step, score, stale: 0 });
            return true;
        }
        if let Some(best) = &mut self.best {
            best.stale += 1;
        }
        false
    }

    /// Whether the validation has not improved for as many epochs as `patience` allows.
    fn is_stale(&self) -> bool {
        match (self.best, self.run.config.patience) {
            (Some(best), Some(patience)) => best.stale >= patience,
            _ => false,
        }
    }

    pub(crate) fn save(&mut self, callback: &mut dyn Callback) -> Result<PathBuf, TrainError> {
        self.logs.sync(callback);
        self.folder.check()?;
        let (state, position) = self.trainer.state()?;
        if !state.iter().all(|(_, array)| array.data().iter().all(|value| value.is_finite())) {
            let (step, found) = (position.step, "a weight is no longer finite".to_owned());
            let diverged = TrainError::Diverged { step, found, checkpoint: String::new() };
            return Err(self.with_checkpoint(diverged));
        }
        let score = self.score.filter(|(step, _)| *step == position.step).map(|(_, score)| score);
        let (threads, identity) = (tch::get_num_threads(), self.identity.clone());
        let checkpoint = Checkpoint { position, threads, identity, score, best: self.best };
        let path = self.checkpoints.save(&checkpoint, &state)?;
        callback.saved(&path);
        Ok(path)
    }

    pub(crate) fn restore(&mut self, saved: &Saved) -> Result<(), TrainError> {
        let position = saved.checkpoint.position;
        let Some(name) = self.trainer.restore(&saved.state, position)? else { return Ok(()) };
        let message = format!("`{name}` does not match the network");
        Err(TrainError::Run { path: self.checkpoints.path(position.step), message })
    }

    /// Adds the last good checkpoint to an error of diverged training.
    fn with_checkpoint(&self, error: TrainError) -> TrainError {
        let TrainError::Diverged { step, found, .. } = error else { return error };
        let checkpoint = match self.checkpoints.last() {
            Some(path) => format!("{} is the last good checkpoint", shown_path(&path)),
            None => "no checkpoint was saved before it".to_owned(),
        };
        TrainError::Diverged { step, found, checkpoint }
    }
}

/// Number of steps from one logged step to the next.
fn logged_steps(trainer: &Trainer) -> u64 {
    trainer.per_epoch().div_ceil(LOGGED_STEPS)
}
