//! Training, validation and test sets that share no recording.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use graph::{FieldError, Shape, listed};

use crate::Description;
use crate::file_overlap;
use crate::opened::{Opened, missing, test_examples};
use crate::opening::Opening;
use crate::read::{Cache, OpenedFiles};
use crate::{
    Config, DataError, Examples, Fold, Normalization, OpenProgress, Sharing, Source, Split, Task, Validation,
};

/// The examples of each split, and what a model keeps from its training set.
#[derive(Clone, Debug)]
pub struct Splits {
    /// Training set.
    pub train: Examples,
    /// Validation set.
    pub validation: Option<Examples>,
    /// Test set.
    pub test: Option<Examples>,
    /// Class names in the order of the network's outputs. Empty for tasks without classes.
    pub classes: Vec<String>,
    /// The names of the input channels. Empty if they are unknown.
    pub channels: Vec<String>,
    /// The names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    pub columns: Vec<String>,
    /// The names of the outputs of a regression. Empty if they are unknown.
    pub outputs: Vec<String>,
    /// The normalization of the inputs, which is fitted to the training set only.
    pub normalization: Normalization,
    /// The normalization of the targets of a regression, which is fitted to the training set only. Examples have
    /// normalized targets.
    pub target_normalization: Option<Normalization>,
    /// The number of samples per second, if known.
    pub sampling_rate: Option<f64>,
    /// Notes for users about how the files were read and what was left out, one sentence each.
    pub notes: Vec<String>,
    /// Weight of each class in the loss. If `None`, all weights are equal.
    pub class_weights: Option<Vec<f32>>,
    /// The config from which the splits were made.
    pub config: Config,
}

/// The recordings of each split, for [`Splits::of`].
#[derive(Clone)]
pub struct Sources {
    /// Training set.
    pub train: Arc<dyn Source>,
    /// Validation set. If `None`, it is the share of the training recordings that the config sets, if any.
    pub validation: Option<Arc<dyn Source>>,
    /// Test set.
    pub test: Option<Arc<dyn Source>>,
}

/// Facts about the training set that a trained model keeps. They are required to read other data for the model.
#[derive(Clone, Copy, Debug)]
pub struct TrainedOn<'a> {
    /// Class names in the order of the network's outputs.
    pub classes: &'a [String],
    /// The normalization of the inputs.
    pub normalization: &'a Normalization,
    /// The normalization of the targets of a regression.
    pub target_normalization: Option<&'a Normalization>,
    /// The names of the input channels. Empty if they are unknown.
    pub channels: &'a [String],
    /// The names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    pub columns: &'a [String],
    /// The names of the outputs of a regression. Empty if they are unknown.
    pub outputs: &'a [String],
}

impl TrainedOn<'_> {
    /// Returns the names as the description of a source.
    pub(crate) fn names(&self) -> Description {
        Description {
            channels: self.channels.to_vec(),
            columns: self.columns.to_vec(),
            outputs: self.outputs.to_vec(),
            ..Description::default()
        }
    }
}

impl Config {
    /// Reads the files of all splits, for a network with this input. Paths in the config are relative to
    /// `base`, the folder of the config file.
    ///
    /// # Errors
    /// If the config or the data is invalid. The error names the config field, or the file, row and column.
    pub fn open(&self, input: &Shape, base: &Path) -> Result<Splits, DataError> {
        self.open_with(input, base, &|_| {})
    }

