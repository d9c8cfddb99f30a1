//! Latency of the models on this machine, as built and merged on libtorch, and on the engine.
//!
//! Every model runs on a real input, one sample at a time. The main result is the ratio of the two
//! forms' times, measured in alternation; the times themselves depend on the machine.

mod engine_run;
mod machine;
mod measure;
mod models;
mod peak;
mod report;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use engine::{Engine, Options};
use graph::Graph;
use model::Model;
use torch::Net;
use torch::tch::nn::VarStore;
use torch::tch::{self, Device, Tensor};

pub use engine_run::{EngineRun, engine_options};
pub use machine::Machine;
pub(crate) use measure::median;
pub use measure::{Budget, Latency, Spread, measure};
pub use models::{BenchSubject, Input, MODELS, matching};
pub use peak::measure as measure_peak;
pub(crate) use report::bytes;
pub use report::{Measurement, Report};

/// A model ready to run.
#[derive(Debug)]
pub struct Prepared {
    /// The network as built, with initial weights; their values do not affect the latency.
    pub eager: Net,
    /// The merged network.
    pub merged: Net,
    /// Input with a batch size of one.
    pub input: Tensor,
    /// The values of the input.
    values: Vec<f32>,
    model: Model,
}

impl Prepared {
    /// Builds the model, merges it and reads its input.
    ///
    /// # Errors
    /// If the input cannot be read, or the merged network computes something else.
    pub fn new(model: &BenchSubject) -> Result<Self> {
        let array = model.input.read()?;
        let store = VarStore::new(Device::Cpu);
        let eager = Net::new(&store.root(), model.graph()?)?;
        let merged = eager.merged()?.net;
        let model = Model::new(eager.graph().clone(), eager.weights());
        Ok(Self { eager, merged, input: torch::tensor(&array)?, values: array.data().to_vec(), model })
    }

    /// The network on the engine with this number of threads.
    ///
    /// # Errors
    /// If the engine does not accept the input.
    pub fn engine(&self, threads: usize) -> Result<EngineRun> {
        EngineRun::new(&Engine::new(&self.model, engine_options(threads))?, self.values.clone())
    }

    /// Bytes of the engine's weights and of its arena.
    ///
    /// # Errors
    /// If the engine does not accept the input.
    pub fn memory(&self) -> Result<[usize; 2]> {
        let engine = Engine::new(&self.model, Options::default())?;
        let run = EngineRun::new(&engine, self.values.clone())?;
        Ok([engine.weight_bytes(), run.arena_bytes()])
    }
}

/// Measures the models, and calls `tell` with a line of progress before each step.
///
/// # Errors
/// If a model cannot be prepared or run; names the model.
pub fn run(models: &[BenchSubject], budget: &Budget, mut tell: impl FnMut(&str)) -> Result<Report> {
    let machine = Machine::this();
    let mut measured = BTreeMap::new();
    for model in models {
        let measurement = measure_model(model, &machine.threads, budget, &mut tell);
        measured.insert(model.name, measurement.with_context(|| model.name)?);
    }
    Ok(Report { machine, models: measured, peak_gflops: measure_peak() / 1e9 })
}

fn measure_model(
    model: &BenchSubject,
    thread_counts: &[usize],
    budget: &Budget,
    tell: &mut impl FnMut(&str),
) -> Result<Measurement> {
    tell(&format!("{}: building and merging", model.name));
    // A single thread does not wait for others on a busy machine.
    tch::set_num_threads(1);
    let prepared = Prepared::new(model)?;
    let mut latency = BTreeMap::new();
    for &threads in thread_counts {
        let plural = if threads == 1 { "" } else { "s" };
        tell(&format!("{}: measuring on {threads} thread{plural}", model.name));
        tch::set_num_threads(i32::try_from(threads)?);
        latency.insert(threads, measure(&prepared, threads, budget)?);
    }
    let cost = prepared.eager.graph().cost()?;
    let mut input = vec![1];
    input.extend(model.input.shape().dims());
    Ok(Measurement {
        input,
        latency,
        macs: cost.macs,
        memory: prepared.memory()?,
        merged_parameters: trainable(prepared.merged.graph())?,
        parameters: cost.trainable,
    })
}

/// Number of lines of progress that [`run`] reports.
pub fn steps(models: &[BenchSubject]) -> usize {
    models.len() * (1 + Machine::this().threads.len())
}

fn trainable(graph: &Graph) -> Result<u64> {
    Ok(graph.cost()?.trainable)
}
