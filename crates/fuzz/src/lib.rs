//! `cargo xtask fuzz`: seeded fuzzing of everything that reads user input.
//!
//! Each kind of input runs in a process of its own, so that a crash is a finding like any other. `parent` starts the
//! processes, `child` runs the cases, and `kinds` defines the inputs and the checks.

// Process limits, signals and exit statuses are specific to Unix.
#![cfg(unix)]

mod case;
mod child;
mod cli;
mod corpus;
mod findings;
mod kinds;
mod limits;
mod mutate;
mod outcome;
mod parent;
mod random;
mod reduce;
mod single;
mod state;
mod trouble;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use self::cli::{Cli, Command};

/// Counts allocated memory, for the limits of a case.
#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// Runs the program.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let is_clean = match cli.command {
        Some(Command::Child(child)) => {
            child::run(&child)?;
            true
        }
        None if cli.case.is_some() || cli.input.is_some() => single::run(&cli)?,
        None => parent::run(&cli)?,
    };
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
