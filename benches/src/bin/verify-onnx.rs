//! Verifies the ONNX export in common readers.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use benches::file::AtomicFile;
use benches::onnx::{Selection, page, python, verify_all};
use clap::Parser;

/// Export every preset to ONNX and compare ONNX Runtime, OpenVINO and tract with libtorch
///
/// Creates a Python environment in the user's cache folder. Prints one line per model, then the counts. The exit
/// status is 1 if something fails.
#[derive(Debug, Parser)]
#[command(name = "verify-onnx", bin_name = "cargo xtask verify-onnx")]
struct Arguments {
    /// Verify only models and operations whose name contains this text, such as `tcn/` or `resnet/resnet18 [N, 6`, and
    /// no trained runs
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Verify only the smallest models of each family, one graph for each operation, and one trained run
    #[arg(long)]
    quick: bool,
    /// Use images of 224 by 224 pixels instead of 64 by 64
    #[arg(long)]
    full_size: bool,
    /// Also write the results to FILE
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write the table of docs/onnx.md
    #[arg(long, conflicts_with_all = ["filter", "quick"])]
    write: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            drop(writeln!(io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Verifies the models and returns whether all passed.
fn run(arguments: Arguments) -> Result<bool> {
    let file = arguments.json.as_deref().map(AtomicFile::begin).transpose()?;
    let python = python(&mut |line: &str| drop(writeln!(io::stderr(), "{line}")))?;
    let Arguments { filter, quick, full_size, .. } = arguments;
    let report = verify_all(&python, &Selection { filter, quick, full_size }, &mut io::stdout().lock())?;
    if let Some(file) = file {
        file.finish(&report.json())?;
    }
    if arguments.write {
        ensure!(report.failed() == 0, "docs/onnx.md is not written, because something failed");
        page::write(&report)?;
    }
    Ok(report.failed() == 0)
}
