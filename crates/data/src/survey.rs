//! One look at every recording before training: is it what the task needs, and where do its windows lie.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use graph::Shape;

use crate::moments::Moments;
use crate::source::majority;
use crate::{Config, DataError, Recording, Source, Target, Task};

/// Where an example lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) recording: usize,
    /// The first sample of a window.
    pub(crate) start: usize,
}

/// What one look at every recording of a part tells.
#[derive(Clone, Debug)]
pub(crate) struct Survey {
    /// The examples, in order.
    pub(crate) places: Vec<Place>,
    /// Samples of each recording of a series.
    pub(crate) lengths: Vec<usize>,
    pub(crate) moments: Moments,
    /// Of each class: examples of a classification, samples of a segmentation.
    pub(crate) counts: Vec<usize>,
}

/// What is to be checked.
pub(crate) struct Needs<'a> {
    pub(crate) config: &'a Config,
    pub(crate) input: &'a Shape,
    pub(crate) classes: &'a [String],
    /// Samples from one window's start to the next's.
    pub(crate) step: usize,
}

/// What a look at one recording tells.
struct Look {
    origin: String,
    samples: usize,
    /// First samples of its examples.
    starts: Vec<usize>,
    moments: Moments,
    counts: Vec<usize>,
    target: Vec<usize>,
}

/// Looks at all of `source`, the part called `part`.
pub(crate) fn survey(source: &dyn Source, part: &str, needs: &Needs<'_>) -> Result<Survey, DataError> {
    if source.is_empty() {
        return Err(DataError::new(format!("data.{part}"), "no recordings; at least one is needed"));
    }
    let mut survey = Survey {
        places: Vec::new(),
        lengths: Vec::new(),
        moments: Moments::new(needs.input.channels),
        counts: vec![0; needs.classes.len()],
    };
    let mut first = None;
    for (recording, look) in looks(source, needs).into_iter().enumerate() {
        let look = look?;
        let expected = first.get_or_insert_with(|| look.target.clone());
        if *expected != look.target {
            let found = look.target;
            let message = format!("a target of shape {found:?}; the recordings before it have {expected:?}");
            return Err(DataError::new(look.origin, message));
        }
        survey.places.extend(look.starts.into_iter().map(|start| Place { recording, start }));
        survey.lengths.push(look.samples);
        survey.moments.merge(&look.moments);
        survey.counts.iter_mut().zip(look.counts).for_each(|(sum, count)| *sum += count);
    }
    if survey.places.is_empty() {
        return Err(DataError::new(format!("data.{part}"), "no sample has a label; at least one must"));
    }
    Ok(survey)
}

/// A look at each recording, in order, up to the first that is wrong; on several threads.
fn looks(source: &dyn Source, needs: &Needs<'_>) -> Vec<Result<Look, DataError>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut looks = Vec::new();
        // Recordings are taken in order, so that all before a wrong one are looked at.
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= source.len() {
                break;
            }
            let look = needs.look(source, index);
            failed.fetch_or(look.is_err(), Ordering::Relaxed);
            looks.push((index, look));
        }
        looks
    };
    let threads = needs.config.threads().min(source.len());
    let mut looks: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let panicked = |_| vec![(0, Err(DataError::new("data", "the source panicked")))];
        let others = others.into_iter().flat_map(|thread| thread.join().unwrap_or_else(panicked));
        own.into_iter().chain(others.collect::<Vec<_>>()).collect()
    });
    looks.sort_by_key(|(index, _)| *index);
    looks.into_iter().map(|(_, look)| look).collect()
}

