//! The recordings of a config, read and checked, before they are divided into splits.

use std::sync::Arc;

use graph::{FieldError, Shape, listed};

use crate::filled::Filled;
use crate::guarded::Guarded;
use crate::joined::Joined;
use crate::opening::Opening;
use crate::overlap::{Members, overlaps};
use crate::partition::hold_out;
use crate::read::Cache;
use crate::requirements::Requirements;
use crate::scan::{RecordingScan, Scan, scan};
use crate::source::Subset;
use crate::stitch::stitch;
use crate::summary::{Summary, summaries};
use crate::weights::{Occurrences, class_weights};
use crate::{
    Config, DataError, Description, Examples, Filling, Normalization, Normalize, Sharing, Source, Sources,
};
use crate::{Splits, Task, TrainedOn, Validation};

/// The recordings of a config.
#[derive(Clone)]
pub(crate) struct Opened {
    config: Config,
    input: Shape,
    classes: Vec<String>,
    description: Description,
    pub(crate) train: Part,
    validation: Option<Part>,
    test: Option<Part>,
    cache: Arc<Cache>,
}

/// Some of the recordings.
#[derive(Clone)]
pub(crate) struct Part {
    source: Arc<dyn Source>,
    recordings: Checked,
}

/// Facts about recordings.
#[derive(Clone)]
enum Checked {
    Scanned(Vec<Arc<RecordingScan>>),
    /// They are scanned after they have been joined end to end.
    Summarized(Vec<Arc<Summary>>),
}

/// The recordings of each split.
pub(crate) struct Parts {
    pub(crate) train: Part,
    pub(crate) validation: Option<Part>,
    pub(crate) test: Option<Part>,
    pub(crate) notes: Vec<String>,
}

/// The distances between the windows of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Training,
    Evaluation,
}

impl Part {
    pub(crate) fn summaries(&self) -> Vec<&Summary> {
        match &self.recordings {
            Checked::Scanned(recordings) => recordings.iter().map(|recording| &recording.summary).collect(),
            Checked::Summarized(recordings) => recordings.iter().map(Arc::as_ref).collect(),
        }
    }

    /// Returns the recordings with these indices.
    pub(crate) fn take(&self, indices: &[usize]) -> Self {
        let recordings = match &self.recordings {
            Checked::Scanned(recordings) => Checked::Scanned(taken(recordings, indices)),
            Checked::Summarized(recordings) => Checked::Summarized(taken(recordings, indices)),
        };
        let source = Arc::new(Subset { source: Arc::clone(&self.source), indices: indices.to_vec() });
        Self { source, recordings }
    }
}

fn taken<T>(all: &[Arc<T>], indices: &[usize]) -> Vec<Arc<T>> {
    indices.iter().map(|&index| Arc::clone(&all[index])).collect()
}

/// A reader of the recordings of splits.
struct Opener<'a> {
    config: &'a Config,
    input: &'a Shape,
    classes: &'a [String],
    /// The names of channels, columns and outputs, in the order of the training set.
    names: &'a Description,
    opening: Opening<'a>,
}

impl Opener<'_> {
    fn step(&self, step: Step) -> usize {
        self.config.window.map_or(1, |window| {
            let distance = match step {
                Step::Training => window.step,
                Step::Evaluation => window.evaluation_step,
            };
            distance.unwrap_or(window.length)
        })
    }

    fn requirements(&self, steps: &[Step]) -> Requirements<'_> {
        let steps = steps.iter().map(|step| self.step(*step)).collect();
        Requirements { config: self.config, input: self.input, classes: self.classes, steps }
    }

    /// Reads and checks all recordings of a split that is cut into windows at these steps.
    fn part(&self, source: Arc<dyn Source>, split: &str, steps: &[Step]) -> Result<Part, DataError> {
        let has_classes = self.config.task.has_classes();
        let classes = if has_classes { Some(self.classes) } else { None };
        let source = self.opening.sharing.agree(Joined::aligned(source, classes, self.names))?;
        let filling = Filling::of(self.config, self.input);
        let is_stitched = self.config.stitch.is_some();
        let source = Filled::wrap(source, if is_stitched { filling.without_padding() } else { filling });
        let recordings = if is_stitched {
            let found = summaries(source.as_ref(), self.config.threads(), self.opening)?;
            Checked::Summarized(found.into_iter().map(Arc::new).collect())
        } else {
            Checked::Scanned(scan(source.as_ref(), split, &self.requirements(steps), self.opening)?)
        };
        Ok(Part { source, recordings })
    }

    /// Returns the source and the scan of a split, joined end to end if `stitch` is set.
    fn scan(&self, part: &Part, split: &str) -> Result<(Arc<dyn Source>, Scan), DataError> {
        let step = if split == "train" { Step::Training } else { Step::Evaluation };
        let requirements = self.requirements(&[step]);
        let distance = self.step(step);
        if let Some(stitched) = &self.config.stitch {
            let join = || stitch(part.source.as_ref(), split, stitched.seed);
            let source = self.opening.cache.read_once(&self.opening.sharing, join)?;
            let source = Filled::wrap(source, Filling::of(self.config, self.input));
            let recordings = scan(source.as_ref(), split, &requirements, self.opening)?;
            return Ok((source, Scan::of(&recordings, split, &requirements, distance)?));
        }
        let scan = match &part.recordings {
            Checked::Scanned(recordings) => Scan::of(recordings, split, &requirements, distance)?,
            Checked::Summarized(_) => Scan::of(&[], split, &requirements, distance)?,
        };
        Ok((Arc::clone(&part.source), scan))
    }
}

