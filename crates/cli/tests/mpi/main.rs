//! The command in several processes that `mpirun` starts. These tests need Open MPI; they are built with the feature `mpi`.

#![cfg(all(unix, feature = "mpi", feature = "torch"))]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

#[path = "../common/mod.rs"]
mod common;
mod killed;
#[path = "../../../train/tests/open_mpi/mod.rs"]
mod open_mpi;
mod predictions;
mod runs;
mod text_files;
mod training;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{place, text};
use open_mpi::SETTINGS;

/// The command in some processes, about to run.
fn mpirun(ranks: usize, arguments: &[&str]) -> Command {
    let mut command = Command::new("mpirun");
    command.envs(SETTINGS).args(["-n", &ranks.to_string(), env!("CARGO_BIN_EXE_factory")]).args(arguments);
    command
}

fn ended(ranks: usize, arguments: &[&str]) -> Output {
    mpirun(ranks, arguments).output().unwrap()
}

/// As [`ended`], with standard input, which `mpirun` passes to the first process.
fn ended_with_input(ranks: usize, arguments: &[&str], input: &str) -> Output {
    let mut command = mpirun(ranks, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut launcher = command.spawn().unwrap();
    launcher.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    launcher.wait_with_output().unwrap()
}

/// Runs the command in some processes, or without `mpirun` in a single one. Returns what it prints.
fn printed(ranks: usize, arguments: &[&str]) -> String {
    let output = match ranks {
        1 => Command::new(env!("CARGO_BIN_EXE_factory")).args(arguments).output().unwrap(),
        _ => ended(ranks, arguments),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The files of a run that contain no times.
fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["model.safetensors", "metrics.jsonl"].map(|name| std::fs::read(folder.join(name)).unwrap())
}

/// The errors that the command has printed, without those of `mpirun`.
fn errors(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().filter(|line| line.starts_with("error: ")).map(str::to_owned).collect()
}
