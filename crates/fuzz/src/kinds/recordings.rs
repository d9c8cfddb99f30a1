//! Files of recordings: read as inputs of predictions, and opened as the data of every task.

use std::path::{Path, PathBuf};

use data::{
    Config, DataError, File, Missing, Order, Pad, Split, Splits, Task, Validation, WindowConfig, read_inputs,
};
use graph::Shape;

use crate::outcome::Outcome;

pub(crate) const TASKS: [Task; 5] =
    [Task::Classification, Task::MultiLabel, Task::Segmentation, Task::Regression, Task::Denoising];

/// A folder in which every case writes its file.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        // If the disk is full, every case is refused.
        let _ = std::fs::write(&path, bytes);
        path
    }
}

/// Reads a file as inputs of a network.
pub(crate) fn inputs(outcome: &mut Outcome, path: &Path, input: &Shape) {
    let recordings = outcome.result(read_inputs(path, input));
    for recording in recordings.iter().flatten() {
        let is_finite = recording.input.data().iter().all(|value| value.is_finite());
        outcome.require(is_finite, "inputs that were read are finite");
        outcome.require(recording.input.shape().first() == Some(&input.channels), "inputs have the channels");
    }
}

/// Opens a file as the data of every task, and makes the first and the last example.
pub(crate) fn tasks(outcome: &mut Outcome, path: &Path, file: &File, input: &Shape) {
    for task in TASKS {
        let mut config = Config::new(task);
        config.train = Split(vec![File { file: path.to_owned(), ..file.clone() }]);
        config.test = Some(config.train.clone());
        config.allow_overlap = true;
        config.threads = Some(1);
        if let [length] = input.space[..] {
            config.window = Some(WindowConfig { length, step: Some(length / 2), evaluation_step: None });
        }
        if task == Task::Regression {
            config.validation = Some(Validation::Share(0.5));
        }
        if task == Task::Segmentation {
            config.missing = Missing::Interpolate;
            config.pad = if input.rank() == 1 { Some(Pad::Edge) } else { None };
        }
        open(outcome, config.open(input, Path::new("")));
    }
}

/// Makes examples of opened splits.
pub(crate) fn open(outcome: &mut Outcome, splits: Result<Splits, DataError>) {
    let Some(splits) = outcome.result(splits) else { return };
    for examples in
        [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()].into_iter().flatten()
    {
        outcome.require(!examples.is_empty(), "a split that was opened has an example");
        for index in [0, examples.len().saturating_sub(1)] {
            for order in [Order::InOrder, Order::Shuffled { seed: 1, epoch: 2 }] {
                let example = outcome.part(examples.example(index, order));
                let is_finite =
                    example.is_none_or(|example| example.input.data().iter().all(|value| value.is_finite()));
                outcome.require(is_finite, "an example is finite");
            }
        }
    }
}