impl Opened {
    /// Reads and checks all recordings of custom sources.
    pub(crate) fn of_sources(config: &Config, input: &Shape, sources: Sources) -> Result<Self, DataError> {
        let cache = Cache::new(config.cache_size);
        let opening = Opening { sharing: Sharing::alone(), cache: &cache, progress: &|_| {} };
        Self::new(config, input, sources, None, opening)
    }

    /// Reads and checks all recordings, for a trained model if `trained_on` is given.
    pub(crate) fn new(
        config: &Config,
        input: &Shape,
        sources: Sources,
        trained_on: Option<TrainedOn<'_>>,
        opening: Opening<'_>,
    ) -> Result<Self, DataError> {
        let config = config.clone().resolved();
        config.validate(input)?;
        let guarded = |source, split| Guarded::wrap(source, split, config.noise.is_none());
        let train = guarded(sources.train, "train")?;
        let validation = sources.validation.map(|source| guarded(source, "validation")).transpose()?;
        let test = sources.test.map(|source| guarded(source, "test")).transpose()?;
        let classes = match (trained_on.map(|trained_on| trained_on.classes), &config.classes) {
            _ if !config.task.has_classes() => Vec::new(),
            (Some(classes), _) => classes.to_vec(),
            (None, Some(classes)) => classes.names(),
            (None, None) => train.classes().to_vec(),
        };
        let mut description = train.description();
        for source in validation.iter().chain(&test) {
            for note in source.description().notes {
                if !description.notes.contains(&note) {
                    description.notes.push(note);
                }
            }
        }
        let names = trained_on.map_or_else(|| description.clone(), |trained_on| trained_on.names());
        let opener = Opener { config: &config, input, classes: &classes, names: &names, opening };
        let both = [Step::Training, Step::Evaluation];
        let train = opener.part(train, "train", &both)?;
        let evaluated = |source: Option<Arc<dyn Source>>, split| {
            source.map(|source| opener.part(source, split, &[Step::Evaluation])).transpose()
        };
        let (validation, test) = (evaluated(validation, "validation")?, evaluated(test, "test")?);
        let cache = Arc::clone(opening.cache);
        cache.exchange_images(&opening.sharing);
        Ok(Self { input: input.clone(), description, train, validation, test, classes, config, cache })
    }

    /// Returns the recordings with another config in the results.
    pub(crate) fn for_config(self, config: &Config) -> Self {
        Self { config: config.clone().resolved(), ..self }
    }

    /// Returns the recordings of the splits that the config describes.
    pub(crate) fn described(&self) -> Result<Parts, DataError> {
        self.parts(self.train.clone(), self.test.clone())
    }

    /// Divides the recordings for training and validation, and checks that no split shares recordings with another.
    pub(crate) fn parts(&self, train: Part, test: Option<Part>) -> Result<Parts, DataError> {
        let mut notes = Vec::new();
        let mut members = vec![Members { split: "train", recordings: train.summaries() }];
        for (split, part) in [("validation", &self.validation), ("test", &test)] {
            if let Some(part) = part {
                members.push(Members { split, recordings: part.summaries() });
            }
        }
        for overlap in overlaps(&members) {
            if !self.config.allow_overlap {
                return Err(overlap.error().into());
            }
            notes.push(overlap.note());
        }
        let (mut train, mut validation) = (train, self.validation.clone());
        if let (None, Some(Validation::Share(share))) = (&validation, &self.config.validation) {
            let division = hold_out(&train.summaries(), *share)?;
            notes.extend(division.notes);
            (train, validation) = (train.take(&division.kept), Some(train.take(&division.held_out)));
        }
        Ok(Parts { train, validation, test, notes })
    }

    fn opener<'a>(&'a self, sharing: Sharing<'a>) -> Opener<'a> {
        Opener {
            config: &self.config,
            input: &self.input,
            classes: &self.classes,
            names: &self.description,
            opening: Opening { sharing, cache: &self.cache, progress: &|_| {} },
        }
    }

