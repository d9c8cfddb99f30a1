//! `factory train` and `evaluate` as a user meets them.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod check;
#[path = "../common/mod.rs"]
mod common;
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

use std::process::{Command, Output};

pub(crate) use common::place;

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
