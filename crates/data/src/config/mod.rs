//! The `data` section of a config.
//!
//! ```yaml
//! task: classification
//! folder: benches/data
//! train: BasicMotions_TRAIN.ts
//! validation: 0.2
//! test: BasicMotions_TEST.ts
//! ```

mod augment;
mod file;
mod validate;

use std::path::PathBuf;

use model::Task;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::augment::{AddedNoise, Augment};
pub use self::file::{Column, Columns, File, Held, Layout, Part};

/// The `data` section of a config: what is read, how it is cut into examples and what is done to them.
///
/// Unknown keys are refused. Numbers are checked by [`validate`](Self::validate), which
/// [`open`](Self::open) calls first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the network is to learn.
    pub task: Task,
    /// The folder that files are named from; without, the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// What is trained on.
    pub train: Part,
    /// What training is watched on: files, or a share of the training recordings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Held>,
    /// What the result is reported on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Part>,
    /// The classes' names in the order of the network's outputs. Without, those that the training
    /// files declare or, where they declare none, hold; sorted, numbers by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// Lays the recordings of each part end to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stitch: Option<Stitch>,
    /// Cuts series into windows; without, each recording is one example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What brings inputs to a common scale.
    #[serde(default)]
    pub standardize: Standardize,
    /// How much each class counts in the loss; without, all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Noise that denoising is to remove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<AddedNoise>,
    /// Random changes of training examples.
    #[serde(default)]
    pub augment: Augment,
    /// Threads that load ahead of the optimizer; without, as many as the machine has, at most 4.
    /// Batches are the same for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
}

/// Recordings laid end to end in an order drawn from a seed, each sample labelled with its
/// recording's class; within each part only, after the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stitch {
    /// What the order is drawn from.
    #[serde(default)]
    pub seed: u64,
}

/// Windows of a series. Samples after the last whole window belong to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Samples of a window.
    pub length: usize,
    /// Samples from one training window's start to the next's; without, `length`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The same of validation and test windows; without, `length`, so that no sample counts twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_step: Option<usize>,
}

/// What brings inputs to a common scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardize {
    /// Mean 0 and deviation 1 of each channel over the training recordings.
    #[default]
    Channel,
    /// Inputs as they are.
    None,
}

/// How much each class counts in the loss: `balanced` or a list.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// Examples (of segmentation: samples) divided by classes times those of the class, so that every
    /// class counts the same in all.
    Balanced,
    /// One weight for each class, in the classes' order.
    List(Vec<f32>),
}

impl Config {
    /// A config of `task` without files, for [sources of one's own](crate::Splits::of).
    pub fn new(task: Task) -> Self {
        Self {
            task,
            folder: None,
            train: Part::default(),
            validation: None,
            test: None,
            classes: None,
            stitch: None,
            window: None,
            standardize: Standardize::default(),
            class_weights: None,
            noise: None,
            augment: Augment::default(),
            threads: None,
        }
    }

    /// The number of threads that load.
    pub(crate) fn threads(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, |threads| threads.get().min(4));
        self.threads.unwrap_or_else(available)
    }
}

impl Serialize for ClassWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Balanced => "balanced".serialize(serializer),
            Self::List(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrList;

        impl<'de> Visitor<'de> for NameOrList {
            type Value = ClassWeights;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("`balanced` or a list of numbers")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ClassWeights, E> {
                match name {
                    "balanced" => Ok(ClassWeights::Balanced),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClassWeights, A::Error> {
                let mut weights = Vec::new();
                while let Some(weight) = list.next_element()? {
                    weights.push(weight);
                }
                Ok(ClassWeights::List(weights))
            }
        }

        deserializer.deserialize_any(NameOrList)
    }
}
