//! Examples, their targets, and batches.

use graph::{Array, Shape};

use crate::{DataError, Task};

/// The class of a position without a label, in a [`Positions`](Targets::Positions) target.
pub const MASKED: i64 = -1;

/// The order of examples, and whether they are augmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// For evaluation: the order of the recordings, without augmentation. Added noise depends only on the
    /// index.
    InOrder,
    /// For training: a random order, with augmentation. Each example depends only on seed, epoch and index.
    Shuffled {
        /// The seed of all randomness.
        seed: u64,
        /// The number of the pass over the examples, from 0.
        epoch: u64,
    },
}

/// One example.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The origin of its recording.
    pub origin: String,
    /// The group of its recording, if any.
    pub group: Option<String>,
    /// The first sample of the window in its recording, or 0 if there are no windows.
    pub start: usize,
    /// `[C, T]` or `[C, H, W]`, normalized.
    pub input: Array,
    /// The target of the network's output.
    pub target: ExampleTarget,
}

/// The target of one example.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleTarget {
    /// A class.
    Class(i64),
    /// A class for each of `T` samples or `H * W` pixels, or [`MASKED`] if it is unknown.
    Positions(Vec<i64>),
    /// For each class, whether the example belongs to it.
    Labels(Vec<bool>),
    /// The numbers `[K]` of a regression, or a signal `[C, T]` or `[C, H, W]`.
    Values(Array),
}

/// The targets of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each example, `[N]`.
    Classes(Vec<i64>),
    /// A class for each position, or [`MASKED`] if it is unknown.
    Positions {
        /// `[N, T]` or `[N, H, W]`.
        shape: Vec<usize>,
        /// The classes, with the last axis varying fastest.
        classes: Vec<i64>,
    },
    /// For each example and class, whether the example belongs to the class, `[N, classes]`.
    Labels(Vec<Vec<bool>>),
    /// Numbers `[N, K]`, or signals `[N, C, T]` or `[N, C, H, W]`.
    Values(Array),
}

/// A batch of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `[N, C, T]` or `[N, C, H, W]`.
    pub input: Array,
    /// The targets of the network's output.
    pub target: Targets,
}

impl Batch {
    /// Stacks examples for `task` and a network with this input.
    pub(crate) fn stack(examples: &[Example], task: Task, input: &Shape) -> Result<Self, DataError> {
        let (mut classes, mut positions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut labels = Vec::new();
        for example in examples {
            match &example.target {
                ExampleTarget::Class(class) => classes.push(*class),
                ExampleTarget::Positions(classes) => positions.extend_from_slice(classes),
                ExampleTarget::Labels(found) => labels.push(found.clone()),
                ExampleTarget::Values(array) => values.push(array),
            }
        }
        let target = match task {
            Task::Classification => Targets::Classes(classes),
            Task::MultiLabel => Targets::Labels(labels),
            Task::Segmentation => {
                let shape = [&[examples.len()], &input.space[..]].concat();
                Targets::Positions { shape, classes: positions }
            }
            Task::Regression | Task::Denoising => Targets::Values(stack(&values)?),
        };
        let inputs: Vec<&Array> = examples.iter().map(|example| &example.input).collect();
        Ok(Self { input: stack(&inputs)?, target })
    }
}

/// Stacks arrays of equal shape along a new first axis.
fn stack(arrays: &[&Array]) -> Result<Array, DataError> {
    let shape = arrays.first().map_or(&[][..], |array| array.shape());
    let data = arrays.iter().flat_map(|array| array.data()).copied().collect();
    Array::new([&[arrays.len()], shape].concat(), data)
        .ok_or_else(|| DataError::new("data", "the source returned targets of unequal shapes"))
}
