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
mod class_list;
mod file;
mod like;
#[cfg(feature = "schema")]
mod schema;
mod validate;

use std::path::{Path, PathBuf};

use model::Task;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::augment::{AddedNoise, Augment};
pub use self::class_list::{ClassList, LabelList, LabeledClass};
pub use self::file::{Column, Columns, File, Split, TableLayout, Validation};

/// The `data` section of a config: the files, how they are cut into examples, and how these are augmented.
///
/// Unknown keys are rejected. [`open`](Self::open) first checks all values with
/// [`validate`](Self::validate).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The task that the network learns.
    pub task: Task,
    /// The folder that contains the files. A relative path refers to the folder of the config file. By
    /// default, files are relative to the folder of the config file.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Training set.
    pub train: Split,
    /// Validation set: files, or a share of the training recordings.
    #[serde(default)]
    pub validation: Option<Validation>,
    /// Test set.
    #[serde(default)]
    pub test: Option<Split>,
    /// Settings for reading all files, unless a file has its own: the keys of a file other than `file`, `from`
    /// and `to`.
    #[serde(default)]
    pub format: Option<File>,
    /// Class names in the order of the network's outputs, or a mapping from the labels in the files to class
    /// names. By default, the classes that the training files declare, or else those that they contain, sorted
    /// (numbers by value).
    #[serde(default)]
    pub classes: Option<ClassList>,
    /// Labels in the files that stand for an unknown class, such as 255 in masks.
    #[serde(default)]
    pub ignore_classes: Option<LabelList>,
    /// The treatment of missing values in inputs: empty cells, `?` and NaN.
    #[serde(default)]
    pub missing: Missing,
    /// Extends series that are shorter than the network's input. Samples at the end of a series that are NaN in all
    /// channels then mark its end. By default, shorter series are refused.
    #[serde(default)]
    pub pad: Option<Pad>,
    /// The number of samples per second. It only affects how results are shown. By default, it is derived from the
    /// column `time`, if there is one.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1e-9, max = 1e9)))]
    pub sampling_rate: Option<f64>,
    /// Joins the recordings of each split end to end.
    #[serde(default)]
    pub stitch: Option<Stitch>,
    /// Cuts series into windows. By default, each recording is one example.
    #[serde(default)]
    pub window: Option<WindowConfig>,
    /// Normalization of the inputs.
    #[serde(default)]
    pub normalize: Normalize,
    /// Normalization of the targets of a regression. Predictions are converted back to the units of the data.
    #[serde(default)]
    pub normalize_targets: Normalize,
    /// Accepts recordings and groups that are in more than one of the training, validation and test sets.
    #[serde(default)]
    pub allow_overlap: bool,
    /// Weight of each class in the loss. By default, all weights are equal.
    #[serde(default)]
    pub class_weights: Option<ClassWeights>,
    /// Noise that is added to clean series and that the network learns to remove.
    #[serde(default)]
    pub noise: Option<AddedNoise>,
    /// Augmentation of training examples.
    #[serde(default)]
    pub augment: Augment,
    /// Number of threads that prepare batches ahead of the optimizer. By default, one per processor, but at
    /// most 4. Batches do not depend on the number of threads.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 256)))]
    pub threads: Option<usize>,
    /// Memory for recordings of text files and images, in MB. Beyond it, the recordings of a text file are kept in
    /// a temporary file, and images are decoded each time. Arrays are always read from their files. Several processes
    /// on a machine keep all recordings of text files in temporary files, and this many MB of images together. By
    /// default, 512.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 1 << 30)))]
    pub cache_size: Option<usize>,
}

/// The treatment of missing values in inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Recordings with missing values are refused.
    #[default]
    Refuse,
    /// The last value before the gap, or the first one after it at the start of a series.
    Hold,
    /// A straight line between the values on both sides of the gap; the nearest value at the ends of a series.
    Interpolate,
    /// The number 0.
    Zero,
    /// The mean of the channel over the training set. In tasks with a target for each sample, samples with a missing
    /// value count neither in the loss nor in the metrics.
    Mask,
}

