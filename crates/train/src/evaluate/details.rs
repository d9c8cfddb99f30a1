//! The details of an evaluation, for a report.

use data::{Examples, MASKED};
use graph::Graph;
use model::Task;
use report::{Baseline, Confusion, Details, Outcome, Scores};
use torch::tch::{Kind, Tensor};

use super::BatchResults;
use super::predictions::{Predictions, Values, index, no_outcome};
use crate::compatibility::makes_probabilities;
use crate::loss::losses_of_examples;
use crate::{LossConfig, TaskInfo, TrainError};

/// Collects the details of an evaluation batch by batch.
pub(super) struct Collector<'a> {
    examples: &'a Examples,
    info: &'a TaskInfo,
    loss: LossConfig,
    /// Whether the net's outputs are probabilities instead of logits.
    has_probabilities: bool,
    details: Details,
    /// An outcome without any predictions so far.
    nothing: Outcome,
    /// The outcome of the predictions without a model that each example is compared with.
    baseline: Outcome,
}

impl<'a> Collector<'a> {
    pub(super) fn new(graph: &Graph, examples: &'a Examples, info: &'a TaskInfo, loss: LossConfig) -> Self {
        let output = graph.node(graph.main_output().value);
        let nothing = no_outcome(info, output.shape.channels);
        let classes = info.classes.len();
        let scored = if classes <= Details::MOST_CLASSES { classes } else { 0 };
        Self {
            examples,
            info,
            loss,
            has_probabilities: makes_probabilities(&output.op),
            details: Details { scores: vec![Scores::new(); scored], ..Details::default() },
            baseline: nothing.clone(),
            nothing,
        }
    }

    /// Adds the examples of the next batch.
    pub(super) fn add(&mut self, results: &BatchResults<'_>) -> Result<(), TrainError> {
        let first = self.details.losses.len();
        for example in 0..results.predictions.len() {
            if let Some(group) = self.examples.group(first + example) {
                let outcome =
                    self.details.groups.entry(group.to_owned()).or_insert_with(|| self.nothing.clone());
                results.predictions.count(example, outcome);
            }
        }
        self.details.losses.extend(losses_of_examples(results.outputs, &results.pair.target, self.loss)?);
        match results.predictions {
            Predictions::Classes { truths, .. } => self.add_classes(results.outputs, truths),
            Predictions::Labels { truths, .. } => self.add_labels(results.outputs, truths),
            Predictions::Values(values) => {
                self.add_values(values);
                Ok(())
            }
        }
    }

    fn add_classes(&mut self, outputs: &Tensor, truths: &[i64]) -> Result<(), TrainError> {
        if self.details.scores.is_empty() {
            return Ok(());
        }
        let classes = self.details.scores.len();
        // `[N, classes, positions]`, beside `[N, positions]` truths.
        let probabilities = self.probabilities(outputs)?;
        let positions: usize = outputs.size()[2..].iter().map(|size| index(*size)).product();
        for (i, truth) in truths.iter().enumerate() {
            if *truth == MASKED {
                continue;
            }
            let (example, position) = (i / positions, i % positions);
            for (class, scores) in self.details.scores.iter_mut().enumerate() {
                let probability = probabilities[(example * classes + class) * positions + position];
                scores.add(probability, index(*truth) == class);
            }
        }
        Ok(())
    }

    fn add_labels(&mut self, outputs: &Tensor, truths: &[Vec<bool>]) -> Result<(), TrainError> {
        if let Outcome::Labels(counts) = &mut self.baseline {
            for truth in truths {
                counts.add(truth, &vec![true; truth.len()]);
            }
        }
        if self.details.scores.is_empty() {
            return Ok(());
        }
        let labels = self.details.scores.len();
        let probabilities = self.probabilities(outputs)?;
        for (truth, probabilities) in truths.iter().zip(probabilities.chunks(labels)) {
            for (i, scores) in self.details.scores.iter_mut().enumerate() {
                scores.add(probabilities[i], truth[i]);
            }
        }
        Ok(())
    }

    fn add_values(&mut self, values: &[Values]) {
        let Outcome::Values(errors) = &mut self.baseline else { return };
        for Values { input, target, .. } in values {
            match (input, &self.info.target_normalization) {
                (Some(input), _) if input.len() == target.len() => errors.add(None, target, input),
                (None, Some(normalization)) => {
                    // The mean of the training targets is 0 before its normalization is undone.
                    errors.add(None, target, &normalization.invert(&vec![0.0; target.len()]));
                }
                (Some(_), _) | (None, None) => {}
            }
        }
    }

    /// The probability of each class, in the order of `[N, classes, …]`. A single output is the probability of the
    /// second of two classes.
    fn probabilities(&self, outputs: &Tensor) -> Result<Vec<f32>, TrainError> {
        let outputs = outputs.f_to_kind(Kind::Float)?;
        let is_multi_label = self.info.task == Task::MultiLabel;
        let is_single = !is_multi_label && outputs.size()[1] == 1;
        let mut probabilities = if self.has_probabilities {
            outputs
        } else if is_single || is_multi_label {
            outputs.f_sigmoid()?
        } else {
            outputs.f_softmax(1, Kind::Float)?
        };
        if is_single {
            let others = probabilities.f_neg()?.f_add_scalar(1.0)?;
            probabilities = Tensor::f_cat(&[&others, &probabilities], 1)?;
        }
        Ok(Vec::<f32>::try_from(&probabilities.f_reshape([-1])?)?)
    }

    /// The details, given the outcome of the net.
    pub(super) fn finish(self, outcome: &Outcome) -> Details {
        let Self { info, mut details, baseline, .. } = self;
        details.baselines = baselines(info, outcome, baseline);
        details
    }
}

/// The outcomes of predictions without a model, of which `baseline` has been counted.
fn baselines(info: &TaskInfo, outcome: &Outcome, baseline: Outcome) -> Vec<Baseline> {
    let most_frequent = |confusion: &Confusion| -> Option<(String, Confusion)> {
        let class = confusion.majority()?;
        let name = format!("most frequent class ({})", info.classes[class]);
        Some((name, confusion.always(class)))
    };
    let named = match (outcome, baseline) {
        (Outcome::Classes(confusion), _) => {
            most_frequent(confusion).map(|(name, always)| (name, Outcome::Classes(always)))
        }
        (Outcome::Positions(confusion), _) => {
            most_frequent(confusion).map(|(name, always)| (name, Outcome::Positions(always)))
        }
        (Outcome::Labels(_), baseline) => Some(("every label".to_owned(), baseline)),
        (Outcome::Values(_), Outcome::Values(errors)) if errors.values() > 0 => {
            let name =
                if info.task == Task::Denoising { "noisy input" } else { "mean of the training targets" };
            Some((name.to_owned(), Outcome::Values(errors)))
        }
        (Outcome::Values(_), _) => None,
    };
    named.into_iter().map(|(name, outcome)| Baseline { name, outcome }).collect()
}
