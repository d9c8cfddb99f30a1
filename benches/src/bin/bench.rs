//! Measures the models' latency on this machine.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use benches::bench::{self, BenchSubject, Budget};
use benches::file::AtomicFile;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Measure the models' latency on this machine, as built and merged
///
/// Each model runs on one real sample at a time, on one thread and on all threads. Prints medians, with the
/// quartiles in brackets; the ratio compares consecutive passes.
#[derive(Debug, Parser)]
#[command(name = "bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Measure only the models whose name contains NAME
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Measure for a fraction of the time, for a quick estimate
    #[arg(long)]
    quick: bool,
    /// Write the report to FILE instead of target/bench/report.json
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Errors in the arguments have exit status 2, errors while measuring 1.
    let prepared =
        bench::matching(arguments.filter.as_deref()).and_then(|models| Ok((models, begin(&arguments)?)));
    let (models, file) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return report_error(&error, 2),
    };
    match run(&arguments, &models, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report_error(&error, 1),
    }
}

fn report_error(error: &anyhow::Error, status: u8) -> ExitCode {
    drop(writeln!(io::stderr(), "error: {error:#}"));
    ExitCode::from(status)
}

/// Begins the report file before the measurements, which take minutes.
fn begin(arguments: &Arguments) -> Result<AtomicFile> {
    if let Some(path) = &arguments.json {
        return AtomicFile::begin(path);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| benches::folder("").with_file_name("target")).join("bench");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create the folder `{}`", folder.display()))?;
    AtomicFile::begin(&folder.join("report.json"))
}

fn run(arguments: &Arguments, models: &[BenchSubject], file: AtomicFile) -> Result<()> {
    let budget = if arguments.quick { Budget::QUICK } else { Budget::FULL };
    let progress = progress(bench::steps(models));
    let report = bench::run(models, &budget, |step| tell(&progress, step))?;
    progress.finish_and_clear();
    write!(io::stdout(), "{report}")?;
    if report.is_disturbed() {
        let advice = "warning: other load disturbed the measurements; times and ratios with wide brackets are unreliable";
        writeln!(io::stderr(), "{advice}")?;
    }
    let path = file.path().to_owned();
    file.finish(&report.json()?)?;
    Ok(writeln!(io::stderr(), "report: {}", path.display())?)
}

fn progress(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Shows a progress bar on a terminal, and prints plain lines otherwise.
fn tell(progress: &ProgressBar, step: &str) {
    if io::stderr().is_terminal() {
        progress.set_message(step.to_owned());
        progress.inc(1);
    } else {
        drop(writeln!(io::stderr(), "{step}"));
    }
}
