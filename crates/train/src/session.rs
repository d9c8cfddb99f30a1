//! A run in progress.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use graph::{Weights, shown_path};
use model::ModelError;
use torch::tch;

use crate::checkpoint::{Best, Checkpoint, Checkpoints, Saved};
use crate::communicator::{agree, common};
use crate::digest;
use crate::evaluate::evaluate_on_ranks;
use crate::files::RunFiles;
use crate::folder::model_file;
use crate::logs::{evaluation_figures, step_figures};
use crate::run::{Run, RunEnd};
use crate::score::{Score, is_better, metric, score};
use crate::{Callback, Communicator, EpochReport, RunLength, TaskInfo, TrainError, Trainer};

/// Approximate number of steps of an epoch whose figures are logged.
const LOGGED_STEPS: u64 = 10;

/// A run in progress, on one of its ranks.
pub(crate) struct Session<'a> {
    pub(crate) run: &'a Run,
    pub(crate) communicator: Arc<dyn Communicator>,
    pub(crate) trainer: Trainer,
    /// The files of the run, which rank 0 has.
    pub(crate) files: Option<RunFiles>,
    /// The score of the last validation, and its step.
    score: Option<(u64, Score)>,
    pub(crate) best: Option<Best>,
}

impl<'a> Session<'a> {
    /// A run before its first step, or after the step of a checkpoint.
    pub(crate) fn start(
        run: &'a Run,
        communicator: &Arc<dyn Communicator>,
        files: Option<RunFiles>,
        saved: Option<Saved>,
        callback: &mut dyn Callback,
    ) -> Result<Self, TrainError> {
        let trainer = run.trainer()?.on_ranks(Arc::clone(communicator))?;
        // Before the training, because an invalid model could not be written after it.
        run.model(trainer.weights()?).check().map_err(|message| {
            TrainError::Model(ModelError::Inconsistent { path: model_file(&run.folder), message })
        })?;
        let communicator = Arc::clone(communicator);
        let mut session = Self { run, communicator, trainer, files, score: None, best: None };
        let step = saved.as_ref().map_or(0, |saved| saved.checkpoint.position.step);
        if let Some(files) = &mut session.files {
            // Written last, so that a failure above leaves no file that would make the next attempt be refused.
            run.write_config()?;
            let records = step / logged_steps(&session.trainer) + step / session.trainer.per_epoch();
            files.open_logs(&run.folder, step, records, callback)?;
        }
        if let Some(saved) = saved {
            session.score = saved.checkpoint.score.map(|score| (step, score));
            session.best = saved.checkpoint.best;
            if let Some(files) = &mut session.files {
                files.checkpoints.remember(&saved.checkpoint);
            }
            session.restore(&saved)?;
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
            if self.is_stopped(stop) {
                return self.interrupt(callback);
            }
            let report = match self.trainer.step() {
                Ok(report) => report,
                Err(error) => return Err(self.explained(error)),
            };
            callback.step(&report);
            if report.step.is_multiple_of(logged_steps(&self.trainer)) {
                self.log(report.step, &step_figures(&report), callback);
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
            let ranks = self.communicator.as_ref();
            let evaluation =
                self.trainer.with_result(|net| evaluate_on_ranks(ranks, net, examples, &task, config))??;
            figures.extend(evaluation_figures("validation", &evaluation));
            let score = score(&evaluation, metric(config, task.task));
            self.score = score.map(|score| (step, score));
            is_best = self.update_best(step, score);
        }
        self.log(step, &figures, callback);
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

    /// Saves a checkpoint, after a check that all ranks have the same state. Returns its path.
    pub(crate) fn save(&mut self, callback: &mut dyn Callback) -> Result<PathBuf, TrainError> {
        let ready = match &mut self.files {
            Some(files) => files.prepare(callback),
            None => Ok(()),
        };
        agree(self.communicator.as_ref(), ready)?;
        let (state, position) = self.trainer.state()?;
        if !state.iter().all(|(_, array)| array.data().iter().all(|value| value.is_finite())) {
            let (step, found) = (position.step, "a weight is no longer finite".to_owned());
            return Err(self.explained(TrainError::Diverged { step, found, checkpoint: String::new() }));
        }
        self.compare_states(&state, position.step)?;
        let score = self.score.filter(|(step, _)| *step == position.step).map(|(_, score)| score);
        let saved = match &mut self.files {
            Some(files) => {
                let (threads, ranks) = (tch::get_num_threads(), self.communicator.size());
                let identity = files.identity.clone();
                let checkpoint = Checkpoint { position, threads, ranks, identity, score, best: self.best };
                files.checkpoints.save(&checkpoint, &state).map(|path| callback.saved(&path))
            }
            None => Ok(()),
        };
        agree(self.communicator.as_ref(), saved)?;
        Ok(self.checkpoint_path(position.step))
    }

    /// Checks that all ranks have the same state, to the byte.
    fn compare_states(&self, state: &Weights, step: u64) -> Result<(), TrainError> {
        let ranks = self.communicator.as_ref();
        if ranks.size() == 1 {
            return Ok(());
        }
        let own = digest::of_weights(state);
        let digests = ranks.gather(own.as_bytes());
        let result = if digests[0] == own.as_bytes() {
            Ok(())
        } else {
            let message = format!(
                "the weights after step {step} differ from those of rank 0; check that all ranks have the same \
                 processor and libraries"
            );
            Err(TrainError::Ranks(message))
        };
        agree(ranks, result)
    }

    pub(crate) fn restore(&mut self, saved: &Saved) -> Result<(), TrainError> {
        let position = saved.checkpoint.position;
        let Some(name) = self.trainer.restore(&saved.state, position)? else { return Ok(()) };
        let message = format!("`{name}` does not match the network");
        Err(TrainError::Run { path: self.checkpoint_path(position.step), message })
    }

    /// The path on rank 0.
    fn checkpoint_path(&self, step: u64) -> PathBuf {
        Checkpoints::new(&self.run.folder, self.run.config.keep_checkpoints).path(step)
    }

    /// Whether any rank was told to stop.
    fn is_stopped(&self, stop: &AtomicBool) -> bool {
        let stop = stop.load(Ordering::Relaxed);
        self.communicator.gather(&[u8::from(stop)]).iter().any(|stop| *stop == [1])
    }

    fn log(&mut self, step: u64, figures: &[(String, f64)], callback: &mut dyn Callback) {
        if let Some(files) = &mut self.files {
            files.log(step, figures, callback);
        }
    }

    /// Adds the last good checkpoint to an error of diverged training, which all ranks have.
    fn explained(&self, error: TrainError) -> TrainError {
        let TrainError::Diverged { step, found, .. } = error else { return error };
        let path = self.files.as_ref().and_then(|files| files.checkpoints.last());
        let checkpoint = match path {
            Some(path) => format!("{} is the last good checkpoint", shown_path(&path)),
            None => "no checkpoint was saved before it".to_owned(),
        };
        common(self.communicator.as_ref(), TrainError::Diverged { step, found, checkpoint })
    }
}

/// Number of steps from one logged step to the next.
fn logged_steps(trainer: &Trainer) -> u64 {
    trainer.per_epoch().div_ceil(LOGGED_STEPS)
}
