//! Latency of the models on this machine, as built and merged.
//!
//! Every model is run on a real input, one sample at a time. The main figure is the ratio of the two
//! forms' times, measured in alternation; the times themselves are the machine's.

mod machine;
mod measure;
mod models;
mod report;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use graph::Graph;
use torch::Net;
use torch::tch::nn::VarStore;
use torch::tch::{self, Device, Tensor};

pub use machine::Machine;
pub use measure::{Budget, Latency, Spread, measure};
pub use models::{Input, MODELS, Model, matching};
pub use report::{Measured, Report};

/// A model ready to run.
#[derive(Debug)]
pub struct Prepared {
    /// As built, with initial weights: what they are does not change how long a pass takes.
    pub eager: Net,
    /// Merged.
    pub merged: Net,
    /// A batch of one.
    pub input: Tensor,
}

impl Prepared {
    /// Builds the model, merges it and reads its input.
    ///
    /// # Errors
    /// An input that cannot be read; a merged net that computes something else.
    pub fn new(model: &Model) -> Result<Self> {
        let input = torch::tensor(&model.input.read()?)?;
        let store = VarStore::new(Device::Cpu);
        let eager = Net::new(&store.root(), model.graph()?)?;
        let merged = eager.merged()?.net;
        Ok(Self { eager, merged, input })
    }
}

/// Measures the models and calls `tell` with what comes next.
///
/// # Errors
/// Names the model that cannot be prepared or run.
pub fn run(models: &[Model], budget: &Budget, mut tell: impl FnMut(&str)) -> Result<Report> {
    let machine = Machine::this();
    let mut measured = BTreeMap::new();
    for model in models {
        let mut one = || -> Result<Measured> {
            tell(&format!("{}: building and merging", model.name));
            // One thread waits for no other, also on a busy machine.
            tch::set_num_threads(1);
            let prepared = Prepared::new(model)?;
            let mut latency = BTreeMap::new();
            for &threads in &machine.threads {
                let plural = if threads == 1 { "" } else { "s" };
                tell(&format!("{}: measuring on {threads} thread{plural}", model.name));
                tch::set_num_threads(i32::try_from(threads)?);
                latency.insert(threads, measure(&prepared.eager, &prepared.merged, &prepared.input, budget)?);
            }
            let cost = prepared.eager.graph().cost()?;
            Ok(Measured {
                input: [1].into_iter().chain(model.input.shape().dims()).collect(),
                latency,
                macs: cost.macs,
                merged_parameters: trainable(prepared.merged.graph())?,
                parameters: cost.trainable,
            })
        };
        measured.insert(model.name, one().with_context(|| model.name)?);
    }
    Ok(Report { machine, models: measured })
}

/// How often [`run`] tells what comes next.
pub fn steps(models: &[Model]) -> usize {
    models.len() * (1 + Machine::this().threads.len())
}

fn trainable(graph: &Graph) -> Result<u64> {
    Ok(graph.cost()?.trainable)
}
