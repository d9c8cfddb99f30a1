//! The examples of a part: windows of recordings, standardized, in training augmented.

use std::sync::Arc;

use graph::{Array, Shape};

use crate::number::wide;
use crate::survey::{Place, Survey};
use crate::{AddedNoise, Augment, Batches, Config, DataError, Fitted, Normalization, Recording, Source};
use crate::{Target, Task, Window};

/// In a [`Positions`](Targets::Positions) target: no label here.
pub const MASKED: i64 = -1;

/// The order of examples, and whether they are changed at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the recordings lie, never augmented; for evaluation. Added noise depends on the index alone.
    InOrder,
    /// At random and augmented; for training. Each example is a function of seed, epoch and index.
    Shuffled {
        /// What all is drawn from.
        seed: u64,
        /// The number of the round over the examples.
        epoch: u64,
    },
}

/// Examples of a part of the data. Cheap to clone.
#[derive(Clone)]
pub struct Examples {
    of: Arc<Part>,
}

/// What examples are made from.
struct Part {
    source: Arc<dyn Source>,
    places: Vec<Place>,
    lengths: Vec<usize>,
    input: Shape,
    task: Task,
    window: Option<Window>,
    normalization: Normalization,
    noise: Option<AddedNoise>,
    augment: Augment,
    threads: usize,
}

/// One example.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Where its recording comes from.
    pub origin: String,
    /// The first sample of a window in its recording; 0 without windows.
    pub start: usize,
    /// `[C, T]` or `[C, H, W]`, standardized.
    pub input: Array,
    /// What the network is to say.
    pub answer: Answer,
}

/// What a network is to say of an example.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A class.
    Class(i64),
    /// A class for each of `T` samples or `H * W` pixels; [`MASKED`] where it is unknown.
    Positions(Vec<i64>),
    /// Numbers `[K]` of a regression, or a signal `[C, T]` or `[C, H, W]`.
    Values(Array),
}

/// What a network is to say of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each example, `[N]`.
    Classes(Vec<i64>),
    /// A class for each position; [`MASKED`] where it is unknown.
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
    /// What the network is to say.
    pub target: Targets,
}

impl Examples {
    pub(crate) fn new(
        config: &Config,
        input: &Shape,
        source: Arc<dyn Source>,
        survey: Survey,
        fitted: Fitted<'_>,
    ) -> Self {
        let part = Part {
            source,
            places: survey.places,
            lengths: survey.lengths,
            input: input.clone(),
            task: config.task,
            window: config.window,
            normalization: fitted.normalization.clone(),
            noise: config.noise,
            augment: config.augment,
            threads: config.threads(),
        };
        Self { of: Arc::new(part) }
    }

    /// Number of examples.
    pub fn len(&self) -> usize {
        self.of.places.len()
    }

    /// Whether there is none; a part that was opened has at least one.
    pub fn is_empty(&self) -> bool {
        self.of.places.is_empty()
    }

    /// Number of recordings that examples are windows of.
    pub fn recordings(&self) -> usize {
        self.of.source.len()
    }

    /// Number of batches of `size` examples; the last may be smaller.
    pub fn batch_count(&self, size: usize) -> usize {
        self.len().div_ceil(size.max(1))
    }

    /// Batches of `size` examples, the last may be smaller, from batch `from` on. They are made ahead on
    /// threads of their own, and are the same for any number of threads.
    pub fn batches(&self, order: Order, size: usize, from: usize) -> Batches {
        Batches::new(self.clone(), order, size.max(1), from, self.of.threads)
    }

    /// Example `index`, counted in order of the recordings whatever the `order`, which says only how it
    /// is augmented.
    ///
    /// # Errors
    /// Where its recording can no longer be read, or `index` is beyond the last.
    pub fn example(&self, index: usize, order: Order) -> Result<Example, DataError> {
        let part = &self.of;
        let missing = || DataError::new("data", format!("there is no example {index}"));
        let place = *part.places.get(index).ok_or_else(missing)?;
        let draw = Draw::of(order, index);
        let (recording, start) = part.recording(place, draw)?;
        if !part.is_as_surveyed(&recording) {
            let message = format!("an input of shape {:?}, unlike before", recording.input.shape());
            return Err(DataError::new(recording.origin, message));
        }
        let origin = recording.origin.clone();
        let (input, answer) = part.example(recording, index, draw)?;
        Ok(Example { origin, start, input, answer })
    }

