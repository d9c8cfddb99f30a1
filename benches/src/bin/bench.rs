//! Measures the models on this machine.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use benches::bench::{self, Budget, Model};
use benches::file::AtomicFile;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Measure the models' latency on this machine, as built and merged
///
/// One sample at a time, on a real input, on one thread and on all. Prints medians and, in brackets, the
/// middle half; the ratio is of passes right after each other.
#[derive(Debug, Parser)]
#[command(name = "bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Only the models whose name contains this
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// A first look, in a fraction of the time
    #[arg(long)]
    quick: bool,
    /// Write the report here instead of target/bench/report.json
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What was asked for comes first, what goes wrong after has another exit status.
    let asked =
        bench::matching(arguments.filter.as_deref()).and_then(|models| Ok((models, begin(&arguments)?)));
    let (models, file) = match asked {
        Ok(asked) => asked,
        Err(error) => return complain(&error, 2),
    };
    match run(&arguments, &models, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error, 1),
    }
}

fn complain(error: &anyhow::Error, status: u8) -> ExitCode {
    drop(writeln!(io::stderr(), "error: {error:#}"));
    ExitCode::from(status)
}

/// Begins the report's file before the minutes of measuring.
fn begin(arguments: &Arguments) -> Result<AtomicFile> {
    if let Some(path) = &arguments.json {
        return AtomicFile::begin(path);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| benches::folder("").with_file_name("target")).join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("could not make `{}`", folder.display()))?;
    AtomicFile::begin(&folder.join("report.json"))
}

fn run(arguments: &Arguments, models: &[Model], file: AtomicFile) -> Result<()> {
    let budget = if arguments.quick { Budget::QUICK } else { Budget::FULL };
    let progress = progress(bench::steps(models));
    let report = bench::run(models, &budget, |step| tell(&progress, step))?;
    progress.finish_and_clear();
    write!(io::stdout(), "{report}")?;
    if report.is_disturbed() {
        let advice = "something else used the machine: where brackets are wide, times and ratios say little";
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

/// A bar on a terminal, plain lines elsewhere.
fn tell(progress: &ProgressBar, step: &str) {
    if io::stderr().is_terminal() {
        progress.set_message(step.to_owned());
        progress.inc(1);
    } else {
        drop(writeln!(io::stderr(), "{step}"));
    }
}
