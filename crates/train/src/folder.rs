//! The folder of a run: its files and its lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use report::{Events, Journal};

use crate::checkpoint::Checkpoints;
use crate::run::Run;
use crate::{Callback, TrainError};

/// The locked folder of a run in progress. No other run can write to it until this value is dropped or the
/// process ends.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    /// Locked, unless the file system does not support locks.
    lock: File,
}

/// The model file in the folder of a run.
pub(crate) fn model_file(folder: &Path) -> PathBuf {
    folder.join("model.safetensors")
}

/// The copy of the config in the folder of a run.
pub(crate) fn config_file(folder: &Path) -> PathBuf {
    folder.join("config.yaml")
}

fn lock_file(folder: &Path) -> PathBuf {
    Checkpoints::folder(folder).join("lock")
}

/// The report in the folder of a run, which the command `factory` writes.
fn report_file(folder: &Path) -> PathBuf {
    folder.join("report.html")
}

impl RunFolder {
    /// Locks the folder for a run, and removes temporary files left by killed runs.
    ///
    /// Unless `resume` is set, a folder with any of the files that the run would write is refused.
    pub(crate) fn lock(run: &Run, callback: &mut dyn Callback) -> Result<Self, TrainError> {
        let folder = Checkpoints::folder(&run.folder);
        let lock_file = lock_file(&run.folder);
        if !lock_file.exists() {
            // First, so that nothing is created in a folder that is then refused.
            check_files(run)?;
            fs::create_dir_all(&folder).map_err(|error| failed(&folder, error.to_string()))?;
        }
        let lock = lock(&run.folder, &lock_file, callback)?;
        let locked = Self { path: run.folder.clone(), lock };
        locked.check()?;
        // Again, because until now another run could change them.
        check_files(run)?;
        for folder in [&run.folder, &folder] {
            if let Err(error) = graph::file::remove_leftovers(folder) {
                callback.note(&failed(folder, format!("cannot remove temporary files: {error}")).to_string());
            }
        }
        Ok(locked)
    }

    /// Checks that the folder is still the one that was locked. A user may have removed it, and another run may
    /// have started in the same place.
    pub(crate) fn check(&self) -> Result<(), TrainError> {
        if is_at(&self.lock, &lock_file(&self.path)).unwrap_or(false) {
            return Ok(());
        }
        Err(failed(&self.path, "the folder was moved, removed or replaced during training"))
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (locked, found) = (file.metadata()?, fs::metadata(path)?);
    Ok((locked.dev(), locked.ino()) == (found.dev(), found.ino()))
}

/// On other systems, an open file cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}

/// Locks a file. The lock ends with the process, but the file stays, because another process may have it
/// open.
fn lock(run: &Path, path: &Path, callback: &mut dyn Callback) -> Result<File, TrainError> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(failed(path, "expected a regular file, found something else; remove it"));
    }
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.map_err(|error| failed(path, error.to_string()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let message =
                "another run is in progress in this folder; wait until it ends, or use another folder";
            return Err(failed(run, message));
        }
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            callback.note(
                &failed(
                    path,
                    "the file system does not support locks; do not start a second run in this folder",
                )
                .to_string(),
            );
        }
        Err(TryLockError::Error(error)) => return Err(failed(path, error.to_string())),
    }
    Ok(file)
}

/// The files that a run writes in its folder, apart from checkpoints.
fn files(folder: &Path) -> [PathBuf; 5] {
    [
        config_file(folder),
        model_file(folder),
        report_file(folder),
        Journal::path(folder),
        Events::path(folder),
    ]
}

/// Refuses a folder in which the run would overwrite files of another one, and one in which it could not write.
pub(crate) fn check_files(run: &Run) -> Result<(), TrainError> {
    let folder = &run.folder;
    let is_other = |file: &&PathBuf| fs::metadata(file).is_ok_and(|found| !found.is_file());
    if let Some(file) = files(folder).iter().find(is_other) {
        return Err(failed(file, "expected a regular file, found something else; remove it"));
    }
    let checkpoint = if Checkpoints::folder(folder).is_dir() {
        Checkpoints::new(folder, run.config.keep_checkpoints).last()
    } else {
        None
    };
    match checkpoint {
        Some(_) if run.resume => Ok(()),
        Some(path) => {
            let message = "the folder contains a run; continue it with --resume, or use another folder";
            Err(failed(&path, message))
        }
        None if run.resume => check_restart(run),
        None => {
            let Some(file) = files(folder).into_iter().find(|file| exists(file)) else { return Ok(()) };
            let message = if check_restart(run).is_ok() {
                "the folder contains a run without a checkpoint; restart it with --resume, or use another folder"
            } else {
                "training would overwrite this file; use another folder"
            };
            Err(failed(&file, message))
        }
    }
}

/// Refuses to start over in a folder whose run got beyond its first checkpoint, or whose files belong to
/// another run.
fn check_restart(run: &Run) -> Result<(), TrainError> {
    let folder = &run.folder;
    let config = config_file(folder);
    let is_of_this_run = graph::file::read(&config).ok().as_deref() == Some(run.source.config.as_bytes());
    let mut files = vec![model_file(folder), report_file(folder)];
    if !is_of_this_run {
        files.extend([config, Journal::path(folder), Events::path(folder)]);
    }
    match files.iter().find(|file| exists(file)) {
        Some(file) => {
            let message = "training would overwrite this file, and no checkpoint is left to resume from; \
                           use another folder";
            Err(failed(file, message))
        }
        None => Ok(()),
    }
}

/// Whether anything exists at `path`, including a dangling symbolic link.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn failed(path: &Path, message: impl Into<String>) -> TrainError {
    TrainError::Run { path: path.to_owned(), message: message.into() }
}
