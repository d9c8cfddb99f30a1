//! The files of a run, which rank 0 alone reads and writes.

use std::path::Path;

use model::Model;

use crate::checkpoint::{Checkpoints, Saved};
use crate::folder::{RunFolder, model_file};
use crate::identity::Identity;
use crate::logs::Logs;
use crate::run::{Run, latest};
use crate::{Callback, TrainError};

/// The files of a run in its locked folder.
pub(crate) struct RunFiles {
    pub(crate) folder: RunFolder,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) identity: Identity,
    /// `None` before the first step.
    logs: Option<Logs>,
}

impl RunFiles {
    /// Locks the folder of a run. Returns its files, and the checkpoint to continue from, if there is one.
    pub(crate) fn open(
        run: &Run,
        identity: Identity,
        callback: &mut dyn Callback,
    ) -> Result<(Self, Option<Saved>), TrainError> {
        let folder = RunFolder::lock(run, callback)?;
        let checkpoints = Checkpoints::new(&run.folder, run.config.keep_checkpoints);
        let saved = latest(&checkpoints, &identity, &run.folder, callback)?;
        Ok((Self { folder, checkpoints, identity, logs: None }, saved))
    }

    /// Opens the logs, as [`Logs::open`].
    pub(crate) fn open_logs(
        &mut self,
        folder: &Path,
        step: u64,
        records: u64,
        callback: &mut dyn Callback,
    ) -> Result<(), TrainError> {
        self.logs = Some(Logs::open(folder, step, records, callback)?);
        Ok(())
    }

    /// Writes the figures of a step to the logs.
    pub(crate) fn log(&mut self, step: u64, figures: &[(String, f64)], callback: &mut dyn Callback) {
        if let Some(logs) = &mut self.logs {
            logs.write(step, figures, callback);
        }
    }

    /// Flushes the logs and checks the folder, before a checkpoint.
    pub(crate) fn prepare(&mut self, callback: &mut dyn Callback) -> Result<(), TrainError> {
        if let Some(logs) = &mut self.logs {
            logs.sync(callback);
        }
        self.folder.check()
    }

    /// Writes the trained model.
    pub(crate) fn write_model(&self, model: &Model, folder: &Path) -> Result<(), TrainError> {
        self.folder.check()?;
        Ok(model.write(model_file(folder))?)
    }

    /// Flushes the logs at the end of a run.
    pub(crate) fn close_logs(&mut self, callback: &mut dyn Callback) {
        if let Some(logs) = &mut self.logs {
            logs.close(callback);
        }
    }
}
