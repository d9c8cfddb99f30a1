//! Training in several processes.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use torch::tch;
use train::Communicator;

use super::Network;
use super::ours::{WARM_UP_STEPS, network, trainer};

/// Times that the sum over all processes is measured.
const SUMS: usize = 20;

/// The report of the first process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RanksReport {
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Samples that all processes together trained on per second.
    pub samples_per_second: f64,
    /// Seconds to sum as many numbers as there are parameters over all processes.
    pub sum_seconds: f64,
}

/// Trains a network on one batch of this size, which the processes share, for about `seconds` seconds, with one thread in
/// each process.
///
/// # Errors
/// If `name` is not in [`NETWORKS`](super::NETWORKS), or training fails.
pub fn on_ranks(
    name: &str,
    batch: i64,
    seconds: f64,
    communicator: &Arc<dyn Communicator>,
) -> Result<RanksReport> {
    let network = &Network { batch, ..*network(name)? };
    tch::set_num_threads(1);
    torch::keep_freed_memory();
    let (trainer, parameters) = trainer(network)?;
    let mut trainer = trainer.on_ranks(Arc::clone(communicator))?;
    for _ in 0..WARM_UP_STEPS {
        trainer.step()?;
    }
    let start = Instant::now();
    trainer.step()?;
    // The number of the first process, because all must take equally many steps.
    let steps = (seconds / start.elapsed().as_secs_f64()).ceil().to_le_bytes();
    let steps = communicator.gather(&steps)[0].as_slice().try_into().map_or(1.0, f64::from_le_bytes);
    let (start, mut taken) = (Instant::now(), 0.0);
    while taken < steps {
        trainer.step()?;
        taken += 1.0;
    }
    let samples_per_second = taken * network.batch as f64 / start.elapsed().as_secs_f64();
    let mut numbers = vec![1.0f32; usize::try_from(parameters)?];
    let start = Instant::now();
    for _ in 0..SUMS {
        communicator.sum(&mut numbers);
    }
    let sum_seconds = start.elapsed().as_secs_f64() / SUMS as f64;
    Ok(RanksReport { parameters, samples_per_second, sum_seconds })
}