    /// Makes the examples of all splits. Several processes share the work.
    pub(crate) fn splits(&self, parts: Parts, sharing: Sharing<'_>) -> Result<Splits, DataError> {
        let (config, opener) = (&self.config, self.opener(sharing));
        let (train, scan) = opener.scan(&parts.train, "train")?;
        let normalization = match config.normalize {
            Normalize::Channel => scan.moments.normalization(),
            Normalize::None => Normalization::none(self.input.channels),
        };
        let target_normalization = match config.normalize_targets {
            Normalize::Channel if config.task == Task::Regression => {
                Some(scan.target_moments.normalization())
            }
            Normalize::Channel | Normalize::None => None,
        };
        let class_weights = match &config.class_weights {
            Some(weights) => {
                let examples =
                    if config.task == Task::MultiLabel { Some(scan.positions.len()) } else { None };
                let classes = &self.classes;
                let occurrences = Occurrences { classes, counts: &scan.counts, examples };
                Some(class_weights(weights, &occurrences)?)
            }
            None => None,
        };
        let trained_on = TrainedOn {
            classes: &self.classes,
            normalization: &normalization,
            target_normalization: target_normalization.as_ref(),
            channels: &self.description.channels,
            columns: &self.description.columns,
            outputs: &self.description.outputs,
        };
        let evaluated = |part: Option<Part>, split| {
            part.map(|part| self.evaluated(&part, split, trained_on, sharing)).transpose()
        };
        let mut notes = self.description.notes.clone();
        notes.extend(parts.notes);
        notes.extend(untrained(&self.classes, &scan.counts));
        let validation = evaluated(parts.validation, "validation")?;
        let test = evaluated(parts.test, "test")?;
        for (split, examples) in [("validation", &validation), ("test", &test)] {
            let step = opener.step(Step::Evaluation);
            notes.extend(examples.as_ref().and_then(|examples| unmeasured(split, examples, step)));
        }
        Ok(Splits {
            train: Examples::new(config, &self.input, train, scan, trained_on),
            validation,
            test,
            channels: self.description.channels.clone(),
            columns: self.description.columns.clone(),
            outputs: self.description.outputs.clone(),
            sampling_rate: config.sampling_rate.or(self.description.sampling_rate),
            classes: self.classes.clone(),
            config: config.clone(),
            class_weights,
            normalization,
            target_normalization,
            notes,
        })
    }

    /// Makes the examples of a validation or test set.
    pub(crate) fn evaluated(
        &self,
        part: &Part,
        split: &str,
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        let (source, scan) = self.opener(sharing).scan(part, split)?;
        Ok(Examples::new(&self.config, &self.input, source, scan, trained_on))
    }
}

/// Returns a note about the classes without training examples, if there are any.
fn untrained(classes: &[String], counts: &[usize]) -> Option<String> {
    let missing = classes.iter().zip(counts).filter(|(_, count)| **count == 0);
    let missing: Vec<String> = missing.map(|(class, _)| class.clone()).collect();
    if missing.is_empty() {
        return None;
    }
    Some(format!("train: no training examples of {}", listed(&missing)))
}

/// Returns a note about the samples of a validation or test set that are in no window, if there are any.
fn unmeasured(split: &str, examples: &Examples, step: usize) -> Option<String> {
    let samples = match examples.samples_after_windows(step) {
        0 => return None,
        1 => "1 sample is".to_owned(),
        count => format!("{count} samples are"),
    };
    Some(format!("{split}: {samples} not measured, after the last whole window of a recording"))
}

/// Reads and checks the recordings of a test set, for a model that has already been trained.
pub(crate) fn test_examples(
    config: &Config,
    input: &Shape,
    (source, split): (Arc<dyn Source>, &str),
    trained_on: TrainedOn<'_>,
    opening: Opening<'_>,
) -> Result<Examples, DataError> {
    let source = Guarded::wrap(source, split, config.noise.is_none())?;
    let names = trained_on.names();
    let opener = Opener { config, input, classes: trained_on.classes, names: &names, opening };
    let mut notes = source.description().notes;
    let part = opener.part(source, split, &[Step::Evaluation])?;
    opening.cache.exchange_images(&opening.sharing);
    let (source, scan) = opener.scan(&part, split)?;
    let examples = Examples::new(config, input, source, scan, trained_on);
    notes.extend(unmeasured(split, &examples, opener.step(Step::Evaluation)));
    Ok(examples.with_notes(notes))
}

/// The error about a split that the config does not have.
pub(crate) fn missing(split: &str, advice: &str) -> DataError {
    FieldError::new(split, format!("missing; {advice}")).into()
}
