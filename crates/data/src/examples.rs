//! The examples of a split: windows of recordings, normalized and, in training, augmented.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use graph::{Array, Noise, Shape};

use crate::draw::Draw;
use crate::number::single;
use crate::scan::{ExamplePosition, Scan};
use crate::{
    AddedNoise, Augment, Batch, Batches, Config, DataError, Example, ExampleTarget, Filling, MASKED,
};
use crate::{Normalization, Order, Recording, Share, Source, Target, Task, TrainedOn, Values, WindowConfig};

/// The examples of a split. Cheap to clone.
#[derive(Clone)]
pub struct Examples {
    inner: Arc<Inner>,
    notes: Arc<Vec<String>>,
}

/// Everything that examples are made from.
struct Inner {
    source: Arc<dyn Source>,
    positions: Vec<ExamplePosition>,
    lengths: Vec<usize>,
    input: Shape,
    task: Task,
    window: Option<WindowConfig>,
    normalization: Normalization,
    target_normalization: Option<Normalization>,
    noise: Option<AddedNoise>,
    augment: Augment,
    filling: Filling,
    threads: usize,
    digest: String,
    /// Number of classes.
    classes: usize,
    /// The number of examples of each class; in segmentation, of samples.
    class_counts: Vec<usize>,
    groups: BTreeSet<String>,
    /// The group of each recording. Empty if no recording has a group.
    recording_groups: Vec<Option<String>>,
    /// The shape of every target, as found when the data was opened.
    target_shape: Vec<usize>,
}

impl Examples {
    pub(crate) fn new(
        config: &Config,
        input: &Shape,
        source: Arc<dyn Source>,
        scan: Scan,
        trained_on: TrainedOn<'_>,
    ) -> Self {
        let inner = Inner {
            source,
            positions: scan.positions,
            lengths: scan.lengths,
            input: input.clone(),
            task: config.task,
            window: config.window,
            normalization: trained_on.normalization.clone(),
            target_normalization: trained_on.target_normalization.cloned(),
            noise: config.noise,
            augment: config.augment,
            filling: Filling::of(config, input),
            threads: config.threads(),
            digest: scan.digest,
            classes: trained_on.classes.len(),
            class_counts: scan.counts,
            groups: scan.recording_groups.iter().flatten().cloned().collect(),
            recording_groups: scan.recording_groups,
            target_shape: scan.target_shape,
        };
        Self { inner: Arc::new(inner), notes: Arc::default() }
    }

