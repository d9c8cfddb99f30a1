//! Training, validation and test sets that share no recording.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use graph::{FieldError, Noise, Shape};

use crate::error::{expected, quoted};
use crate::guarded::Guarded;
use crate::joined::Joined;
use crate::number::{floor, single, wide};
use crate::requirements::Requirements;
use crate::scan::{Scan, scan};
use crate::source::Subset;
use crate::stitch::stitch;
use crate::{
    ClassWeights, Config, DataError, Examples, Normalization, Normalize, OpenProgress, Source, Validation,
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
    /// The names of the outputs of a regression. Empty if they are unknown.
    pub outputs: Vec<String>,
    /// The normalization of the inputs, which is fitted to the training set only.
    pub normalization: Normalization,
    /// The normalization of the targets of a regression, which is fitted to the training set only. Examples have
    /// normalized targets.
    pub target_normalization: Option<Normalization>,
    /// Samples per second of the series, if known.
    pub sampling_rate: Option<f64>,
    /// What was concluded about the files and what was not read, one sentence each.
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
        self.validate(input)?;
        let mut files = vec![("train", &self.train)];
        if let Some(Validation::Files(validation)) = &self.validation {
            files.push(("validation", validation));
        }
        if let Some(test) = &self.test {
            files.push(("test", test));
        }
        let sources = self.reading(input, base).splits(&files, progress)?;
        let mut sources: BTreeMap<&str, _> = files.iter().map(|(name, _)| *name).zip(sources).collect();
        let mut take = |name| sources.remove(name);
        let Some(train) = take("train") else {
            return Err(FieldError::expected("train", "at least one file", "none").into());
        };
        let sources = Sources { train, validation: take("validation"), test: take("test") };
        Splits::with_progress(self, input, sources, progress)
    }

    /// Reads only the test files, for a network that has already been trained.
    ///
    /// # Errors
    /// As [`open`](Self::open), and if the config has no test files.
    pub fn open_test(
        &self,
        input: &Shape,
        base: &Path,
        trained_on: TrainedOn<'_>,
    ) -> Result<Examples, DataError> {
        self.validate(input)?;
        let Some(files) = &self.test else {
            return Err(FieldError::new("test", "missing; list the test files").into());
        };
        let mut sources = self.reading(input, base).splits(&[("test", files)], &|_| {})?;
        let source = Guarded::wrap(sources.remove(0), "test", self.noise.is_none())?;
        let source = Joined::with_classes(source, trained_on.classes);
        let (source, scan) = prepare(self, input, source, ("test", trained_on.classes), &|_| {})?;
        Ok(Examples::new(self, input, source, scan, trained_on))
    }
}

impl Splits {
    /// Returns the splits of custom sources. The config's files are not read, but its other fields apply.
    ///
    /// # Errors
    /// As [`Config::open`].
    pub fn of(config: &Config, input: &Shape, sources: Sources) -> Result<Self, DataError> {
        Self::with_progress(config, input, sources, &|_| {})
    }

    fn with_progress(
        config: &Config,
        input: &Shape,
        sources: Sources,
        progress: &(dyn Fn(OpenProgress) + Sync),
    ) -> Result<Self, DataError> {
        config.validate(input)?;
        let guarded = |source, split| Guarded::wrap(source, split, config.noise.is_none());
        let sources = Sources {
            train: guarded(sources.train, "train")?,
            validation: sources.validation.map(|source| guarded(source, "validation")).transpose()?,
            test: sources.test.map(|source| guarded(source, "test")).transpose()?,
        };
        let has_classes = config.task.has_classes();
        let classes = match &config.classes {
            _ if !has_classes => Vec::new(),
            Some(classes) => classes.names(),
            None => sources.train.classes().to_vec(),
        };
        let with_classes = |source| if has_classes { Joined::with_classes(source, &classes) } else { source };
        let description = sources.train.description();
        let mut train = with_classes(sources.train);
        let mut validation = sources.validation.map(with_classes);
        if let (None, Some(Validation::Share(share))) = (&validation, &config.validation) {
            let [kept, held_out] = hold_out(&train, *share)?;
            (train, validation) = (kept, Some(held_out));
        }
        let (train, train_scan) = prepare(config, input, train, ("train", &classes), progress)?;
        let normalization = match config.normalize {
            Normalize::Channel => train_scan.moments.normalization(),
            Normalize::None => Normalization::none(input.channels),
        };
        let class_weights = match &config.class_weights {
            Some(weights) => Some(class_weights(weights, &classes, &train_scan.counts)?),
            None => None,
        };
        let trained_on =
            TrainedOn { classes: &classes, normalization: &normalization, target_normalization: None };
        let open = |source: Option<Arc<dyn Source>>, split| -> Result<Option<Examples>, DataError> {
            let Some(source) = source else { return Ok(None) };
            let (source, scan) = prepare(config, input, source, (split, &classes), progress)?;
            Ok(Some(Examples::new(config, input, source, scan, trained_on)))
        };
        Ok(Self {
            train: Examples::new(config, input, train, train_scan, trained_on),
            validation: open(validation, "validation")?,
            test: open(sources.test.map(with_classes), "test")?,
            class_weights,
            normalization,
            channels: description.channels,
            outputs: description.outputs,
            target_normalization: None,
            sampling_rate: config.sampling_rate.or(description.sampling_rate),
            notes: description.notes,
            classes,
            config: config.clone(),
        })
    }
}

