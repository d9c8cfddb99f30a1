//! Training, validation and test examples that share no recording.

use std::path::Path;
use std::sync::Arc;

use graph::{Noise, Shape};

use crate::joined::Joined;
use crate::number::{floor, wide};
use crate::source::Subset;
use crate::stitch::stitch;
use crate::survey::{Needs, Survey, survey};
use crate::{
    ClassWeights, Config, DataError, Examples, Held, Normalization, Source, Standardize, Task, read,
};

/// The examples of each part, and what of the training part a model keeps.
#[derive(Clone, Debug)]
pub struct Splits {
    /// What is trained on.
    pub train: Examples,
    /// What training is watched on.
    pub validation: Option<Examples>,
    /// What the result is reported on.
    pub test: Option<Examples>,
    /// The classes' names in the order of the network's outputs; empty for tasks without.
    pub classes: Vec<String>,
    /// The scale of inputs, from the training part alone.
    pub normalization: Normalization,
    /// How much each class counts in the loss.
    pub class_weights: Option<Vec<f32>>,
}

/// Recordings of each part, for [`Splits::of`].
#[derive(Clone)]
pub struct Sources {
    /// What is trained on.
    pub train: Arc<dyn Source>,
    /// What training is watched on; without, the share of the training recordings that the config says.
    pub validation: Option<Arc<dyn Source>>,
    /// What the result is reported on.
    pub test: Option<Arc<dyn Source>>,
}

/// What a trained model keeps of its training data, so that others can be read for it.
#[derive(Clone, Copy, Debug)]
pub struct Fitted<'a> {
    /// The classes' names in the order of the network's outputs.
    pub classes: &'a [String],
    /// The scale of inputs.
    pub normalization: &'a Normalization,
}

impl Config {
    /// Reads the files of each part, for a network of this input. `folder` replaces the config's.
    ///
    /// # Errors
    /// Everything that is wrong with the config or with any recording of any part, in one sentence with
    /// the file, row and column.
    pub fn open(&self, input: &Shape, folder: Option<&Path>) -> Result<Splits, DataError> {
        self.validate(input)?;
        let reading = read::Reading { config: self, input, folder: folder.or(self.folder.as_deref()) };
        let part = |part, files| reading.part(part, files);
        let validation = match &self.validation {
            Some(Held::Files(files)) => Some(part("validation", files)?),
            Some(Held::Share(_)) | None => None,
        };
        let train = part("train", &self.train)?;
        let test = self.test.as_ref().map(|files| part("test", files)).transpose()?;
        Splits::of(self, input, Sources { train, validation, test })
    }

    /// Reads the test files alone, for a network that was trained before: with its classes and scale.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where the config has no test files.
    pub fn open_test(
        &self,
        input: &Shape,
        folder: Option<&Path>,
        fitted: Fitted<'_>,
    ) -> Result<Examples, DataError> {
        self.validate(input)?;
        let reading = read::Reading { config: self, input, folder: folder.or(self.folder.as_deref()) };
        let files = self.test.as_ref();
        let files = files.ok_or_else(|| DataError::new("data.test", "missing; files are needed"))?;
        let source = Joined::with_classes(reading.part("test", files)?, fitted.classes);
        let (source, survey) = prepare(self, input, source, "test", fitted.classes)?;
        Ok(Examples::new(self, input, source, survey, fitted))
    }
}

