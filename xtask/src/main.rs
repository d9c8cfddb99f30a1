//! Tasks of this workspace: `cargo xtask help` lists them.
//!
//! It does not link libtorch, because it is what finds libtorch.

mod cli;
mod commands;
mod engine_checks;
mod environment;
#[cfg(unix)]
mod faults;
mod mpi;
mod project;
mod readme;
mod setup;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use self::cli::{Cli, Command};
use self::setup::{Host, say};

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<ExitCode> {
    let root = root()?;
    match command {
        Command::Setup { project: None } => setup::run(&Host::this(root)).map(|_| ExitCode::SUCCESS),
        Command::Setup { project: Some(project) } => {
            setup::run_for(&Host::this(root), project).map(|()| ExitCode::SUCCESS)
        }
        Command::Test => commands::test(&root).map(|()| ExitCode::SUCCESS),
        Command::Project => project::run(&root).map(|()| ExitCode::SUCCESS),
        Command::Readme => readme::run(&root).map(|()| ExitCode::SUCCESS),
        Command::Tidy { words: None } => tidy::run(&root).map(|()| ExitCode::SUCCESS),
        Command::Tidy { words: Some(folder) } => {
            tidy::words(&root, folder.as_deref()).map(|()| ExitCode::SUCCESS)
        }
        Command::Bench { arguments } => commands::program(&root, "bench", arguments),
        Command::Codegen { arguments } => commands::codegen(&root, arguments),
        Command::Fuzz { arguments } => commands::fuzz(&root, arguments),
        Command::Results { arguments } => commands::program(&root, "results", arguments),
        Command::Recipes => commands::program(&root, "recipes", &[]),
        Command::VerifyOnnx { arguments } => commands::program(&root, "verify-onnx", arguments),
        Command::Parity(parity) => commands::program(&root, "parity", &parity.arguments()),
        Command::Faults(options) => commands::faults(&root, options),
        Command::EngineChecks { checks, hours } => {
            engine_checks::run(&root, checks, *hours).map(|()| ExitCode::SUCCESS)
        }
    }
}

/// The workspace's root, above this crate's folder.
fn root() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(folder).parent().map(PathBuf::from).context("this crate's folder is not in a workspace")
}