    pub(crate) fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes: Arc::new(notes), ..self }
    }

    /// Returns notes about the files and about samples that are not measured, one sentence each, for a set that was
    /// opened on its own. The notes on all sets of a config are in [`Splits`](crate::Splits).
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.inner.positions.len()
    }

    /// Returns whether there are no examples. Every split that was opened has at least one.
    pub fn is_empty(&self) -> bool {
        self.inner.positions.is_empty()
    }

    /// Returns the number of recordings that the examples are taken from.
    pub fn recordings(&self) -> usize {
        self.inner.source.len()
    }

    /// Returns how many examples each class has; in segmentation, how many samples or pixels of all recordings.
    /// Empty for tasks without classes.
    pub fn class_counts(&self) -> &[usize] {
        &self.inner.class_counts
    }

    /// Returns the groups of the recordings. Empty if the recordings have no groups.
    pub fn groups(&self) -> &BTreeSet<String> {
        &self.inner.groups
    }

    /// Returns a digest of the content of all recordings, in order: their inputs, before normalization, and
    /// their targets. File names do not count. For images, the decoded and scaled pixels count.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// Returns the group of the recording that example `index` is taken from, if it has one.
    pub fn group(&self, index: usize) -> Option<&str> {
        let position = self.inner.positions.get(index)?;
        self.inner.recording_groups.get(position.recording)?.as_deref()
    }

    /// Returns the number of samples after the last whole window of each recording, if windows start every `step`
    /// samples.
    pub(crate) fn samples_after_windows(&self, step: usize) -> usize {
        let Some(WindowConfig { length, .. }) = self.inner.window else { return 0 };
        let after = |samples: &usize| samples.checked_sub(length).map_or(0, |rest| rest % step);
        self.inner.lengths.iter().map(after).sum()
    }

    /// Returns the number of batches of `size` examples. The last batch may be smaller.
    pub fn batch_count(&self, size: usize) -> usize {
        self.len().div_ceil(size.max(1))
    }

    /// Returns batches of `size` examples, starting with batch `from`. The last batch may be smaller.
    /// Background threads prepare the batches ahead; their number does not affect the batches.
    pub fn batches(&self, order: Order, size: usize, from: usize) -> Batches {
        self.batches_shared(order, size, from, Share::WHOLE)
    }

    /// Returns a share of each batch that [`batches`](Self::batches) returns. The shares of all processes, in order, are
    /// the batch: the order and the augmentation of the examples are the same for any number of processes. Batches of
    /// which this process has no example are left out.
    pub fn batches_shared(&self, order: Order, size: usize, from: usize, share: Share) -> Batches {
        let numbers = from..self.batch_count(size);
        let parts = numbers.map(|number| share.of(self.places(number, size)));
        let parts = parts.filter(|part| !part.is_empty()).collect();
        Batches::new(self.clone(), order, parts, self.inner.threads)
    }

    /// Returns every `share.count`-th batch that [`batches`](Self::batches) returns, from batch `share.index` on.
    pub fn batches_dealt(&self, order: Order, size: usize, share: Share) -> Batches {
        let numbers = (share.index..self.batch_count(size)).step_by(share.count);
        let parts = numbers.map(|number| self.places(number, size)).collect();
        Batches::new(self.clone(), order, parts, self.inner.threads)
    }

    /// Returns the places, in some order, of the examples of a batch.
    fn places(&self, number: usize, size: usize) -> Range<usize> {
        let first = number * size.max(1);
        first..self.len().min(first + size.max(1))
    }

    /// Returns example `index` in the order of the recordings. `order` only determines whether and how it is
    /// augmented.
    ///
    /// # Errors
    /// If `index` is out of range, or if the recording can no longer be read.
    pub fn example(&self, index: usize, order: Order) -> Result<Example, DataError> {
        let inner = &self.inner;
        let Some(&position) = inner.positions.get(index) else {
            let message = format!("expected an example index below {}, found {index}", self.len());
            return Err(DataError::new("data", message));
        };
        let draw = Draw::new(order, index);
        let (recording, start) = inner.recording(position, draw)?;
        inner.check(&recording)?;
        let (origin, group) = (recording.origin.clone(), recording.group.clone());
        let (input, target) = inner.example(recording, index, draw)?;
        check_computed(&origin, &input, &target)?;
        Ok(Example { origin, group, start, input, target })
    }

    /// Returns a batch of the examples with these indices.
    pub(crate) fn batch(&self, indices: &[usize], order: Order) -> Result<Batch, DataError> {
        let examples: Vec<Example> =
            indices.iter().map(|&index| self.example(index, order)).collect::<Result<_, _>>()?;
        Batch::stack(&examples, self.inner.task, &self.inner.input)
    }
}

impl Inner {
    /// Returns the recording at a position, or its window there, and the start of the window. In training, the
    /// window is shifted, unless the shifted window would have no labels.
    fn recording(
        &self,
        position: ExamplePosition,
        draw: Option<Draw>,
    ) -> Result<(Recording, usize), DataError> {
        let Some(WindowConfig { length, .. }) = self.window else {
            return Ok((self.source.recording(position.recording)?, 0));
        };
        let read = |start| Ok((self.source.excerpt(position.recording, start, length)?, start));
        let (Some(draw), Some(most)) = (draw, self.augment.shift) else { return read(position.start) };
        let last = self.lengths[position.recording].saturating_sub(length);
        let start = crate::augment::shifted(position.start, most, draw).min(last);
        let (shifted, start) = read(start)?;
        let is_unlabeled =
            matches!(&shifted.target, Target::Positions(classes) if classes.iter().all(Option::is_none));
        if is_unlabeled { read(position.start) } else { Ok((shifted, start)) }
    }

    /// Checks that a recording, or a window of it, still has the shape and kind found when the data was opened.
    fn check(&self, recording: &Recording) -> Result<(), DataError> {
        let (expected, found) = (self.input.dims(), recording.input.shape());
        if found != expected {
            let message = format!(
                "expected an input of shape {expected:?} as when the data was opened, found {found:?}"
            );
            return Err(DataError::new(&recording.origin, message));
        }
        let is_class = |class: usize| class < self.classes;
        let has_same_target = match &recording.target {
            Target::Class(class) => is_class(*class),
            Target::Positions(classes) => {
                classes.len() == self.input.space.iter().product::<usize>()
                    && classes.iter().flatten().all(|class| is_class(*class))
            }
            Target::Labels(labels) => labels.len() == self.classes,
            Target::Numbers(numbers) => self.target_shape == [numbers.len()],
            Target::Signal(signal) => match (self.window, signal.shape()) {
                (None, shape) => shape == self.target_shape,
                (Some(window), [channels, samples]) => {
                    self.target_shape == [*channels] && *samples == window.length
                }
                (Some(_), _) => false,
            },
            Target::None => self.noise.is_some(),
        };
        if has_same_target {
            return Ok(());
        }
        let message = "expected a target of the same kind as when the data was opened";
        Err(DataError::new(&recording.origin, message))
    }

