//! Latency, compared with that of other runtimes on the same networks.
//!
//! Each runtime runs in its own process, pinned to as many cores as it has threads. The processes take turns, so other
//! load on the machine affects all of them; the main result is the ratio within a round.

mod files;
mod growth;
mod network;
mod page;
mod process;
mod results;
mod runner;
mod runtime;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use model::Model;

use crate::bench::Spread;
use files::Files;
use process::{Job, Loaded, Process, Timing};

pub use network::{Axis, Growth, Network, networks};
pub use page::page;
pub use results::{Entry, Outcome, Row, table};
pub use runner::run as run_as_runner;
pub use runtime::{Contender, Runtime};

/// Largest accepted difference of the outputs, relative to the largest magnitude. It finds wrong conversions.
const TOLERANCE: f32 = 1e-3;

/// The duration of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Turns of each runtime.
    pub rounds: usize,
    /// Duration of a turn, which has at least one run.
    pub seconds: f64,
}

impl Budget {
    /// For results to be compared.
    pub const FULL: Self = Self { rounds: 7, seconds: 0.25 };
    /// For a quick estimate.
    pub const QUICK: Self = Self { rounds: 3, seconds: 0.05 };
}

/// Compares runtimes and keeps the results in a folder.
#[derive(Debug)]
pub struct Peers {
    folder: PathBuf,
    files: Files,
    /// The Python with the readers of ONNX.
    python: PathBuf,
}

/// A process in the comparison, and its times.
struct Competitor {
    contender: Contender,
    process: Process,
    loaded: Loaded,
    timings: Vec<Timing>,
}

impl Peers {
    /// Creates the Python environments unless they exist, and calls `tell` with a line of progress.
    ///
    /// # Errors
    /// If the packages cannot be installed, or if the folder cannot be created.
    pub fn new(folder: &Path, mut tell: impl FnMut(&str)) -> Result<Self> {
        let files = Files::new(folder.join("networks"), &mut tell)?;
        Ok(Self { folder: folder.to_owned(), files, python: crate::onnx::python(&mut tell)? })
    }

