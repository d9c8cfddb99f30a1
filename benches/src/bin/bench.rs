//! Measures the models' latency on this machine.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result, bail};
use benches::bench::{self, BenchSubject, Budget, Machine};
use benches::file::AtomicFile;
use benches::peers::{self, Network, Peers};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Measure the models' latency on this machine, as built, merged and on the engine
///
/// Each model runs on one real sample at a time, on one thread and on all threads. Prints medians, with the
/// quartiles in brackets; the ratio compares consecutive passes.
///
/// With --peers, compares the engine with ONNX Runtime, OpenVINO, LiteRT, tract and rten on other networks. The first
/// run creates environments of Python in the cache folder.
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
    /// Compare the engine with other runtimes
    #[arg(long)]
    peers: bool,
    /// Keep the results of earlier comparisons instead of measuring again
    #[arg(long, requires = "peers")]
    resume: bool,
    /// Compare only on this number of threads. More than one needs as many idle cores
    #[arg(long, value_name = "N", requires = "peers")]
    threads: Option<usize>,
    /// Write docs/benchmarks.md from the results of this and earlier comparisons
    #[arg(long, requires = "peers", conflicts_with = "quick")]
    write: bool,
    /// Serve one runtime on standard input, for --peers
    #[arg(long, hide = true, exclusive = true)]
    runner: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.runner {
        return match peers::run_as_runner() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => report_error(&error, 1),
        };
    }
    // Errors in the arguments have exit status 2, errors while measuring 1.
    let result = if arguments.peers {
        prepare_peers(&arguments).map(|(networks, file)| compare(&arguments, &networks, file))
    } else {
        prepare(&arguments).map(|(models, file)| run(&arguments, &models, file))
    };
    match result {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => report_error(&error, 1),
        Err(error) => report_error(&error, 2),
    }
}

fn report_error(error: &anyhow::Error, status: u8) -> ExitCode {
    drop(writeln!(io::stderr(), "error: {error:#}"));
    ExitCode::from(status)
}

fn prepare(arguments: &Arguments) -> Result<(Vec<BenchSubject>, AtomicFile)> {
    Ok((bench::matching(arguments.filter.as_deref())?, begin(arguments, "report.json")?))
}

fn prepare_peers(arguments: &Arguments) -> Result<(Vec<(Network, usize)>, AtomicFile)> {
    let networks = peers::networks(arguments.filter.as_deref());
    if networks.is_empty() {
        let names: Vec<String> = peers::networks(None).into_iter().map(|network| network.name).collect();
        bail!(
            "no network name contains `{}`; the networks are: {}",
            arguments.filter.as_deref().unwrap_or_default(),
            names.join(", ")
        );
    }
    let comparisons = peers::comparisons(&networks, arguments.threads);
    if comparisons.is_empty() {
        let counts: BTreeSet<usize> = networks.iter().flat_map(|network| network.threads).copied().collect();
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        bail!(
            "--threads: expected {} for these networks, found {}",
            counts.join(" or "),
            arguments.threads.unwrap_or_default()
        );
    }
    Ok((comparisons, begin(arguments, "peers.json")?))
}

/// The folder of results, which is created.
fn folder() -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| benches::folder("").with_file_name("target")).join("bench");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create the folder `{}`", folder.display()))?;
    Ok(folder)
}

/// Begins the report file before the measurements, which take minutes.
fn begin(arguments: &Arguments, name: &str) -> Result<AtomicFile> {
    match &arguments.json {
        Some(path) => AtomicFile::begin(path),
        None => AtomicFile::begin(&folder()?.join(name)),
    }
}

fn compare(arguments: &Arguments, comparisons: &[(Network, usize)], file: AtomicFile) -> Result<()> {
    let budget = if arguments.quick { peers::Budget::QUICK } else { peers::Budget::FULL };
    let peak = bench::measure_peak();
    let progress = progress(comparisons.len());
    let mut say = |line: &str| progress.suspend(|| drop(writeln!(io::stderr(), "{line}")));
    let peers = Peers::new(&folder()?.join("peers"), &mut say)?;
    let cores = thread::available_parallelism()?.get();
    let mut rows = Vec::new();
    for (network, threads) in comparisons {
        if *threads > cores {
            say(&format!(
                "{}: skipped; expected {threads} cores for as many threads, found {cores}",
                network.name
            ));
            continue;
        }
        tell(&progress, &format!("{}, {}", network.name, count_threads(*threads)));
        rows.push(peers.compare(network, *threads, &budget, arguments.resume)?);
    }
    progress.finish_and_clear();
    write!(io::stdout(), "{}", peers::table(&rows, peak))?;
    let path = file.path().to_owned();
    file.finish(&(serde_json::to_string_pretty(&rows)? + "\n"))?;
    writeln!(io::stderr(), "report: {}", path.display())?;
    if arguments.write {
        let page = peers::page(&peers.kept(&peers::networks(None))?, &Machine::this(), peak);
        AtomicFile::begin(&benches::folder("../docs/benchmarks.md"))?.finish(&page)?;
    }
    Ok(())
}

fn count_threads(threads: usize) -> String {
    format!("{threads} thread{}", if threads == 1 { "" } else { "s" })
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