/// Joins a split's recordings end to end if `stitch` is set, and scans them.
fn prepare(
    config: &Config,
    input: &Shape,
    mut source: Arc<dyn Source>,
    (split, classes): (&str, &[String]),
    progress: &(dyn Fn(OpenProgress) + Sync),
) -> Result<(Arc<dyn Source>, Scan), DataError> {
    if let Some(stitched) = &config.stitch {
        source = Arc::new(stitch(source.as_ref(), split, stitched.seed)?);
    }
    let step = config.window.map_or(1, |window| {
        let step = if split == "train" { window.step } else { window.evaluation_step };
        step.unwrap_or(window.length)
    });
    let scan = scan(source.as_ref(), split, &Requirements { config, input, classes, step }, progress)?;
    Ok((source, scan))
}

/// Holds out a share of the recordings, the same share of each class. Returns the recordings that are kept and
/// those that are held out.
fn hold_out(source: &Arc<dyn Source>, share: f64) -> Result<[Arc<dyn Source>; 2], DataError> {
    let noise = Noise::of("validation");
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); source.classes().len() + 1];
    for index in 0..source.len() {
        // An index that is not a class is refused later, when the recording is checked.
        let group = source.class(index)?.map_or(0, |class| class.saturating_add(1));
        let group = if group < by_class.len() { group } else { 0 };
        by_class[group].push(index);
    }
    let (mut kept, mut held_out) = (Vec::new(), Vec::new());
    for mut indices in by_class {
        indices.sort_by_key(|&index| (noise.bits(wide(index)), index));
        let count = floor(share * indices.len() as f64 + 0.5, indices.len().max(1));
        held_out.extend_from_slice(&indices[..count]);
        kept.extend_from_slice(&indices[count..]);
    }
    if held_out.is_empty() || kept.is_empty() {
        let found = format!("{share} of {} recordings; list validation files instead", source.len());
        return Err(
            FieldError::expected("validation", "a share that leaves both sets nonempty", found).into()
        );
    }
    kept.sort_unstable();
    held_out.sort_unstable();
    let subset = |indices| -> Arc<dyn Source> { Arc::new(Subset { source: Arc::clone(source), indices }) };
    Ok([subset(kept), subset(held_out)])
}

/// Returns the class weights, given how often each class occurs in the training set.
fn class_weights(
    weights: &ClassWeights,
    classes: &[String],
    counts: &[usize],
) -> Result<Vec<f32>, FieldError> {
    match weights {
        ClassWeights::List(weights) if weights.len() != classes.len() => {
            let message = expected(format!("{} weights, one per class", classes.len()), weights.len());
            Err(FieldError::new("class_weights", message))
        }
        ClassWeights::List(weights) => Ok(weights.clone()),
        ClassWeights::Balanced => {
            if let Some(missing) = counts.iter().position(|&count| count == 0) {
                let class = &classes[missing];
                let message = format!(
                    "the class {} has no training examples; list the weights explicitly",
                    quoted(class)
                );
                return Err(FieldError::new("class_weights", message));
            }
            let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
            Ok(counts.iter().map(|&count| single(mean / count as f64)).collect())
        }
    }
}
