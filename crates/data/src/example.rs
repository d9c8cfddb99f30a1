//! Examples, their targets, and batches of them.

use graph::{Array, Shape};

use crate::{DataError, Task};

/// In a [`Positions`](Targets::Positions) target: a position without a label.
pub const MASKED: i64 = -1;

/// The order of examples, and whether they are augmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The order of the recordings, without augmentation; for evaluation. Added noise depends on the
    /// index alone.
    InOrder,
    /// A random order, with augmentation; for training. Each example is a function of seed, epoch and
    /// index.
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
    /// The first sample of a window in its recording; 0 without windows.
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
    /// A class for each of `T` samples or `H * W` pixels; [`MASKED`] if unknown.
    Positions(Vec<i64>),
    /// Numbers `[K]` of a regression, or a signal `[C, T]` or `[C, H, W]`.
    Values(Array),
}

/// The targets of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each example, `[N]`.
    Classes(Vec<i64>),
    /// A class for each position; [`MASKED`] if unknown.
    Positions {
        /// `[N, T]` or `[N, H, W]`.
        shape: Vec<usize>,
        /// The classes, the last axis fastest.
        classes: Vec<i64>,
    },
    /// Numbers `[N, K]`, or signals `[N, C, T]` or `[N, C, H, W]`.
    Values(Array),
}

/// Several examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `[N, C, T]` or `[N, C, H, W]`.
    pub input: Array,
    /// The targets of the network's output.
    pub target: Targets,
}

impl Batch {
    /// Stacks examples of `task` for a network's input.
    pub(crate) fn stack(examples: &[Example], task: Task, input: &Shape) -> Result<Self, DataError> {
        let (mut classes, mut positions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for example in examples {
            match &example.target {
                ExampleTarget::Class(class) => classes.push(*class),
                ExampleTarget::Positions(classes) => positions.extend_from_slice(classes),
                ExampleTarget::Values(array) => values.push(array),
            }
        }
        let target = match task {
            Task::Classification => Targets::Classes(classes),
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

/// Arrays of one shape as one array with one more axis in front.
fn stack(arrays: &[&Array]) -> Result<Array, DataError> {
    let shape = arrays.first().map_or(&[][..], |array| array.shape());
    let data = arrays.iter().flat_map(|array| array.data()).copied().collect();
    Array::new([&[arrays.len()], shape].concat(), data)
        .ok_or_else(|| DataError::new("data", "the source returned targets of unequal shapes"))
}
