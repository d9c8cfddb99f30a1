//! Evaluation of a network on examples, with any interpreter of its graph.

mod details;
mod losses;
mod outputs;
mod predictions;

use data::{Batch, Examples, Order};
use graph::{Array, Forward};
use report::{Details, Outcome};

use self::details::Collector;
#[cfg(feature = "torch")]
pub(crate) use self::details::makes_probabilities;
pub(crate) use self::losses::BatchLosses;
pub(crate) use self::losses::loss_of;
use self::predictions::{Predictions, no_outcome};
use crate::{Config, TaskInfo, TrainError};

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean loss of the targets, of which unknown ones do not count.
    pub loss: f64,
    /// Counts of classes or labels, or errors of values.
    pub outcome: Outcome,
    /// Curves, groups, baselines and the loss of each example; empty unless collected by
    /// [`evaluate_in_detail`].
    pub details: Details,
}

/// Runs a network in inference on all examples in order, in batches and with the loss of `config`. `forward` is any
/// interpreter of its graph, such as an engine or a reference to a `torch::Net`.
///
/// Errors of values are in the data's units. The loss is that of the normalized targets. Losses and metrics are computed
/// in f64 from the outputs, so that interpreters whose outputs are equal give equal evaluations.
///
/// # Errors
/// Data that cannot be read, inputs that the graph does not accept, or outputs that do not match the targets.
pub fn evaluate(
    mut forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let outcome = no_outcome(info, output_channels(&forward));
    let mut evaluation = Evaluation { loss: 0.0, outcome, details: Details::default() };
    evaluation.loss = run(&mut forward, examples, info, config, |results| {
        for example in 0..results.predictions.len() {
            results.predictions.count(example, &mut evaluation.outcome);
        }
        Ok(())
    })?;
    Ok(evaluation)
}

/// Evaluates like [`evaluate`], and collects what a report shows beside the outcome: the scores of the classes, the
/// outcome of each group, the outcomes of predictions without a model, and the loss of each example.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in_detail(
    mut forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let mut outcome = no_outcome(info, output_channels(&forward));
    let mut collector = Collector::new(forward.graph(), examples, info);
    let loss = run(&mut forward, examples, info, config, |results| {
        for example in 0..results.predictions.len() {
            results.predictions.count(example, &mut outcome);
        }
        collector.add(results);
        Ok(())
    })?;
    let details = collector.finish(&outcome);
    Ok(Evaluation { loss, outcome, details })
}

/// The results of a batch.
struct BatchResults<'a> {
    /// The main output, `[N, C, …]`.
    outputs: &'a Array,
    losses: &'a BatchLosses,
    predictions: &'a Predictions<'a>,
}

/// Runs the network on all batches. Returns the mean loss of the known targets.
fn run(
    forward: &mut dyn Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
    mut add: impl FnMut(&BatchResults<'_>) -> Result<(), TrainError>,
) -> Result<f64, TrainError> {
    let loss = loss_of(config, info.task);
    let (mut sum, mut count) = (0.0, 0);
    for batch in examples.batches(Order::InOrder, config.batch_size, 0) {
        let Batch { input, target, .. } = batch?;
        let outputs = forward.forward(std::slice::from_ref(&input))?.swap_remove(0);
        // The last batch may be smaller, and targets may be unknown.
        let losses = BatchLosses::of(loss, &outputs, &target)?;
        let (batch_sum, batch_count) = losses.sum();
        sum += batch_sum;
        count += batch_count;
        let predictions = Predictions::of(&outputs, &input, &target, info)?;
        add(&BatchResults { outputs: &outputs, losses: &losses, predictions: &predictions })?;
    }
    Ok(sum / f64::max(count as f64, 1.0))
}

/// The number of channels of the main output.
fn output_channels(forward: &impl Forward) -> usize {
    forward.graph().output_shape().channels
}
