//! The end of a run: the weights with the best validation score become the model.

use std::path::PathBuf;

use model::Model;

use crate::checkpoint::{Best, Saved};
use crate::communicator::{agree, broadcast};
use crate::files::RunFiles;
use crate::ranks::share_saved;
use crate::run::{Finished, RunEnd};
use crate::score::metric;
use crate::session::Session;
use crate::{BestMetric, Callback, TrainError};

impl Session<'_> {
    /// Saves a checkpoint and the best model so far of a run that is asked to stop.
    pub(crate) fn interrupt(&mut self, callback: &mut dyn Callback) -> Result<RunEnd, TrainError> {
        let step = self.trainer.steps();
        let checkpoint: PathBuf = self.save(callback)?;
        self.close_logs(callback);
        let (_, best) = self.write_model(callback)?;
        Ok(RunEnd::Interrupted { step, checkpoint, model_step: best.unwrap_or(step) })
    }

    /// Ends a run that has taken all of its steps.
    pub(crate) fn finish(&mut self, callback: &mut dyn Callback) -> Result<Finished, TrainError> {
        let steps = self.trainer.steps();
        self.close_logs(callback);
        let (model, best) = self.write_model(callback)?;
        if best.is_none() && self.run.splits.validation.is_some() {
            let needed = match metric(&self.run.config, self.run.splits.config.task) {
                BestMetric::Loss => "loss".to_owned(),
                metric => format!("loss and {metric}"),
            };
            callback.note(&format!("no validation had a finite {needed}; the model has the latest weights"));
        }
        Ok(Finished { model, steps, best })
    }

    fn close_logs(&mut self, callback: &mut dyn Callback) {
        if let Some(files) = &mut self.files {
            files.close_logs(callback);
        }
    }

    /// Checks that the best checkpoint of a resumed run is intact. If it is not, the best intact checkpoint
    /// replaces it on all ranks, as if the epoch of the damaged one had not been validated.
    pub(crate) fn check_best(&mut self, callback: &mut dyn Callback) -> Result<(), TrainError> {
        let best = match &self.files {
            Some(files) => self.intact_best(files, callback),
            None => Ok(None),
        };
        if self.communicator.size() == 1 {
            self.best = best?;
            return Ok(());
        }
        let bytes = best.map(|best| Best::to_text(best).into_bytes());
        self.best = Best::parse(&broadcast(self.communicator.as_ref(), bytes)?);
        Ok(())
    }

    /// Returns the best validation, or that of the best intact checkpoint if the best one is damaged.
    fn intact_best(&self, files: &RunFiles, callback: &mut dyn Callback) -> Result<Option<Best>, TrainError> {
        let steps = self.trainer.steps();
        let Some(best) = self.best.filter(|best| best.step != steps) else { return Ok(self.best) };
        let Err(error) = files.checkpoints.read(best.step, &files.identity) else { return Ok(self.best) };
        let Some(saved) = self.best_intact(files, &error, callback)? else { return Ok(None) };
        let (step, score) = (saved.checkpoint.position.step, saved.checkpoint.score);
        let stale = usize::try_from((steps - step) / self.trainer.per_epoch()).unwrap_or(usize::MAX);
        Ok(score.map(|score| Best { step, score, stale }))
    }

    /// Writes the model file. Returns the model and the step of its weights, which is that of the best
    /// validation, or `None` if there was no validation. Leaves these weights in the trainer.
    fn write_model(&mut self, callback: &mut dyn Callback) -> Result<(Model, Option<u64>), TrainError> {
        let best = self.restore_best(callback)?;
        let model = self.run.model(self.trainer.weights()?);
        let written = match &self.files {
            Some(files) => files.write_model(&model, &self.run.folder),
            None => Ok(()),
        };
        agree(self.communicator.as_ref(), written)?;
        Ok((model, best))
    }

    /// Restores the weights with the best validation score. Returns their step, or `None` if there was no
    /// validation; the trainer then keeps the latest weights.
    fn restore_best(&mut self, callback: &mut dyn Callback) -> Result<Option<u64>, TrainError> {
        let steps = self.trainer.steps();
        let Some(best) = self.best else { return Ok(None) };
        if best.step == steps {
            return Ok(Some(steps));
        }
        let saved = match &self.files {
            Some(files) => self.read_best(files, best.step, callback),
            None => Ok(None),
        };
        let Some(saved) = share_saved(self.communicator.as_ref(), saved)? else { return Ok(Some(steps)) };
        self.restore(&saved)?;
        Ok(Some(saved.checkpoint.position.step))
    }

    /// Reads the best checkpoint, or the best intact one if it is damaged.
    fn read_best(
        &self,
        files: &RunFiles,
        step: u64,
        callback: &mut dyn Callback,
    ) -> Result<Option<Saved>, TrainError> {
        match files.checkpoints.read(step, &files.identity) {
            Ok(saved) => Ok(Some(saved)),
            Err(error) => self.best_intact(files, &error, callback),
        }
    }

    /// Returns the best intact checkpoint, which replaces the one that cannot be read because of `error`.
    fn best_intact(
        &self,
        files: &RunFiles,
        error: &TrainError,
        callback: &mut dyn Callback,
    ) -> Result<Option<Saved>, TrainError> {
        let saved = files.checkpoints.best(self.trainer.steps(), &files.identity)?;
        let instead = match &saved {
            Some(saved) => {
                format!("the best intact checkpoint, of step {},", saved.checkpoint.position.step)
            }
            None => "the latest state".to_owned(),
        };
        callback.note(&format!("{error}; using {instead} instead of this best checkpoint"));
        Ok(saved)
    }
}
