//! The task of a net, and the meaning of its inputs and outputs.

use data::Splits;
use model::{Model, Normalization, Task};

/// The task of a net, with what its inputs and outputs stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskInfo {
    /// The task.
    pub task: Task,
    /// The names of the classes; empty if the outputs are values.
    pub classes: Vec<String>,
    /// The names of the input channels; empty if they are unknown.
    pub channels: Vec<String>,
    /// The names of the outputs of a regression; empty if they are unknown.
    pub outputs: Vec<String>,
    /// The normalization of the inputs.
    pub normalization: Normalization,
    /// The normalization of the targets of a regression. `None` if they are in the data's units.
    pub target_normalization: Option<Normalization>,
}

impl TaskInfo {
    /// The task of a trained model, or `None` if the model's task is not known.
    pub fn of(model: &Model) -> Option<Self> {
        Some(Self {
            task: model.task?,
            classes: model.classes.clone(),
            channels: model.channels.clone(),
            outputs: model.outputs.clone(),
            normalization: model.normalization.clone(),
            target_normalization: model.target_normalization.clone(),
        })
    }

    /// The normalization of the outputs: that of the targets of a regression, or of the inputs for denoising.
    pub(crate) fn output_normalization(&self) -> Option<&Normalization> {
        match self.task {
            Task::Denoising => Some(&self.normalization),
            Task::Regression => self.target_normalization.as_ref(),
            Task::Classification | Task::MultiLabel | Task::Segmentation => None,
        }
    }

    /// Names for `count` output channels of values: those of the data, or otherwise `value_1`, `value_2`, …. Empty
    /// for a single output without a name.
    pub(crate) fn output_names(&self, count: usize) -> Vec<String> {
        let (names, noun) = match self.task {
            Task::Denoising => (&self.channels, "channel"),
            Task::Classification | Task::MultiLabel | Task::Segmentation | Task::Regression => {
                (&self.outputs, "value")
            }
        };
        if names.len() == count {
            return names.clone();
        }
        if count < 2 {
            return Vec::new();
        }
        (1..=count).map(|i| format!("{noun}_{i}")).collect()
    }
}

impl From<&Splits> for TaskInfo {
    fn from(splits: &Splits) -> Self {
        Self {
            task: splits.config.task,
            classes: splits.classes.clone(),
            channels: splits.channels.clone(),
            outputs: splits.outputs.clone(),
            normalization: splits.normalization.clone(),
            target_normalization: splits.target_normalization.clone(),
        }
    }
}
