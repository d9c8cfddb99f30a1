//! The checks that every recording must pass for a task and a network's input.

use graph::Shape;

use crate::fill::samples;
use crate::{Config, DataError, Missing, Recording, Target, Task};

/// The requirements that the recordings of a split are checked against.
pub(crate) struct Requirements<'a> {
    pub(crate) config: &'a Config,
    pub(crate) input: &'a Shape,
    pub(crate) classes: &'a [String],
    /// Numbers of samples between the starts of neighboring windows. The examples are found for each of them.
    pub(crate) steps: Vec<usize>,
}

impl Requirements<'_> {
    /// Checks one recording.
    pub(crate) fn check(&self, recording: &Recording) -> Result<(), DataError> {
        let refuse = |message: String| DataError::new(&recording.origin, message);
        self.check_shape(recording).map_err(refuse)?;
        check_finite(recording, self.config)?;
        self.check_target(recording).map_err(refuse)
    }

    fn check_shape(&self, recording: &Recording) -> Result<(), String> {
        let (found, expected) = (recording.input.shape(), self.input.dims());
        if let Some(window) = self.config.window {
            return match *found {
                [channels, samples] if channels == self.input.channels => {
                    if samples >= window.length {
                        return Ok(());
                    }
                    Err(format!(
                        "expected at least {} samples for a window, found {samples}; set `pad` to extend shorter series",
                        window.length
                    ))
                }
                _ if found == expected => Ok(()),
                _ => Err(format!("expected {} channels, found shape {found:?}", self.input.channels)),
            };
        }
        if found == expected {
            return Ok(());
        }
        if found.len() == 2 && expected.len() == 2 && found[0] == expected[0] {
            let advice = if found[1] < expected[1] {
                "set `pad` to extend shorter series"
            } else {
                "set `window` to cut longer series"
            };
            return Err(format!("expected {} samples, found {}; {advice}", expected[1], found[1]));
        }
        Err(format!("expected an input of shape {expected:?}, found {found:?}"))
    }

    fn check_target(&self, recording: &Recording) -> Result<(), String> {
        let expected = match (self.config.task, &recording.target) {
            (Task::Classification | Task::Segmentation, Target::Class(class)) => {
                return self.check_class(*class);
            }
            (Task::Classification | Task::Segmentation, Target::Positions(classes)) => {
                return self.check_positions(recording, classes);
            }
            (Task::MultiLabel, Target::Labels(labels)) if labels.len() == self.classes.len() => return Ok(()),
            (Task::Regression, Target::Numbers(numbers)) if !numbers.is_empty() => return Ok(()),
            (Task::Denoising, _) if self.config.noise.is_some() => return Ok(()),
            (Task::Regression | Task::Denoising, Target::Signal(signal)) => {
                return self.check_signal(recording.input.shape(), signal.shape());
            }
            (Task::Classification, _) => "a class as target of classification",
            (Task::MultiLabel, _) => "a label for each class as target",
            (Task::Segmentation, _) => "classes as target of segmentation",
            (Task::Regression, _) => "numbers as target of regression",
            (Task::Denoising, _) => "a clean signal as target of denoising, unless `noise` is set",
        };
        let found = match recording.target {
            Target::Class(_) | Target::Positions(_) => "a class",
            Target::Labels(_) => "labels",
            Target::Numbers(_) | Target::Signal(_) => "numbers",
            Target::None => "no target",
        };
        Err(format!("expected {expected}, found {found}"))
    }

    fn check_positions(&self, recording: &Recording, classes: &[Option<usize>]) -> Result<(), String> {
        let positions: usize = recording.space().iter().product();
        if classes.len() != positions {
            return Err(format!("expected {positions} labels, one per position, found {}", classes.len()));
        }
        if recording.space().len() == 2 && self.config.task == Task::Classification {
            return Err("expected one class per image, found one per pixel".to_owned());
        }
        for class in classes.iter().flatten() {
            self.check_class(*class)?;
        }
        Ok(())
    }

    fn check_class(&self, class: usize) -> Result<(), String> {
        if class < self.classes.len() {
            return Ok(());
        }
        Err(format!("expected a class index below {}, found {class}", self.classes.len()))
    }

    /// Checks the shape of a signal. In denoising, it must be the input's. A signal that is cut into windows must
    /// have as many samples as the input.
    fn check_signal(&self, input: &[usize], found: &[usize]) -> Result<(), String> {
        let has_other_shape = self.config.task == Task::Denoising && found != input;
        let has_other_samples = self.config.window.is_some() && (found.len() != 2 || found[1] != input[1]);
        if has_other_shape || has_other_samples || found.is_empty() || found.contains(&0) {
            return Err(format!("expected a target for an input of shape {input:?}, found shape {found:?}"));
        }
        Ok(())
    }
}

/// Checks that every number of the input and of the target is finite, or missing where `config` allows it.
pub(crate) fn check_finite(recording: &Recording, config: &Config) -> Result<(), DataError> {
    let refuse = |place: String, value: f64| {
        let advice = match place.starts_with("target") {
            true if value.is_nan() => "; set `missing: mask` to leave missing targets out",
            false if value.is_nan() => "; set `missing` to accept missing values",
            true | false => "",
        };
        let message = format!("{place}: expected a finite number, found {value}{advice}");
        Err(DataError::new(&recording.origin, message))
    };
    let positions: usize = recording.space().iter().product::<usize>().max(1);
    // Padding is missing, too.
    let present = match recording.space() {
        [_] if config.pad.is_some() => samples(&recording.input),
        _ => positions,
    };
    let is_allowed = |i: usize, value: f64| {
        value.is_finite() || value.is_nan() && (config.missing == Missing::Mask || i % positions >= present)
    };
    let input = recording.input.data();
    if let Some(i) = (0..input.len()).find(|&i| !is_allowed(i, input[i])) {
        let (channel, position) = (i / positions + 1, i % positions);
        let place = match recording.space() {
            [_, width] => format!("row {}, column {}", position / width + 1, position % width + 1),
            _ => format!("sample {}", position + 1),
        };
        return refuse(format!("channel {channel}, {place}"), input[i]);
    }
    let (target, has_positions): (&[f64], bool) = match &recording.target {
        Target::Numbers(numbers) => (numbers, false),
        Target::Signal(signal) => (signal.data(), signal.shape().get(1..) == Some(recording.space())),
        Target::Class(_) | Target::Positions(_) | Target::Labels(_) | Target::None => (&[], false),
    };
    let position = |i: usize| if has_positions { i } else { 0 };
    match (0..target.len()).find(|&i| !is_allowed(position(i), target[i])) {
        Some(i) => refuse(format!("target {}", i + 1), target[i]),
        None => Ok(()),
    }
}
