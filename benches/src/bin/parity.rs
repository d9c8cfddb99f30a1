//! Compares the models with what their reference implementations compute.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use benches::file::AtomicFile;
use benches::parity::{self, Interpreter};
use clap::Parser;

/// Compare the models with what their reference implementations compute
///
/// One line per case, then the counts. Exits with 1 when a case fails, with 2 when there is nothing to
/// compare.
#[derive(Debug, Parser)]
#[command(name = "parity")]
struct Arguments {
    /// Folder of cases; the committed ones by default
    dir: Option<PathBuf>,
    /// Only the cases of this family
    #[arg(long)]
    family: Option<String>,
    /// The interpreter that runs the models
    #[arg(long, value_enum, default_value_t)]
    with: Interpreter,
    /// Also write the results to this file
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

/// The number of cases that failed.
fn run(arguments: &Arguments) -> Result<usize> {
    let file = arguments.json.as_deref().map(AtomicFile::begin).transpose()?;
    let folder = arguments.dir.clone().unwrap_or_else(|| benches::folder("parity"));
    let report = parity::run(&folder, arguments.family.as_deref(), arguments.with, &mut io::stdout().lock())?;
    if let Some(file) = file {
        file.finish(&report.json()?)?;
    }
    Ok(report.failed)
}