/// The values that are appended to a series that is shorter than the network's input. In tasks with a target for each
/// sample, they count neither in the loss nor in the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pad {
    /// Zeros after normalization, which are the mean of each channel.
    Zero,
    /// The last value of each channel.
    Edge,
}

/// Joins recordings end to end in a random order and labels each sample with the class of its recording.
/// Recordings of different splits are never joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stitch {
    /// Seed of the order.
    #[serde(default)]
    pub seed: u64,
}

/// Windows of a series. Samples after the last whole window are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WindowConfig {
    /// Number of samples in a window.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub length: usize,
    /// Number of samples between the starts of neighboring training windows. By default, `length`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub step: Option<usize>,
    /// Number of samples between the starts of neighboring validation and test windows. By default, `length`,
    /// so that no sample counts twice.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = graph::LARGEST_EXTENT)))]
    pub evaluation_step: Option<usize>,
}

/// Normalization of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Normalize {
    /// Normalizes each channel to mean 0 and standard deviation 1 over the training recordings.
    #[default]
    Channel,
    /// Leaves the inputs unchanged.
    None,
}

/// Weights of the classes in the loss: `balanced` or a list.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// The total number of examples (in segmentation, of samples) divided by the number of classes and by the
    /// number of examples of the class, so that all classes have the same total weight. In multi-label
    /// classification, the number of examples without the label divided by the number of those with it.
    Balanced,
    /// One weight for each class, in the order of the classes.
    List(Vec<f32>),
}

impl Config {
    /// A config for `task` without files, for use with [custom sources](crate::Splits::of).
    pub fn new(task: Task) -> Self {
        Self {
            task,
            folder: None,
            train: Split::default(),
            validation: None,
            test: None,
            format: None,
            classes: None,
            ignore_classes: None,
            missing: Missing::default(),
            pad: None,
            sampling_rate: None,
            stitch: None,
            window: None,
            normalize: Normalize::default(),
            normalize_targets: Normalize::default(),
            allow_overlap: false,
            class_weights: None,
            noise: None,
            augment: Augment::default(),
            threads: None,
            cache_size: None,
        }
    }

    /// Returns the config with [`folder`](Self::folder) resolved against `base`, the folder of the config
    /// file.
    #[must_use]
    pub fn relative_to(mut self, base: &Path) -> Self {
        self.folder = Some(self.folder_in(base));
        self
    }

    /// Returns the config with the task that it describes: classification with several target columns is
    /// [`Task::MultiLabel`]. [`open`](Self::open) does this, too.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        if self.task == Task::Classification && self.has_several_targets() {
            self.task = Task::MultiLabel;
        }
        self
    }

    /// Returns whether any file, or the format of all files, has several target columns.
    fn has_several_targets(&self) -> bool {
        let validation = match &self.validation {
            Some(Validation::Files(files)) => Some(files),
            Some(Validation::Share(_)) | None => None,
        };
        let splits = [Some(&self.train), validation, self.test.as_ref()].into_iter().flatten();
        splits
            .flat_map(|split| &split.0)
            .chain(&self.format)
            .any(|file| file.target.as_ref().is_some_and(|Columns(columns)| columns.len() > 1))
    }

    /// Returns the folder that file names are relative to. `base` is the folder of the config file.
    pub fn folder_in(&self, base: &Path) -> PathBuf {
        match &self.folder {
            Some(folder) => base.join(folder),
            None => base.to_owned(),
        }
    }

    /// Returns a file of this config with the settings for all files.
    pub(crate) fn with_settings(&self, file: &File) -> File {
        match &self.format {
            Some(format) => file.with_format(format),
            None => file.clone(),
        }
    }

    /// Returns the number of threads that prepare batches.
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
