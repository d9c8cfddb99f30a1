//! Evaluation of a net on examples.

mod details;
mod predictions;

use data::{Batch, Examples, MASKED, Order, Targets};
use graph::Array;
use report::{Details, Outcome};
use torch::Net;
use torch::tch::{Tensor, no_grad};

use self::details::Collector;
use self::predictions::{Predictions, no_outcome};
use crate::loss::{loss, loss_of};
use crate::tensors::{Pair, tensor};
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

/// Runs `net` in inference on all examples in order, in batches and with the loss of `config`.
///
/// Errors of values are in the data's units. The loss is that of the normalized targets.
///
/// # Errors
/// Data that cannot be read, or outputs that do not match the targets.
pub fn evaluate(
    net: &Net,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let outcome = no_outcome(info, output_channels(net));
    let mut evaluation = Evaluation { loss: 0.0, outcome, details: Details::default() };
    evaluation.loss = run(net, examples, info, config, |results| {
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
    net: &Net,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let mut outcome = no_outcome(info, output_channels(net));
    let mut collector = Collector::new(net.graph(), examples, info, loss_of(config, info.task));
    let loss = run(net, examples, info, config, |results| {
        for example in 0..results.predictions.len() {
            results.predictions.count(example, &mut outcome);
        }
        collector.add(results)
    })?;
    let details = collector.finish(&outcome);
    Ok(Evaluation { loss, outcome, details })
}

/// The outputs of `net` in inference for a batch of normalized inputs `[N, C, …]`.
///
/// # Errors
/// Inputs that the net refuses.
pub fn predict(net: &Net, inputs: &Array) -> Result<Array, TrainError> {
    no_grad(|| {
        let outputs = net.run(&tensor(inputs, net.device())?, false)?;
        Ok(torch::array(&outputs)?)
    })
}

/// The results of a batch.
struct BatchResults<'a> {
    pair: &'a Pair,
    outputs: &'a Tensor,
    predictions: &'a Predictions<'a>,
}

/// Runs `net` on all batches. Returns the mean loss of the known targets.
fn run(
    net: &Net,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
    mut add: impl FnMut(&BatchResults<'_>) -> Result<(), TrainError>,
) -> Result<f64, TrainError> {
    let loss_config = loss_of(config, info.task);
    let (mut losses, mut weights) = (0.0, 0.0);
    for batch in examples.batches(Order::InOrder, config.batch_size, 0) {
        let batch = batch?;
        let pair = Pair::new(&batch, net.device())?;
        no_grad(|| {
            let outputs = net.run(&pair.input, false)?;
            // The last batch may be smaller, and targets may be unknown.
            let weight = known_targets(&batch) as f64;
            losses += weight * loss(&outputs, &pair.target, None, loss_config)?.f_double_value(&[])?;
            weights += weight;
            let predictions = Predictions::of(&outputs, &batch, info)?;
            add(&BatchResults { pair: &pair, outputs: &outputs, predictions: &predictions })
        })?;
    }
    Ok(losses / f64::max(weights, 1.0))
}

/// The number of targets that count in the loss.
fn known_targets(batch: &Batch) -> usize {
    match &batch.target {
        Targets::Classes(classes) | Targets::Positions { classes, .. } => {
            classes.iter().filter(|class| **class != MASKED).count()
        }
        Targets::Labels(labels) => labels.len(),
        Targets::Values(values) => values.data().iter().filter(|value| !value.is_nan()).count(),
    }
}

/// The number of channels of a net's main output.
fn output_channels(net: &Net) -> usize {
    let graph = net.graph();
    graph.output_shape().channels
}