    /// Examples put together.
    pub(crate) fn batch(&self, indices: &[usize], order: Order) -> Result<Batch, DataError> {
        let examples: Vec<_> =
            indices.iter().map(|&index| self.example(index, order)).collect::<Result<_, _>>()?;
        let uneven = || DataError::new("data", "a source gives targets of unequal shapes");
        let stack = |arrays: Vec<&Array>| {
            let shape = arrays.first().map_or(&[][..], |array| array.shape());
            let shape: Vec<_> = [arrays.len()].iter().chain(shape).copied().collect();
            let data = arrays.iter().flat_map(|array| array.data()).copied().collect();
            Array::new(shape, data).ok_or_else(uneven)
        };
        let input = stack(examples.iter().map(|example| &example.input).collect())?;
        let (mut classes, mut positions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for example in &examples {
            match &example.answer {
                Answer::Class(class) => classes.push(*class),
                Answer::Positions(classes) => positions.extend_from_slice(classes),
                Answer::Values(array) => values.push(array),
            }
        }
        let target = match self.of.task {
            Task::Classification => Targets::Classes(classes),
            Task::Segmentation => {
                let shape: Vec<_> = [indices.len()].iter().chain(&self.of.input.space).copied().collect();
                Targets::Positions { shape, classes: positions }
            }
            Task::Regression | Task::Denoising => Targets::Values(stack(values)?),
        };
        Ok(Batch { input, target })
    }
}

/// Where the random numbers of a training example come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    seed: u64,
    epoch: u64,
    index: u64,
}

impl Draw {
    fn of(order: Order, index: usize) -> Option<Self> {
        match order {
            Order::InOrder => None,
            Order::Shuffled { seed, epoch } => Some(Self { seed, epoch, index: wide(index) }),
        }
    }

    /// The random numbers that `purpose` has to itself.
    pub(crate) fn noise(self, purpose: &str) -> graph::Noise {
        graph::Noise::of(&format!("{purpose}/{}/{}/{}", self.seed, self.epoch, self.index))
    }
}

impl Part {
    /// The recording at a place, or its window; in training the window is moved.
    fn recording(&self, place: Place, draw: Option<Draw>) -> Result<(Recording, usize), DataError> {
        let Some(Window { length, .. }) = self.window else {
            return Ok((self.source.recording(place.recording)?, 0));
        };
        let read = |start| Ok((self.source.excerpt(place.recording, start, length)?, start));
        let (Some(draw), Some(most)) = (draw, self.augment.shift) else { return read(place.start) };
        let last = self.lengths[place.recording].saturating_sub(length);
        let start = crate::augment::moved(place.start, most, draw).min(last);
        let (moved, start) = read(start)?;
        let is_unlabelled = matches!(&moved.target, Target::Positions(c) if c.iter().all(Option::is_none));
        if is_unlabelled { read(place.start) } else { Ok((moved, start)) }
    }

    fn is_as_surveyed(&self, recording: &Recording) -> bool {
        let labels = match &recording.target {
            Target::Positions(classes) => classes.len() == recording.space().iter().product::<usize>(),
            Target::Class(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => true,
        };
        labels && recording.input.shape() == self.input.dims()
    }

    fn example(
        &self,
        recording: Recording,
        index: usize,
        draw: Option<Draw>,
    ) -> Result<(Array, Answer), DataError> {
        let Recording { origin, mut input, target } = recording;
        self.normalization.apply(input.data_mut());
        self.noise.iter().for_each(|noise| noise.center(&mut input));
        let mut answer = self.answer(&origin, target, &input)?;
        if let Some(draw) = draw {
            let moves = self.window.is_none();
            self.augment.place(&mut input, &mut answer, moves, draw);
            let both = self.task == Task::Denoising;
            self.augment.scale(&mut input, &mut answer, both, draw);
        }
        if let Some(noise) = &self.noise {
            let numbers = match draw {
                Some(draw) => draw.noise("noise"),
                None => graph::Noise::of(&format!("noise/{}/{index}", noise.seed)),
            };
            noise.add(&mut input, numbers);
        }
        if let Some(draw) = draw {
            self.augment.change(&mut input, draw);
        }
        Ok((input, answer))
    }

    fn answer(&self, origin: &str, target: Target, input: &Array) -> Result<Answer, DataError> {
        let index = |class: usize| i64::try_from(class).unwrap_or(MASKED);
        let positions: usize = self.input.space.iter().product();
        match (self.task, target) {
            (Task::Denoising, _) if self.noise.is_some() => Ok(Answer::Values(input.clone())),
            (Task::Denoising, Target::Signal(mut signal)) => {
                self.normalization.apply(signal.data_mut());
                Ok(Answer::Values(signal))
            }
            (Task::Regression, Target::Signal(signal)) => Ok(Answer::Values(signal)),
            (Task::Regression, Target::Numbers(numbers)) => {
                Ok(Answer::Values(Array::from_fn([numbers.len()], |i| numbers[i])))
            }
            (Task::Segmentation, Target::Class(class)) => {
                Ok(Answer::Positions(vec![index(class); positions]))
            }
            (Task::Segmentation, Target::Positions(classes)) => {
                Ok(Answer::Positions(classes.into_iter().map(|class| class.map_or(MASKED, index)).collect()))
            }
            (Task::Classification, target) => match target.class() {
                Some(class) => Ok(Answer::Class(index(class))),
                None => Err(DataError::new(origin, "no class; classification needs one")),
            },
            (_, _) => Err(DataError::new(origin, "another kind of target than before")),
        }
    }
}

impl std::fmt::Debug for Examples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Part { input, task, .. } = self.of.as_ref();
        write!(f, "Examples({} of {task:?}, {input})", self.len())
    }
}
