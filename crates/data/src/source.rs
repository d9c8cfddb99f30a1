//! Recordings and their sources.

use std::sync::Arc;

use crate::error::expected;
use crate::{DataError, Values};

/// One series or image with its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The origin, for messages: a file, with a row or an index if the file contains several recordings.
    pub origin: String,
    /// `[C, T]` or `[C, H, W]`.
    pub input: Values,
    /// The target of the network's output.
    pub target: Target,
    /// The group that the recording belongs to, such as a subject, if any. A split never divides a group.
    pub group: Option<String>,
}

/// The target of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One class, an index into [`Source::classes`].
    Class(usize),
    /// A class for each of `T` samples or `H * W` pixels, or `None` if it is unknown.
    Positions(Vec<Option<usize>>),
    /// For each class, whether the recording belongs to it.
    Labels(Vec<bool>),
    /// One or more numbers.
    Numbers(Vec<f64>),
    /// Another series or image.
    Signal(Values),
    /// No target, as for denoising with added noise.
    None,
}

/// A source of recordings. To train on your own data, implement this trait and pass the source to
/// [`Splits::of`](crate::Splits::of).
///
/// Each recording is read once when the data is opened, so that errors are found before training, and again
/// for each example. Several threads read at once.
pub trait Source: Send + Sync {
    /// Returns the number of recordings.
    fn len(&self) -> usize;

    /// Returns whether there are no recordings.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the names of the classes, which targets refer to by index. Empty if there are no classes.
    fn classes(&self) -> &[String];

    /// Returns recording `index`. Every call must return the same recording.
    ///
    /// # Errors
    /// If the recording cannot be read.
    fn recording(&self, index: usize) -> Result<Recording, DataError>;

    /// Returns `length` samples of recording `index`, a series, starting with sample `from`. The default
    /// implementation reads the whole [`recording`](Self::recording); a source of long recordings should read
    /// only the excerpt.
    ///
    /// # Errors
    /// As [`recording`](Self::recording), and if the recording is too short.
    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        self.recording(index)?.excerpt(from, length)
    }

    /// Returns the known facts about all recordings. The default implementation returns none.
    fn description(&self) -> Description {
        Description::default()
    }
}

/// Facts about the recordings of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// The names of the input channels. Empty if they are unknown.
    pub channels: Vec<String>,
    /// The names of the columns of a table whose rows are recordings, without those that are no input. Empty if they
    /// are unknown.
    pub columns: Vec<String>,
    /// The names of the numbers or signals that a regression predicts. Empty if they are unknown.
    pub outputs: Vec<String>,
    /// The number of samples per second, if known.
    pub sampling_rate: Option<f64>,
    /// Notes for users about how the files were read and what was left out, one sentence each, beginning with the file.
    pub notes: Vec<String>,
}

impl Recording {
    /// A recording without a group.
    pub fn new(origin: impl Into<String>, input: impl Into<Values>, target: Target) -> Self {
        Self { origin: origin.into(), input: input.into(), target, group: None }
    }

    /// Returns the spatial sizes: `[T]` or `[H, W]`.
    pub fn space(&self) -> &[usize] {
        self.input.shape().get(1..).unwrap_or_default()
    }

    /// Returns `length` samples of this series, starting with sample `from`, with the same samples of the
    /// target if it has as many as the series.
    ///
    /// # Errors
    /// If the recording is an image or too short.
    pub fn excerpt(&self, from: usize, length: usize) -> Result<Self, DataError> {
        let [samples] = self.space() else {
            let message = expected("a series to cut samples from", "an image");
            return Err(DataError::new(&self.origin, message));
        };
        let to = from.saturating_add(length);
        if to > *samples {
            let message = expected(format!("at least {to} samples"), samples);
            return Err(DataError::new(&self.origin, message));
        }
        let target = match &self.target {
            Target::Positions(classes) if classes.len() == *samples => {
                Target::Positions(classes[from..to].to_vec())
            }
            Target::Signal(signal) if signal.shape().len() == 2 && signal.shape()[1] == *samples => {
                Target::Signal(signal.cut(from, length))
            }
            other => other.clone(),
        };
        let (origin, group) = (self.origin.clone(), self.group.clone());
        Ok(Self { origin, input: self.input.cut(from, length), target, group })
    }
}

impl Target {
    /// Returns the class, or the most frequent class over all positions. Ties go to the first class.
    pub fn class(&self) -> Option<usize> {
        match self {
            Self::Class(class) => Some(*class),
            Self::Positions(classes) => majority(classes),
            Self::Labels(_) | Self::Numbers(_) | Self::Signal(_) | Self::None => None,
        }
    }
}

/// Returns the most frequent class. Ties go to the first class.
pub(crate) fn majority(classes: &[Option<usize>]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    for class in classes.iter().flatten() {
        *counts.entry(*class).or_insert(0usize) += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(class, _)| class)
}

/// Recordings in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The names of the classes, which targets refer to by index.
    pub classes: Vec<String>,
    /// The recordings.
    pub recordings: Vec<Recording>,
    /// Facts about all recordings.
    pub description: Description,
}

impl Memory {
    fn get(&self, index: usize) -> Result<&Recording, DataError> {
        self.recordings.get(index).ok_or_else(|| {
            let below = format!("a recording index below {}", self.recordings.len());
            DataError::new("data", expected(below, index))
        })
    }
}

impl Source for Memory {
    fn len(&self) -> usize {
        self.recordings.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.get(index).cloned()
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        self.get(index)?.excerpt(from, length)
    }

    fn description(&self) -> Description {
        self.description.clone()
    }
}

/// A subset of another source's recordings.
pub(crate) struct Subset {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) indices: Vec<usize>,
}

impl Source for Subset {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn classes(&self) -> &[String] {
        self.source.classes()
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.source.recording(self.indices[index])
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        self.source.excerpt(self.indices[index], from, length)
    }

    fn description(&self) -> Description {
        self.source.description()
    }
}