impl Needs<'_> {
    fn look(&self, source: &dyn Source, index: usize) -> Result<Look, DataError> {
        let recording = source.recording(index)?;
        self.shape(&recording)?;
        finite(&recording)?;
        self.target(&recording)?;
        let mut moments = Moments::new(self.input.channels);
        moments.add(recording.input.data());
        let mut counts = vec![0; self.classes.len()];
        let starts = self.starts(&recording, &mut counts);
        if self.config.task == Task::Segmentation {
            match &recording.target {
                Target::Class(class) => counts[*class] += recording.space().iter().product::<usize>(),
                Target::Positions(classes) => classes.iter().flatten().for_each(|class| counts[*class] += 1),
                Target::Numbers(_) | Target::Signal(_) | Target::None => {}
            }
        }
        let (samples, target) = (recording.space()[0], target_shape(&recording, self));
        Ok(Look { origin: recording.origin, samples, starts, moments, counts, target })
    }

    /// The examples of a recording that have a label, where labels are needed; of a classification
    /// they are counted by class.
    fn starts(&self, recording: &Recording, counts: &mut [usize]) -> Vec<usize> {
        let samples = recording.space()[0];
        let length = self.config.window.map_or(samples, |window| window.length);
        let is_classification = self.config.task == Task::Classification;
        let mut starts = Vec::new();
        for start in (0..=samples - length).step_by(self.step) {
            let class = match &recording.target {
                Target::Positions(classes) => {
                    let whole = self.config.window.is_none();
                    let classes = if whole { &classes[..] } else { &classes[start..start + length] };
                    if self.config.noise.is_none() && classes.iter().all(Option::is_none) {
                        continue;
                    }
                    majority(classes).filter(|_| is_classification)
                }
                target => target.class().filter(|_| is_classification),
            };
            class.iter().for_each(|class| counts[*class] += 1);
            starts.push(start);
        }
        starts
    }

    fn shape(&self, recording: &Recording) -> Result<(), DataError> {
        let (found, needed) = (recording.input.shape(), self.input.dims());
        if let Some(window) = self.config.window
            && let [channels, samples] = *found
            && channels == self.input.channels
        {
            if samples >= window.length {
                return Ok(());
            }
            let message = format!("{samples} samples; a window needs {}", window.length);
            return Err(DataError::new(&recording.origin, message));
        }
        if found == needed {
            return Ok(());
        }
        let message = match self.config.window {
            Some(_) => format!("an input of shape {found:?}; {} channels are needed", self.input.channels),
            None if found.len() == 2 && needed.len() == 2 && found[0] == needed[0] => {
                format!(
                    "{} samples; the network's input has {}; `window` cuts recordings of other lengths",
                    found[1], needed[1]
                )
            }
            None => format!("an input of shape {found:?}; the network's input is {needed:?}"),
        };
        Err(DataError::new(&recording.origin, message))
    }

    fn target(&self, recording: &Recording) -> Result<(), DataError> {
        let needed = match (self.config.task, &recording.target) {
            (Task::Classification | Task::Segmentation, Target::Class(class)) => {
                return self.class(recording, *class);
            }
            (Task::Classification | Task::Segmentation, Target::Positions(classes)) => {
                let positions: usize = recording.space().iter().product();
                if classes.len() != positions {
                    let message = format!("{} labels for {positions} positions", classes.len());
                    return Err(DataError::new(&recording.origin, message));
                }
                if recording.space().len() == 2 && self.config.task == Task::Classification {
                    let message = "a class for each pixel; classification needs one for the image";
                    return Err(DataError::new(&recording.origin, message));
                }
                return classes.iter().flatten().try_for_each(|class| self.class(recording, *class));
            }
            (Task::Regression, Target::Numbers(numbers)) if !numbers.is_empty() => return Ok(()),
            (Task::Denoising, _) if self.config.noise.is_some() => return Ok(()),
            (Task::Regression | Task::Denoising, Target::Signal(signal)) => {
                return self.signal(recording, signal.shape());
            }
            (Task::Classification, _) => "classification needs a class",
            (Task::Segmentation, _) => "segmentation needs classes",
            (Task::Regression, _) => "regression needs numbers",
            (Task::Denoising, _) => "denoising needs `noise`, or the clean signal as target",
        };
        let found = match recording.target {
            Target::Class(_) | Target::Positions(_) => "a class as target",
            Target::Numbers(_) | Target::Signal(_) => "numbers as target",
            Target::None => "no target",
        };
        Err(DataError::new(&recording.origin, format!("{found}; {needed}")))
    }

    fn class(&self, recording: &Recording, class: usize) -> Result<(), DataError> {
        if class < self.classes.len() {
            return Ok(());
        }
        let message = format!("class {class}; there are {} classes", self.classes.len());
        Err(DataError::new(&recording.origin, message))
    }

    /// A signal that windows cut lies over the same samples; one to be denoised has the input's shape.
    fn signal(&self, recording: &Recording, found: &[usize]) -> Result<(), DataError> {
        let input = recording.input.shape();
        let whole = self.config.task == Task::Denoising && found != input;
        let samples = self.config.window.is_some() && (found.len() != 2 || found[1] != input[1]);
        if !(whole || samples || found.is_empty()) {
            return Ok(());
        }
        let message = format!("a target of shape {found:?}; the input has {input:?}");
        Err(DataError::new(&recording.origin, message))
    }
}

/// The shape of an example's target, equal for all; of windowed signals without the samples.
fn target_shape(recording: &Recording, needs: &Needs<'_>) -> Vec<usize> {
    match &recording.target {
        _ if needs.config.noise.is_some() => Vec::new(),
        Target::Numbers(numbers) => vec![numbers.len()],
        Target::Signal(signal) if needs.config.window.is_some() => vec![signal.shape()[0]],
        Target::Signal(signal) => signal.shape().to_vec(),
        Target::Class(_) | Target::Positions(_) | Target::None => Vec::new(),
    }
}

/// Every number must be one.
pub(crate) fn finite(recording: &Recording) -> Result<(), DataError> {
    let bad = |values: &[f32]| values.iter().position(|value| !value.is_finite());
    let input = &recording.input;
    if let Some(i) = bad(input.data()) {
        let positions: usize = recording.space().iter().product();
        let (channel, position) = (i / positions.max(1) + 1, i % positions.max(1));
        let place = match recording.space() {
            [_, width] => format!("row {}, column {}", position / width + 1, position % width + 1),
            _ => format!("sample {}", position + 1),
        };
        let message = format!("channel {channel}, {place}: {}; a finite number is needed", input.data()[i]);
        return Err(DataError::new(&recording.origin, message));
    }
    let numbers: &[f32] = match &recording.target {
        Target::Numbers(numbers) => numbers,
        Target::Signal(signal) => signal.data(),
        Target::Class(_) | Target::Positions(_) | Target::None => &[],
    };
    let Some(i) = bad(numbers) else { return Ok(()) };
    let message = format!("target {}: {}; a finite number is needed", i + 1, numbers[i]);
    Err(DataError::new(&recording.origin, message))
}
