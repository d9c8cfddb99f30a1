//! `factory train` and `evaluate` as a user meets them.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod check;
mod described;
mod folds;
mod killed;
#[cfg(unix)]
mod output;
mod reports;
mod runs;
mod settings;
#[cfg(unix)]
mod signals;
mod sleepkit;
mod wearable;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a config of its own, small and quick, on the watch's recordings.
pub(crate) fn place(train: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    let config = folder.path().join("watch.yaml");
    let text = format!(
        "name: watch\n\
         input: {{ channels: 6, length: 100 }}\n\
         classes: 4\n\
         architecture: resnet\n\
         params:\n\
         \x20 stem: [{{ channels: 8, kernel: 7, stride: 4 }}]\n\
         \x20 stem_pool: none\n\
         \x20 dropout: 0.2\n\
         \x20 stages: [{{ channels: 8, depth: 1 }}]\n\
         data:\n\
         \x20 task: classification\n\
         \x20 folder: {}\n\
         \x20 train: BasicMotions_TRAIN.ts\n\
         \x20 validation: 0.2\n\
         \x20 test: BasicMotions_TEST.ts\n\
         \x20 augment: {{ jitter: 0.05, shift: 10 }}\n\
         train: {train}\n",
        data.display()
    );
    std::fs::write(&config, text).unwrap();
    (folder, config)
}

/// The command, about to run.
pub(crate) fn factory(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
    command.args(arguments);
    command
}

/// Runs the command to its end.
pub(crate) fn ended(arguments: &[&str]) -> Output {
    factory(arguments).output().unwrap()
}

/// Runs the command, which succeeds; what it prints.
pub(crate) fn printed(arguments: &[&str]) -> String {
    let output = ended(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
