//! The predictions of a batch beside the truth.

use data::{MASKED, Targets};
use graph::{Array, FieldError};
use model::Task;
use report::{Confusion, Errors, LabelCounts, Outcome};

use super::outputs::Outputs;
use crate::{TaskInfo, TrainError};

/// The predictions of a batch beside the truth.
pub(super) enum Predictions<'a> {
    /// Classes, of which each example has an equal number.
    Classes {
        /// The true classes, or [`MASKED`].
        truths: &'a [i64],
        predicted: Vec<usize>,
        /// The number of examples.
        count: usize,
    },
    /// Labels of each example.
    Labels { truths: &'a [Vec<bool>], predicted: Vec<Vec<bool>> },
    /// Values of each example in the data's units.
    Values(Vec<Values>),
}

/// Values of one example in the data's units. Unknown targets are NaN.
pub(super) struct Values {
    /// The signal before denoising.
    pub(super) input: Option<Vec<f64>>,
    pub(super) target: Vec<f64>,
    pub(super) predicted: Vec<f64>,
}

/// An outcome without any predictions so far, for a net with `outputs` output channels.
pub(super) fn no_outcome(info: &TaskInfo, outputs: usize) -> Outcome {
    match info.task {
        Task::Classification => Outcome::Classes(Confusion::new(info.classes.clone())),
        Task::Segmentation => Outcome::Positions(Confusion::new(info.classes.clone())),
        Task::MultiLabel => Outcome::Labels(LabelCounts::new(info.classes.clone())),
        Task::Regression | Task::Denoising => Outcome::Values(Errors::of_outputs(info.output_names(outputs))),
    }
}

impl<'a> Predictions<'a> {
    /// The predictions of outputs, for a batch of these inputs and targets.
    pub(super) fn of(
        outputs: &Array,
        inputs: &Array,
        targets: &'a Targets,
        info: &TaskInfo,
    ) -> Result<Self, TrainError> {
        match (info.task, targets) {
            (Task::Classification, Targets::Classes(truths))
            | (Task::Segmentation, Targets::Positions { classes: truths, .. }) => {
                let count = inputs.shape().first().copied().unwrap_or(0);
                let outputs = Outputs::of(outputs);
                let predicted = (0..outputs.columns()).map(|position| outputs.class(position)).collect();
                Ok(Self::Classes { truths, predicted, count })
            }
            (Task::MultiLabel, Targets::Labels(truths)) => {
                let labels = |row: &[f32]| row.iter().map(|logit| *logit > 0.0).collect();
                Ok(Self::Labels { truths, predicted: rows(outputs).map(labels).collect() })
            }
            (Task::Regression | Task::Denoising, Targets::Values(targets)) => {
                Ok(Self::Values(values(outputs, targets, inputs, info)))
            }
            _ => {
                let expected = format!("targets for {}", info.task);
                let found = "those of another task";
                Err(TrainError::Mismatch(FieldError::expected("data.task", expected, found)))
            }
        }
    }

    /// Counts one example.
    pub(super) fn count(&self, example: usize, outcome: &mut Outcome) {
        match (self, outcome) {
            (
                Self::Classes { truths, predicted, count },
                Outcome::Classes(confusion) | Outcome::Positions(confusion),
            ) => {
                let each = truths.len() / (*count).max(1);
                let range = example * each..(example + 1) * each;
                for (truth, predicted) in truths[range.clone()].iter().zip(&predicted[range]) {
                    if *truth != MASKED {
                        confusion.add(index(*truth), *predicted);
                    }
                }
            }
            (Self::Labels { truths, predicted }, Outcome::Labels(counts)) => {
                counts.add(&truths[example], &predicted[example]);
            }
            (Self::Values(values), Outcome::Values(errors)) => {
                let Values { input, target, predicted } = &values[example];
                errors.add(input.as_deref(), target, predicted);
            }
            // An outcome is made for the task of the predictions.
            (Self::Classes { .. } | Self::Labels { .. } | Self::Values(_), _) => {}
        }
    }

    /// The number of examples.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Classes { count, .. } => *count,
            Self::Labels { predicted, .. } => predicted.len(),
            Self::Values(values) => values.len(),
        }
    }
}

/// The index of a class that is known.
pub(super) fn index(class: i64) -> usize {
    usize::try_from(class).unwrap_or(0)
}

fn values(outputs: &Array, targets: &Array, inputs: &Array, info: &TaskInfo) -> Vec<Values> {
    let in_data_units = |values: &[f32]| -> Vec<f64> {
        match info.output_normalization() {
            Some(normalization) => normalization.invert(values),
            None => values.iter().copied().map(f64::from).collect(),
        }
    };
    let pairs = rows(outputs).zip(rows(targets)).zip(rows(inputs));
    let values = pairs.map(|((output, target), input)| Values {
        // Only the inputs of denoising have the units of the outputs.
        input: if info.task == Task::Denoising { Some(in_data_units(input)) } else { None },
        target: in_data_units(target),
        predicted: in_data_units(output),
    });
    values.collect()
}

/// The values of each example of a batch `[N, …]`.
pub(super) fn rows(batch: &Array) -> std::slice::Chunks<'_, f32> {
    let count = batch.shape().first().copied().unwrap_or(1).max(1);
    batch.data().chunks((batch.data().len() / count).max(1))
}
