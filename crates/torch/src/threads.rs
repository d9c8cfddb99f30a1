//! The number of threads for a network.

use graph::Graph;

use crate::TorchError;

/// Multiply-adds of a batch in a layer, on average, below which a second thread costs more than it
/// saves: it waits, and for long on a busy machine.
const WORTH_SHARING: f64 = 2e6;

/// Whether one thread runs batches of `batch` samples as fast as several.
///
/// # Errors
/// A graph so large that its cost cannot be counted.
pub fn suits_one_thread(graph: &Graph, batch: usize) -> Result<bool, TorchError> {
    let macs = graph.cost()?.macs;
    Ok(macs as f64 * batch as f64 / (graph.nodes().len() as f64) < WORTH_SHARING)
}
