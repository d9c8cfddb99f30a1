//! The end of a run: the weights with the best validation score become the model.

use std::path::PathBuf;

use model::Model;

use crate::checkpoint::{Best, Saved};
use crate::folder::model_file;
use crate::run::{Finished, RunEnd};
use crate::score::metric;
use crate::session::Session;
use crate::{BestMetric, Callback, TrainError};

impl Session<'_> {
    /// Saves a checkpoint and the best model so far of a run that is asked to stop.
    pub(crate) fn interrupt(&mut self, callback: &mut dyn Callback) -> Result<RunEnd, TrainError> {
        let step = self.trainer.steps();
        let checkpoint: PathBuf = self.save(callback)?;
        self.logs.close(callback);
        let (_, best) = self.write_model(callback)?;
        Ok(RunEnd::Interrupted { step, checkpoint, model_step: best.unwrap_or(step) })
    }

    /// Ends a run that has taken all of its steps.
    pub(crate) fn finish(&mut self, callback: &mut dyn Callback) -> Result<Finished, TrainError> {
        let steps = self.trainer.steps();
        self.logs.close(callback);
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

    /// Checks that the best checkpoint of a resumed run is intact. If it is not, the best intact checkpoint
    /// replaces it, as if the epoch of the damaged one had not been validated.
    pub(crate) fn check_best(&mut self, callback: &mut dyn Callback) -> Result<(), TrainError> {
        let steps = self.trainer.steps();
        let Some(best) = self.best.map(|best| best.step).filter(|best| *best != steps) else { return Ok(()) };
        if let Err(error) = self.checkpoints.read(best, &self.identity) {
            let saved = self.best_intact(&error, callback)?;
            let per_epoch = self.trainer.per_epoch();
            self.best = saved.and_then(|saved| {
                let (step, score) = (saved.checkpoint.position.step, saved.checkpoint.score?);
                let stale = usize::try_from((steps - step) / per_epoch).unwrap_or(usize::MAX);
                Some(Best { step, score, stale })
            });
        }
        Ok(())
    }

    /// Writes the model file. Returns the model and the step of its weights, which is that of the best
    /// validation, or `None` if there was no validation. Leaves these weights in the trainer.
    fn write_model(&mut self, callback: &mut dyn Callback) -> Result<(Model, Option<u64>), TrainError> {
        let best = self.restore_best(callback)?;
        let model = self.run.model(self.trainer.weights()?);
        self.folder.check()?;
        model.write(model_file(&self.run.folder))?;
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
        let saved = match self.checkpoints.read(best.step, &self.identity) {
            Ok(saved) => Some(saved),
            Err(error) => self.best_intact(&error, callback)?,
        };
        let Some(saved) = saved else { return Ok(Some(steps)) };
        self.restore(&saved)?;
        Ok(Some(saved.checkpoint.position.step))
    }

    /// Returns the best intact checkpoint, which replaces the one that cannot be read because of `error`.
    fn best_intact(
        &self,
        error: &TrainError,
        callback: &mut dyn Callback,
    ) -> Result<Option<Saved>, TrainError> {
        let saved = self.checkpoints.best(self.trainer.steps(), &self.identity)?;
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