    /// Compares the runtimes on a network, or reads the results of an earlier comparison if `resume` is set. Returns
    /// one row for each thread count.
    ///
    /// # Errors
    /// If the engine fails, or if files cannot be read or written.
    pub fn compare(&self, network: &Network, budget: &Budget, resume: bool) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &threads in network.threads {
            if resume && let Some(row) = self.read(network, threads)? {
                rows.push(row);
                continue;
            }
            let row = self.measure(network, threads, budget).with_context(|| network.name.clone())?;
            let path = self.result(network, threads);
            fs::write(&path, serde_json::to_string_pretty(&row)? + "\n")
                .with_context(|| format!("could not write `{}`", path.display()))?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// The results of earlier comparisons.
    ///
    /// # Errors
    /// If a file is malformed.
    pub fn kept(&self, networks: &[Network]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for network in networks {
            for &threads in network.threads {
                rows.extend(self.read(network, threads)?);
            }
        }
        Ok(rows)
    }

    fn result(&self, network: &Network, threads: usize) -> PathBuf {
        self.folder.join(format!("{}-{threads}.json", network.name.replace('/', "-")))
    }

    fn read(&self, network: &Network, threads: usize) -> Result<Option<Row>> {
        let path = self.result(network, threads);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        serde_json::from_str(&text).map(Some).with_context(|| path.display().to_string())
    }

    fn measure(&self, network: &Network, threads: usize, budget: &Budget) -> Result<Row> {
        let model = network.model()?;
        let input = network::input(&model.graph);
        let contenders = match network.growth {
            None => Contender::all(input.rank() == 1),
            Some(_) => Contender::fastest(),
        };
        let mut competitors: Vec<Competitor> = Vec::new();
        let mut entries = Vec::new();
        let mut expected = Vec::new();
        for contender in contenders {
            let output = self.files.path(network, ".output.f32");
            match self.start(network, &model, contender, (threads, &output)) {
                Ok((process, loaded)) => {
                    let found = files::read(&output)?;
                    if contender.runtime == Runtime::Engine {
                        expected.clone_from(&found);
                    }
                    match check(&expected, &found) {
                        Ok(()) => {
                            competitors.push(Competitor { contender, process, loaded, timings: Vec::new() });
                        }
                        Err(error) => entries.push(Entry::refused(contender, &error)),
                    }
                }
                Err(error) => entries.push(Entry::refused(contender, &error)),
            }
        }
        take_turns(&mut competitors, budget)?;
        let memory = competitors.iter().find_map(|competitor| competitor.loaded.memory);
        entries.extend(summaries(&competitors));
        entries.sort_by_key(|entry| entry.contender);
        let cost = model.graph.cost()?;
        Ok(Row {
            network: network.name.clone(),
            input: [vec![network.batch], input.dims()].concat(),
            parameters: cost.trainable,
            macs: cost.macs * network.batch as u64,
            threads,
            memory,
            entries,
        })
    }

    fn start(
        &self,
        network: &Network,
        model: &Model,
        contender: Contender,
        (threads, output): (usize, &Path),
    ) -> Result<(Process, Loaded)> {
        let job = Job {
            runtime: contender.runtime,
            model: self.files.model(network, model, contender)?,
            input: self.files.input(network, model, contender.as_image)?,
            output: output.to_owned(),
            threads,
        };
        let python = if contender.runtime == Runtime::LiteRt { &self.files.litert } else { &self.python };
        Process::start(&job, python)
    }
}

/// Runs all rounds. The order alternates, because a process finds what the one before left in the caches.
fn take_turns(competitors: &mut [Competitor], budget: &Budget) -> Result<()> {
    for round in 0..budget.rounds {
        let count = competitors.len();
        for turn in 0..count {
            let index = if round % 2 == 0 { turn } else { count - 1 - turn };
            let competitor = &mut competitors[index];
            let timing = competitor.process.turn(budget.seconds);
            let timing = timing.with_context(|| competitor.contender.runtime.name())?;
            competitor.timings.push(timing);
        }
    }
    Ok(())
}

/// The times of each competitor, and their ratios to the engine's in the same round.
fn summaries(competitors: &[Competitor]) -> Vec<Entry> {
    let engine = competitors.iter().find(|competitor| competitor.contender.runtime == Runtime::Engine);
    let summary = |competitor: &Competitor| {
        let medians = competitor.timings.iter().map(|timing| timing.median).collect();
        let least = competitor.timings.iter().map(|timing| timing.least).fold(f64::MAX, f64::min);
        let ratio = engine.map(|engine| {
            let pairs = competitor.timings.iter().zip(&engine.timings);
            Spread::of(pairs.map(|(theirs, ours)| theirs.median / ours.median).collect())
        });
        let outcome = Outcome::Measured {
            version: competitor.loaded.version.clone(),
            median_ms: Spread::of(medians),
            least_ms: least,
            ratio,
            runs: competitor.timings.iter().map(|timing| timing.runs).sum(),
        };
        Entry { contender: competitor.contender, outcome }
    };
    competitors.iter().map(summary).collect()
}

/// Compares outputs, if the engine has some.
fn check(expected: &[f32], found: &[f32]) -> Result<()> {
    if expected.is_empty() {
        return Ok(());
    }
    ensure!(
        expected.len() == found.len(),
        "expected {} values of output, found {}",
        expected.len(),
        found.len()
    );
    let largest = expected.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let difference = expected.iter().zip(found).fold(0.0, |largest: f32, (a, b)| largest.max((a - b).abs()));
    ensure!(
        difference <= TOLERANCE * largest,
        "its output differs by {difference:.1e} where the largest value is {largest:.1e}"
    );
    Ok(())
}
