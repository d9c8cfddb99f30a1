//! Evaluation of a network on examples, with any interpreter of its graph.

mod details;
mod exchange;
mod losses;
mod outputs;
mod predictions;

use data::{Batch, DataError, Examples, Order, Share};
use graph::{Array, Forward};
use report::{Details, Outcome};

use self::details::Collector;
#[cfg(feature = "torch")]
pub(crate) use self::details::makes_probabilities;
use self::exchange::{Computed, exchange};
pub(crate) use self::losses::BatchLosses;
pub(crate) use self::losses::loss_of;
use self::predictions::{Predictions, no_outcome};
use crate::communicator::common;
use crate::{Communicator, Config, SingleProcess, TaskInfo, TrainError};

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
    forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    evaluate_on_ranks(&SingleProcess, forward, examples, info, config)
}

/// Evaluates like [`evaluate`], on several ranks, of which each calls this function with the same network and examples.
/// The batches are dealt out to the ranks. All ranks return the evaluation, to the byte that of one process.
///
/// # Errors
/// As [`evaluate`]. If one rank has such an error, the others return [`TrainError::Rank`].
pub fn evaluate_on_ranks(
    ranks: &dyn Communicator,
    mut forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let outcome = no_outcome(info, output_channels(&forward));
    let mut evaluation = Evaluation { loss: 0.0, outcome, details: Details::default() };
    evaluation.loss = run(ranks, &mut forward, examples, info, config, |results| {
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
    forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    evaluate_in_detail_on_ranks(&SingleProcess, forward, examples, info, config)
}

/// Evaluates like [`evaluate_in_detail`], on several ranks, as [`evaluate_on_ranks`].
///
/// # Errors
/// As [`evaluate_on_ranks`].
pub fn evaluate_in_detail_on_ranks(
    ranks: &dyn Communicator,
    mut forward: impl Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let mut outcome = no_outcome(info, output_channels(&forward));
    let mut collector = Collector::new(forward.graph(), examples, info);
    let loss = run(ranks, &mut forward, examples, info, config, |results| {
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

/// Runs the network on all batches, of which each rank takes one at a time. Returns the mean loss of the known targets.
fn run(
    ranks: &dyn Communicator,
    forward: &mut dyn Forward,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
    mut add: impl FnMut(&BatchResults<'_>) -> Result<(), TrainError>,
) -> Result<f64, TrainError> {
    let loss = loss_of(config, info.task);
    let (mut sum, mut count) = (0.0, 0);
    let share = Share { index: ranks.rank(), count: ranks.size() };
    let mut batches = examples.batches_dealt(Order::InOrder, config.batch_size, share);
    for _ in 0..examples.batch_count(config.batch_size).div_ceil(ranks.size()) {
        let own = batches.next().map(|batch| compute(forward, batch)).transpose();
        for Computed { outputs, input, target } in exchange(ranks, info.task, own)? {
            // The last batch may be smaller, and targets may be unknown.
            let losses = BatchLosses::of(loss, &outputs, &target).map_err(|error| common(ranks, error))?;
            let (batch_sum, batch_count) = losses.sum();
            sum += batch_sum;
            count += batch_count;
            let predictions =
                Predictions::of(&outputs, &input, &target, info).map_err(|error| common(ranks, error))?;
            add(&BatchResults { outputs: &outputs, losses: &losses, predictions: &predictions })?;
        }
    }
    Ok(sum / f64::max(count as f64, 1.0))
}

fn compute(forward: &mut dyn Forward, batch: Result<Batch, DataError>) -> Result<Computed, TrainError> {
    let Batch { input, target } = batch?;
    let outputs = forward.forward(std::slice::from_ref(&input))?.swap_remove(0);
    Ok(Computed { outputs, input, target })
}

/// The number of channels of the main output.
fn output_channels(forward: &impl Forward) -> usize {
    forward.graph().output_shape().channels
}
