//! Training with this project, in one process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use data::{Memory, Normalize, Recording, Sources, Splits, Target, Task};
use factory::Factory;
use graph::{Array, Graph};
use torch::tch::{self, Device};
use train::{Config, ScheduleConfig, Trainer};

use super::{NETWORKS, Network, PeerReport};

/// Warm-up steps, which are not measured.
pub(super) const WARM_UP_STEPS: usize = 3;
/// Minimum number of measured steps.
const LEAST_STEPS: usize = 3;

/// Trains the network on one batch for about `seconds` seconds.
///
/// # Errors
/// If `name` is not in [`NETWORKS`], or training fails.
pub fn ours(name: &str, threads: usize, seconds: f64) -> Result<PeerReport> {
    let network = network(name)?;
    tch::set_num_threads(i32::try_from(threads)?);
    torch::keep_freed_memory();
    let (mut trainer, parameters) = trainer(network)?;
    let mut step = || trainer.step();
    for _ in 0..WARM_UP_STEPS {
        step()?;
    }
    let (start, mut steps) = (Instant::now(), 0);
    while steps < LEAST_STEPS || start.elapsed() < Duration::from_secs_f64(seconds) {
        step()?;
        steps += 1;
    }
    let samples = steps as f64 * network.batch as f64;
    Ok(PeerReport { parameters, samples_per_second: samples / start.elapsed().as_secs_f64() })
}

/// The network of a name.
pub(super) fn network(name: &str) -> Result<&'static Network> {
    let network = NETWORKS.iter().find(|network| network.name == name);
    network.with_context(|| format!("unknown network `{name}`"))
}

/// A trainer of the network on one batch, and the number of its trained parameters.
pub(super) fn trainer(network: &Network) -> Result<(Trainer, u64)> {
    let (factory, config) = (Factory::builtin(), network.config);
    let model = if config.contains('\n') { factory.build(config) } else { factory.build_ready(config) };
    let graph = model?.graph;
    let parameters = graph.cost()?.trainable;
    let splits = splits(&graph, usize::try_from(network.batch)?)?;
    // More epochs of one batch than the time allows; the optimizer has the settings of `peers/measure.py`.
    let config = Config {
        epochs: 1 << 24,
        batch_size: usize::try_from(network.batch)?,
        learning_rate: 1e-3,
        weight_decay: 0.01,
        schedule: ScheduleConfig::Constant,
        ..Config::default()
    };
    Ok((Trainer::new(graph, &splits, config, 0, Device::Cpu)?, parameters))
}

/// The examples of the batch in `peers/measure.py`.
fn splits(graph: &Graph, samples: usize) -> Result<Splits> {
    let (_, input) = graph.inputs().next().context("the graph has no input")?;
    let output = graph.output_shape();
    let (elements, positions) = (input.shape.elements(), output.space.iter().product::<usize>());
    let value = |i: usize| (i * 7919 % 2001) as f32 / 1000.0 - 1.0;
    let class = |i: usize| i * 31 % output.channels;
    let recording = |sample: usize| {
        Recording::new(
            format!("sample {sample}"),
            Array::from_fn(input.shape.dims(), |i| value(sample * elements + i)),
            match output.rank() {
                0 => Target::Class(class(sample)),
                _ => Target::Positions((0..positions).map(|i| Some(class(sample * positions + i))).collect()),
            },
        )
    };
    let classes = (0..output.channels).map(|class| class.to_string()).collect();
    let train =
        Arc::new(Memory { classes, recordings: (0..samples).map(recording).collect(), ..Memory::default() });
    let task = if output.rank() == 0 { Task::Classification } else { Task::Segmentation };
    let config = data::Config { normalize: Normalize::None, threads: Some(1), ..data::Config::new(task) };
    Ok(Splits::of(&config, &input.shape, Sources { train, validation: None, test: None })?)
}
