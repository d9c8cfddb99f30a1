//! The details of an evaluation, for a report.

use data::{Examples, MASKED};
use graph::{Activation, Array, Graph, Op};
use model::Task;
use report::{Baseline, Confusion, Details, Outcome, Scores};

use super::BatchResults;
use super::outputs::{Outputs, sigmoid};
use super::predictions::{Predictions, Values, index, no_outcome};
use crate::TaskInfo;

/// Whether the results of an operation are probabilities.
pub(crate) fn makes_probabilities(op: &Op) -> bool {
    matches!(op, Op::Softmax | Op::Activation(Activation::Sigmoid | Activation::HardSigmoid))
}

/// Collects the details of an evaluation batch by batch.
pub(super) struct Collector<'a> {
    examples: &'a Examples,
    info: &'a TaskInfo,
    /// Whether the net's outputs are probabilities instead of logits.
    has_probabilities: bool,
    details: Details,
    /// An outcome without any predictions so far.
    nothing: Outcome,
    /// The outcome of the predictions without a model that each example is compared with.
    baseline: Outcome,
}

impl<'a> Collector<'a> {
    pub(super) fn new(graph: &Graph, examples: &'a Examples, info: &'a TaskInfo) -> Self {
        let output = graph.node(graph.main_output().value);
        let nothing = no_outcome(info, output.shape.channels);
        let classes = info.classes.len();
        let scored = if classes <= Details::MOST_CLASSES { classes } else { 0 };
        Self {
            examples,
            info,
            has_probabilities: makes_probabilities(&output.op),
            details: Details { scores: vec![Scores::new(); scored], ..Details::default() },
            baseline: nothing.clone(),
            nothing,
        }
    }

    /// Adds the examples of the next batch.
    pub(super) fn add(&mut self, results: &BatchResults<'_>) {
        let first = self.details.losses.len();
        for example in 0..results.predictions.len() {
            if let Some(group) = self.examples.group(first + example) {
                let outcome =
                    self.details.groups.entry(group.to_owned()).or_insert_with(|| self.nothing.clone());
                results.predictions.count(example, outcome);
            }
        }
        self.details.losses.extend(results.losses.of_examples());
        match results.predictions {
            Predictions::Classes { truths, .. } => self.add_classes(results.outputs, truths),
            Predictions::Labels { truths, .. } => self.add_labels(results.outputs, truths),
            Predictions::Values(values) => self.add_values(values),
        }
    }

    fn add_classes(&mut self, outputs: &Array, truths: &[i64]) {
        if self.details.scores.is_empty() {
            return;
        }
        let outputs = Outputs::of(outputs);
        for (position, truth) in truths.iter().enumerate() {
            if *truth == MASKED {
                continue;
            }
            let probabilities = self.probabilities(&outputs, position);
            for (class, (scores, probability)) in
                self.details.scores.iter_mut().zip(probabilities).enumerate()
            {
                scores.add(graph::single(probability), index(*truth) == class);
            }
        }
    }

    fn add_labels(&mut self, outputs: &Array, truths: &[Vec<bool>]) {
        if let Outcome::Labels(counts) = &mut self.baseline {
            for truth in truths {
                counts.add(truth, &vec![true; truth.len()]);
            }
        }
        let outputs = Outputs::of(outputs);
        for (example, truth) in truths.iter().enumerate() {
            let probabilities = self.probabilities(&outputs, example);
            for ((scores, probability), truth) in self.details.scores.iter_mut().zip(probabilities).zip(truth)
            {
                scores.add(graph::single(probability), *truth);
            }
        }
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

    /// The probability of each class at a position. A single output is the probability of the second of two classes.
    fn probabilities(&self, outputs: &Outputs<'_>, position: usize) -> Vec<f64> {
        let is_multi_label = self.info.task == Task::MultiLabel;
        let is_single = !is_multi_label && outputs.channels() == 1;
        let mut probabilities = Vec::with_capacity(outputs.channels());
        if self.has_probabilities {
            outputs.column(position, &mut probabilities);
        } else if is_single || is_multi_label {
            outputs.column(position, &mut probabilities);
            for probability in &mut probabilities {
                *probability = sigmoid(*probability);
            }
        } else {
            outputs.softmax(position, &mut probabilities);
        }
        match probabilities[..] {
            [second] if is_single => vec![1.0 - second, second],
            _ => probabilities,
        }
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