    fn example(
        &self,
        recording: Recording,
        index: usize,
        draw: Option<Draw>,
    ) -> Result<(Array, ExampleTarget), DataError> {
        let Recording { origin, input, target, group: _ } = recording;
        let mut input = self.normalized(&input);
        if let Some(noise) = &self.noise
            && noise.center
        {
            noise.center(&mut input);
        }
        let mut target = self.target(&origin, target, &input)?;
        if let Some(draw) = draw {
            let shifts = self.window.is_none();
            self.augment.place(&mut input, &mut target, shifts, draw);
            let scales_target = self.task == Task::Denoising;
            self.augment.scale(&mut input, &mut target, scales_target, draw);
        }
        if let Some(noise) = &self.noise {
            let numbers = match draw {
                Some(draw) => draw.noise("noise"),
                None => Noise::of(&format!("noise/{}/{index}", noise.seed)),
            };
            noise.add(&mut input, numbers);
        }
        if let Some(draw) = draw {
            self.augment.change(&mut input, draw);
        }
        // This is last, so that missing values stay missing, wherever augmentation moves them.
        self.filling.finish(&mut input);
        Ok((input, target))
    }

    fn normalized(&self, values: &Values) -> Array {
        let normalized = self.normalization.apply(values.data());
        Array::from_fn(values.shape(), |i| normalized[i])
    }

    fn normalized_target(&self, shape: &[usize], values: &[f64]) -> Array {
        match &self.target_normalization {
            Some(normalization) => {
                let normalized = normalization.apply(values);
                Array::from_fn(shape, |i| normalized[i])
            }
            None => Array::from_fn(shape, |i| single(values[i])),
        }
    }

    fn target(&self, origin: &str, target: Target, input: &Array) -> Result<ExampleTarget, DataError> {
        let index = |class: usize| i64::try_from(class).unwrap_or(MASKED);
        let positions: usize = self.input.space.iter().product();
        match (self.task, target) {
            (Task::Denoising, _) if self.noise.is_some() => Ok(ExampleTarget::Values(input.clone())),
            (Task::Denoising, Target::Signal(signal)) => Ok(ExampleTarget::Values(self.normalized(&signal))),
            (Task::Regression, Target::Signal(signal)) => {
                Ok(ExampleTarget::Values(self.normalized_target(signal.shape(), signal.data())))
            }
            (Task::Regression, Target::Numbers(numbers)) => {
                Ok(ExampleTarget::Values(self.normalized_target(&[numbers.len()], &numbers)))
            }
            (Task::MultiLabel, Target::Labels(labels)) => Ok(ExampleTarget::Labels(labels)),
            (Task::Segmentation, Target::Class(class)) => {
                Ok(ExampleTarget::Positions(vec![index(class); positions]))
            }
            (Task::Segmentation, Target::Positions(classes)) => {
                let classes = classes.into_iter().map(|class| class.map_or(MASKED, index));
                Ok(ExampleTarget::Positions(classes.collect()))
            }
            (Task::Classification, target) => match target.class() {
                Some(class) => Ok(ExampleTarget::Class(index(class))),
                None => Err(DataError::new(origin, "expected a class as target, found no class")),
            },
            (_, _) => {
                Err(DataError::new(origin, "expected a target of the same kind as when the data was opened"))
            }
        }
    }
}

/// Checks the values that are computed from a recording. Normalization, augmentation and noise can make values
/// near the largest f32 infinite. Missing targets are NaN.
fn check_computed(origin: &str, input: &Array, target: &ExampleTarget) -> Result<(), DataError> {
    let target = match target {
        ExampleTarget::Values(values) => values.data(),
        ExampleTarget::Class(_) | ExampleTarget::Positions(_) | ExampleTarget::Labels(_) => &[],
    };
    let target = target.iter().filter(|value| !value.is_nan());
    match input.data().iter().chain(target).find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(found) => {
            let message =
                format!("expected finite values after normalization and augmentation, found {found}");
            Err(DataError::new(origin, message))
        }
    }
}

impl std::fmt::Debug for Examples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inner { input, task, .. } = self.inner.as_ref();
        write!(f, "Examples({} of {task:?}, {input})", self.len())
    }
}
