//! One look at every recording before training: is it what the task needs, and where do its windows lie.

use graph::Shape;

use crate::standardization::Moments;
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

/// Looks at all of `source`, the part called `part`.
pub(crate) fn survey(source: &dyn Source, part: &str, needs: &Needs<'_>) -> Result<Survey, DataError> {
    let mut survey = Survey {
        places: Vec::new(),
        lengths: Vec::new(),
        moments: Moments::new(needs.input.channels),
        counts: vec![0; needs.classes.len()],
    };
    let mut first = None;
    for index in 0..source.len() {
        let recording = source.recording(index)?;
        needs.shape(&recording)?;
        finite(&recording)?;
        needs.target(&recording)?;
        let shape = target_shape(&recording, needs);
        let expected = first.get_or_insert_with(|| shape.clone());
        if *expected != shape {
            let message = format!("a target of shape {shape:?}; the recordings before it have {expected:?}");
            return Err(DataError::new(&recording.origin, message));
        }
        survey.moments.add(recording.input.data());
        survey.add(index, &recording, needs);
    }
    if source.is_empty() {
        return Err(DataError::new(format!("data.{part}"), "no recordings; at least one is needed"));
    }
    if survey.places.is_empty() {
        return Err(DataError::new(format!("data.{part}"), "no sample has a label; at least one must"));
    }
    Ok(survey)
}

impl Survey {
    /// Adds the windows of a recording that have a label, where labels are needed.
    fn add(&mut self, index: usize, recording: &Recording, needs: &Needs<'_>) {
        let samples = recording.space()[0];
        self.lengths.push(samples);
        let length = needs.config.window.map_or(samples, |window| window.length);
        let is_classification = needs.config.task == Task::Classification;
        for start in (0..=samples - length).step_by(needs.step) {
            let class = match &recording.target {
                Target::Positions(classes) if needs.config.window.is_some() => {
                    let classes = &classes[start..start + length];
                    if classes.iter().all(Option::is_none) {
                        continue;
                    }
                    is_classification.then(|| Target::Positions(classes.to_vec()).class()).flatten()
                }
                target => target.class(),
            };
            if let Some(class) = class.filter(|_| is_classification) {
                self.counts[class] += 1;
            }
            self.places.push(Place { recording: index, start });
        }
        if needs.config.task == Task::Segmentation {
            match &recording.target {
                Target::Class(class) => self.counts[*class] += recording.space().iter().product::<usize>(),
                Target::Positions(classes) => {
                    classes.iter().flatten().for_each(|class| self.counts[*class] += 1);
                }
                Target::Numbers(_) | Target::Signal(_) | Target::None => {}
            }
        }
    }
}

impl Needs<'_> {
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
fn finite(recording: &Recording) -> Result<(), DataError> {
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
