//! Compares the models with their reference implementations.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use benches::file::AtomicFile;
use benches::parity::{self, Interpreter};
use clap::Parser;

/// Compare the models with their reference implementations
///
/// Prints one line per case, then the counts. The exit status is 1 if a case fails, and 2 if there is
/// nothing to compare.
#[derive(Debug, Parser)]
#[command(name = "parity")]
struct Arguments {
    /// Folder with the cases; by default, the committed cases
    dir: Option<PathBuf>,
    /// Run only the cases of this family
    #[arg(long)]
    family: Option<String>,
    /// Interpreter that runs the models
    #[arg(long, value_enum, default_value_t)]
    with: Interpreter,
    /// Also write the results to FILE
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            drop(writeln!(io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Runs the cases and returns the number of failed ones.
fn run(arguments: &Arguments) -> Result<usize> {
    let file = arguments.json.as_deref().map(AtomicFile::begin).transpose()?;
    let folder = arguments.dir.clone().unwrap_or_else(|| benches::folder("parity"));
    let report = parity::run(&folder, arguments.family.as_deref(), arguments.with, &mut io::stdout().lock())?;
    if let Some(file) = file {
        file.finish(&report.json()?)?;
    }
    Ok(report.failed)
}