impl Splits {
    /// Splits of sources of one's own. The config's files play no part; its task, windows and all else do.
    ///
    /// # Errors
    /// As [`Config::open`].
    pub fn of(config: &Config, input: &Shape, sources: Sources) -> Result<Self, DataError> {
        config.validate(input)?;
        let has_classes = matches!(config.task, Task::Classification | Task::Segmentation);
        let classes = match &config.classes {
            _ if !has_classes => Vec::new(),
            Some(classes) => classes.clone(),
            None => sources.train.classes().to_vec(),
        };
        let named = |source| if has_classes { Joined::with_classes(source, &classes) } else { source };
        let mut train = named(sources.train);
        let mut validation = sources.validation.map(named);
        if let (None, Some(Held::Share(share))) = (&validation, &config.validation) {
            let [kept, held] = hold_out(&train, *share)?;
            (train, validation) = (kept, Some(held));
        }
        let of_part = |source, part| prepare(config, input, source, part, &classes);
        let (train, surveyed) = of_part(train, "train")?;
        let normalization = match config.standardize {
            Standardize::Channel => surveyed.moments.normalization(),
            Standardize::None => Normalization::none(input.channels),
        };
        let class_weights = config.class_weights.as_ref();
        let class_weights = class_weights.map(|weights| weigh(weights, &classes, &surveyed.counts));
        let class_weights = class_weights.transpose()?;
        let fitted = Fitted { classes: &classes, normalization: &normalization };
        let held = |source: Option<Arc<dyn Source>>, part| -> Result<Option<Examples>, DataError> {
            let prepared = source.map(|source| of_part(source, part)).transpose()?;
            Ok(prepared.map(|(source, survey)| Examples::new(config, input, source, survey, fitted)))
        };
        Ok(Self {
            train: Examples::new(config, input, train, surveyed, fitted),
            validation: held(validation, "validation")?,
            test: held(sources.test.map(named), "test")?,
            class_weights,
            normalization,
            classes,
        })
    }
}

/// Lays a part's recordings end to end, where that is asked for, and looks at them.
fn prepare(
    config: &Config,
    input: &Shape,
    mut source: Arc<dyn Source>,
    part: &str,
    classes: &[String],
) -> Result<(Arc<dyn Source>, Survey), DataError> {
    if let Some(stitched) = &config.stitch {
        source = Arc::new(stitch(source.as_ref(), part, stitched.seed)?);
    }
    let step = config.window.map_or(1, |window| {
        let step = if part == "train" { window.step } else { window.evaluation_step };
        step.unwrap_or(window.length)
    });
    let surveyed = survey(source.as_ref(), part, &Needs { config, input, classes, step })?;
    Ok((source, surveyed))
}

/// Holds a share of the recordings out, of each class the same share: those kept, those held out.
fn hold_out(source: &Arc<dyn Source>, share: f64) -> Result<[Arc<dyn Source>; 2], DataError> {
    let noise = Noise::of("validation");
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); source.classes().len() + 1];
    for index in 0..source.len() {
        let group = source.class(index)?.map_or(0, |class| class + 1);
        groups.get_mut(group).into_iter().for_each(|group| group.push(index));
    }
    let (mut kept, mut held) = (Vec::new(), Vec::new());
    for mut group in groups {
        group.sort_by_key(|&index| (noise.bits(wide(index)), index));
        let count = floor(share * group.len() as f64 + 0.5, group.len().max(1));
        held.extend_from_slice(&group[..count]);
        kept.extend_from_slice(&group[count..]);
    }
    if held.is_empty() || kept.is_empty() {
        let message = format!(
            "{share} of {} recordings is none; whole recordings are held out, so name a file or more of them",
            source.len()
        );
        return Err(DataError::new("data.validation", message));
    }
    [&mut kept, &mut held].into_iter().for_each(|indices| indices.sort_unstable());
    let of = |indices| -> Arc<dyn Source> { Arc::new(Subset { source: Arc::clone(source), indices }) };
    Ok([of(kept), of(held)])
}

/// The weights of classes that have these counts in the training part.
fn weigh(weights: &ClassWeights, classes: &[String], counts: &[usize]) -> Result<Vec<f32>, DataError> {
    let refused = |message| Err(DataError::new("data.class_weights", message));
    match weights {
        ClassWeights::List(weights) if weights.len() != classes.len() => {
            refused(format!("{} weights; there are {} classes", weights.len(), classes.len()))
        }
        ClassWeights::List(weights) => Ok(weights.clone()),
        ClassWeights::Balanced => {
            if let Some(missing) = counts.iter().position(|&count| count == 0) {
                let class = &classes[missing];
                return refused(format!(
                    "no training example is of class `{class}`; a list of weights is needed"
                ));
            }
            let total = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
            Ok(counts.iter().map(|&count| crate::number::single(total / count as f64)).collect())
        }
    }
}