    /// Reads the files of all splits as [`open`](Self::open), and calls `progress` from time to time, on several
    /// threads.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        &self,
        input: &Shape,
        base: &Path,
        progress: &(dyn Fn(OpenProgress) + Sync),
    ) -> Result<Splits, DataError> {
        self.open_shared(input, base, progress, Sharing::alone())
    }

    /// Reads the files of all splits as [`open_with`](Self::open_with), in several processes that open the same files:
    /// each checks a share of the recordings. Those on one machine parse each text file once. All processes get the same
    /// splits, those of a single process.
    ///
    /// # Errors
    /// As [`open`](Self::open). If one process refuses a recording, all of them return an error.
    pub fn open_shared(
        &self,
        input: &Shape,
        base: &Path,
        progress: &(dyn Fn(OpenProgress) + Sync),
        sharing: Sharing<'_>,
    ) -> Result<Splits, DataError> {
        let (sources, cache) = self.sources(input, base, progress, sharing)?;
        let opening = Opening { sharing, cache: &cache, progress };
        let opened = Opened::new(self, input, sources, None, opening)?;
        opened.splits(opened.described()?, sharing)
    }

    /// Reads only the test files, for a network that has already been trained, in one or more processes as
    /// [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// As [`open_shared`](Self::open_shared), and if the config has no test files.
    pub fn open_test(
        &self,
        input: &Shape,
        base: &Path,
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        let config = self.clone().resolved();
        config.validate(input)?;
        let Some(files) = &config.test else { return Err(missing("test", "list the test files")) };
        config.open_files(input, base, ("test", files), trained_on, sharing)
    }

    /// Reads only the validation files or, if the validation set is a share, the training files that it is taken
    /// from, for a network that has already been trained, in one or more processes as
    /// [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// As [`open_shared`](Self::open_shared), and if the config has no validation set.
    pub fn open_validation(
        &self,
        input: &Shape,
        base: &Path,
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        let config = Self { test: None, ..self.clone() }.resolved();
        config.validate(input)?;
        match &config.validation {
            None => Err(missing("validation", "list the validation files, or set a share")),
            Some(Validation::Files(files)) => {
                config.open_files(input, base, ("validation", files), trained_on, sharing)
            }
            Some(Validation::Share(_)) => {
                let (sources, cache) = config.sources(input, base, &|_| {}, sharing)?;
                let opening = Opening { sharing, cache: &cache, progress: &|_| {} };
                let opened = Opened::new(&config, input, sources, Some(trained_on), opening)?;
                let Some(part) = opened.described()?.validation else {
                    return Err(missing("validation", "set a share"));
                };
                opened.evaluated(&part, "validation", trained_on, sharing)
            }
        }
    }

    /// Reads only what a fold of a cross-validation holds out for testing, for a network that was trained on the
    /// others, in one or more processes as [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// As [`open_shared`](Self::open_shared), and if the fold does not exist.
    pub fn open_held_out(
        &self,
        input: &Shape,
        base: &Path,
        fold: &Fold,
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        self.cross_validation_shared(input, base, &|_| {}, sharing)?.held_out(fold, trained_on, sharing)
    }

    /// Opens the files of all splits. Returns the cache that they use, too.
    pub(crate) fn sources(
        &self,
        input: &Shape,
        base: &Path,
        progress: &(dyn Fn(OpenProgress) + Sync),
        sharing: Sharing<'_>,
    ) -> Result<(Sources, Arc<Cache>), DataError> {
        let config = self.clone().resolved();
        let mut files = vec![("train", &config.train)];
        if let Some(Validation::Files(validation)) = &config.validation {
            files.push(("validation", validation));
        }
        if let Some(test) = &config.test {
            files.push(("test", test));
        }
        let reading = config.reading(input, base);
        let find = || {
            config.validate(input)?;
            file_overlap::check(&config, &reading.folder, &files)?;
            reading.entries(&files)
        };
        let OpenedFiles { splits, cache } = reading.splits(find(), progress, sharing)?;
        let mut sources: BTreeMap<&str, _> = files.iter().map(|(name, _)| *name).zip(splits).collect();
        let mut take = |name| sources.remove(name);
        let Some(train) = take("train") else {
            return Err(FieldError::expected("train", "at least one file", "none").into());
        };
        Ok((Sources { train, validation: take("validation"), test: take("test") }, cache))
    }

    /// Opens the files of a validation or test set, for a network that has already been trained.
    fn open_files(
        &self,
        input: &Shape,
        base: &Path,
        (split, files): (&str, &Split),
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        let reading = self.reading(input, base);
        let entries = reading.entries(&[(split, files)]);
        let OpenedFiles { mut splits, cache } = reading.splits(entries, &|_| {}, sharing)?;
        let opening = Opening { sharing, cache: &cache, progress: &|_| {} };
        test_examples(self, input, (splits.remove(0), split), trained_on, opening)
    }
}

impl Splits {
    /// Returns the splits of custom sources. The config's files are not read, but its other fields apply.
    ///
    /// # Errors
    /// As [`Config::open`].
    pub fn of(config: &Config, input: &Shape, sources: Sources) -> Result<Self, DataError> {
        let opened = Opened::of_sources(config, input, sources)?;
        opened.splits(opened.described()?, Sharing::alone())
    }

    /// Describes each split in one line: how many recordings and examples it has, of which classes and groups.
    pub fn describe(&self) -> Vec<String> {
        let splits = [("train", Some(&self.train)), ("validation", self.validation.as_ref())];
        let splits = splits.into_iter().chain([("test", self.test.as_ref())]);
        splits.filter_map(|(name, split)| Some(self.describe_split(name, split?))).collect()
    }

    fn describe_split(&self, name: &str, examples: &Examples) -> String {
        let counted = |count: usize, what: &str| {
            if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
        };
        let recordings = counted(examples.recordings(), "recording");
        let mut line = format!("{name}: {recordings}");
        if examples.len() != examples.recordings() || self.config.window.is_some() {
            line = format!("{line}, {}", counted(examples.len(), "example"));
        }
        let groups: Vec<String> = examples.groups().iter().cloned().collect();
        if !groups.is_empty() {
            line = format!("{line}, {} ({})", counted(groups.len(), "group"), listed(&groups));
        }
        let counts = examples.class_counts();
        if !counts.is_empty() {
            let classes: Vec<String> =
                self.classes.iter().zip(counts).map(|(class, count)| format!("{class} {count}")).collect();
            let what = if self.config.task == Task::Segmentation { "labels" } else { "classes" };
            line = format!("{line}; {what}: {}", listed(&classes));
        }
        line
    }
}
