//! Recordings in a temporary file.

mod message;

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::stored::{Content, Run, StoredArray};
use super::temporary::TemporaryFile;
use crate::error::expected;
use crate::npy::{Elements, Kind};
use crate::{DataError, Description, Memory, Recording, Source, Target, Values};

/// The recordings of a file, without their values.
pub(super) struct Spilled {
    classes: Vec<String>,
    description: Description,
    recordings: Vec<SpilledRecording>,
}

/// A recording without its values.
#[derive(Debug)]
pub(super) struct SpilledRecording {
    origin: String,
    group: Option<String>,
    input: StoredArray,
    target: SpilledTarget,
}

#[derive(Debug)]
enum SpilledTarget {
    /// A target that does not grow with the recording.
    Small(Target),
    /// The class of each position; -1 if it is unknown.
    Positions(StoredArray),
    Signal(StoredArray),
}

/// Appends numbers of eight bytes to a file.
fn append(
    file: &Arc<TemporaryFile>,
    kind: Kind,
    shape: &[usize],
    numbers: &[[u8; 8]],
) -> io::Result<StoredArray> {
    let content = Content::Temporary { file: Arc::clone(file), offset: file.append(numbers.as_flattened())? };
    Ok(StoredArray { elements: Elements { kind, big_endian: false }, shape: shape.to_vec(), content })
}

fn append_values(file: &Arc<TemporaryFile>, values: &Values) -> io::Result<StoredArray> {
    let numbers: Vec<[u8; 8]> = values.data().iter().map(|value| value.to_le_bytes()).collect();
    append(file, Kind::Float(8), values.shape(), &numbers)
}

impl Spilled {
    /// Writes recordings to the end of a file.
    pub(super) fn write(memory: Memory, file: &Arc<TemporaryFile>) -> io::Result<Self> {
        let Memory { classes, recordings, description } = memory;
        let write = |recording| SpilledRecording::write(recording, file);
        let recordings = recordings.into_iter().map(write).collect::<io::Result<_>>()?;
        Ok(Self { classes, description, recordings })
    }

    fn get(&self, index: usize) -> Result<&SpilledRecording, DataError> {
        self.recordings.get(index).ok_or_else(|| {
            let below = format!("a recording index below {}", self.recordings.len());
            DataError::new("data", expected(below, index))
        })
    }
}

impl SpilledRecording {
    /// Writes a recording to the end of a file.
    pub(super) fn write(recording: Recording, file: &Arc<TemporaryFile>) -> io::Result<Self> {
        let input = append_values(file, &recording.input)?;
        let target = match recording.target {
            Target::Positions(classes) => {
                let class = |class: &Option<usize>| class.map_or(-1, |class| class as i64).to_le_bytes();
                let numbers: Vec<[u8; 8]> = classes.iter().map(class).collect();
                SpilledTarget::Positions(append(file, Kind::Signed(8), &[classes.len()], &numbers)?)
            }
            Target::Signal(signal) => SpilledTarget::Signal(append_values(file, &signal)?),
            small => SpilledTarget::Small(small),
        };
        Ok(Self { origin: recording.origin, group: recording.group, input, target })
    }

    /// Reads samples of a series, or the whole recording if `samples` is `None`.
    pub(super) fn read(&self, samples: Option<&Range<usize>>) -> Result<Recording, DataError> {
        let read = || {
            let all = self.input.shape.last().copied().unwrap_or_default();
            let input = part(&self.input, samples)?;
            let target = match &self.target {
                SpilledTarget::Small(target) => target.clone(),
                SpilledTarget::Positions(classes) => {
                    let cut = samples.filter(|_| classes.shape == [all]);
                    let classes = part(classes, cut)?;
                    Target::Positions(classes.data().iter().map(|class| position(*class)).collect())
                }
                SpilledTarget::Signal(signal) => {
                    let has_samples = signal.shape.len() == 2 && signal.shape[1] == all;
                    Target::Signal(part(signal, samples.filter(|_| has_samples))?)
                }
            };
            Ok(Recording { origin: self.origin.clone(), input, target, group: self.group.clone() })
        };
        read().map_err(|message: String| DataError::new(&self.origin, message))
    }
}

/// Returns samples of an array whose last axis is that of the samples, or all of it.
fn part(array: &StoredArray, samples: Option<&Range<usize>>) -> Result<Values, String> {
    let (count, mut shape) = (array.shape.iter().product::<usize>(), array.shape.clone());
    let runs = match (samples, shape.last_mut()) {
        (Some(samples), Some(last)) => {
            let all = std::mem::replace(last, samples.len());
            let rows = count.checked_div(all).unwrap_or_default();
            (0..rows).map(|row| Run { from: row * all + samples.start, count: samples.len() }).collect()
        }
        (_, _) => vec![Run { from: 0, count }],
    };
    Ok(Values::new(shape, array.numbers(&runs)?).unwrap_or_default())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below 65,536")]
fn position(class: f64) -> Option<usize> {
    if class < 0.0 { None } else { Some(class as usize) }
}

impl Source for Spilled {
    fn len(&self) -> usize {
        self.recordings.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.get(index)?.read(None)
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        let recording = self.get(index)?;
        let to = from.saturating_add(length);
        match recording.input.shape[..] {
            [_, samples] if to <= samples => recording.read(Some(&(from..to))),
            // An error.
            _ => recording.read(None)?.excerpt(from, length),
        }
    }

    fn description(&self) -> Description {
        self.description.clone()
    }
}
