//! Latency, compared with that of other runtimes on the same networks.
//!
//! Each runtime runs in its own process, pinned to as many cores as it has threads. The processes take turns, so other
//! load on the machine affects all of them; the main result is the ratio within a round.

mod files;
mod growth;
mod layers;
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

pub use layers::Layer;
pub use network::{Axis, Growth, Network, comparisons, networks};
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

    fn is_quick(&self) -> bool {
        self.rounds < Self::FULL.rounds
    }
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
    output: Vec<f32>,
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

    /// Compares the runtimes on a network with a number of threads, or reads the results of an earlier comparison if
    /// `resume` is set. Keeps the results unless the budget is for a quick estimate.
    ///
    /// # Errors
    /// If the engine fails, or if files cannot be read or written.
    pub fn compare(&self, network: &Network, threads: usize, budget: &Budget, resume: bool) -> Result<Row> {
        if resume && let Some(row) = self.read(network, threads)? {
            return Ok(row);
        }
        let row = self.measure(network, threads, budget).with_context(|| network.name.clone())?;
        if budget.is_quick() {
            return Ok(row);
        }
        let path = self.result(network, threads);
        fs::write(&path, serde_json::to_string_pretty(&row)? + "\n")
            .with_context(|| format!("could not write `{}`", path.display()))?;
        Ok(row)
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
        let start = |contender, threads| self.start(network, &model, contender, threads);
        let mut competitors = vec![start(Contender::ENGINE, threads)?];
        let expected = competitors[0].output.clone();
        let peers = match network.growth {
            None => Contender::peers(input.rank() == 1),
            Some(_) => Contender::fastest_peers(),
        };
        let mut entries = Vec::new();
        for contender in peers {
            let started = start(contender, threads).and_then(|competitor| {
                check(&expected, &competitor.output)?;
                Ok(competitor)
            });
            match started {
                Ok(competitor) => competitors.push(competitor),
                Err(error) => entries.push(Entry::refused(contender, &error)),
            }
        }
        if threads > 1 {
            competitors.push(start(Contender::ENGINE, 1)?);
        }
        take_turns(&mut competitors, budget)?;
        let single = if threads > 1 { competitors.pop() } else { None };
        let engine = &competitors[0];
        let scaling = single.map(|single| single.ratio(engine));
        entries.extend(competitors.iter().map(|competitor| competitor.entry(engine)));
        entries.sort_by_key(|entry| entry.contender);
        let cost = model.graph.cost()?;
        Ok(Row {
            network: network.name.clone(),
            input: [vec![network.batch], input.dims()].concat(),
            parameters: cost.trainable,
            macs: cost.macs * network.batch as u64,
            threads,
            memory: engine.loaded.memory,
            scaling,
            layers: engine.loaded.layers.clone(),
            entries,
        })
    }

    fn start(
        &self,
        network: &Network,
        model: &Model,
        contender: Contender,
        threads: usize,
    ) -> Result<Competitor> {
        let job = Job {
            runtime: contender.runtime,
            model: self.files.model(network, model, contender)?,
            input: self.files.input(network, model, contender.as_image)?,
            output: self.files.path(network, ".output.f32"),
            threads,
            layers: network.layers && threads == 1,
        };
        let python = if contender.runtime == Runtime::LiteRt { &self.files.litert } else { &self.python };
        let (process, loaded) = Process::start(&job, python)?;
        let output = files::read(&job.output)?;
        Ok(Competitor { contender, process, loaded, output, timings: Vec::new() })
    }
}

impl Competitor {
    /// Its time divided by another's in the same round.
    fn ratio(&self, other: &Self) -> Spread {
        let rounds = self.timings.iter().zip(&other.timings);
        Spread::of(rounds.map(|(this, other)| this.median / other.median).collect())
    }

    fn entry(&self, engine: &Self) -> Entry {
        let outcome = Outcome::Measured {
            version: self.loaded.version.clone(),
            median_ms: Spread::of(self.timings.iter().map(|timing| timing.median).collect()),
            least_ms: self.timings.iter().map(|timing| timing.least).fold(f64::MAX, f64::min),
            ratio: self.ratio(engine),
            runs: self.timings.iter().map(|timing| timing.runs).sum(),
        };
        Entry { contender: self.contender, outcome }
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

/// Compares an output with the engine's.
fn check(expected: &[f32], found: &[f32]) -> Result<()> {
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
