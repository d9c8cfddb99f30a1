//! Recordings and where they come from.

use std::sync::Arc;

use graph::Array;

use crate::DataError;

/// One series or image with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Where it comes from, for messages: a file, with the row or number where it holds several.
    pub origin: String,
    /// `[C, T]` or `[C, H, W]`.
    pub input: Array,
    /// What a network is to say of it.
    pub target: Target,
}

/// What a network is to say of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One class, an index into [`Source::classes`].
    Class(usize),
    /// A class for each of `T` samples or `H * W` pixels; none where it is unknown.
    Positions(Vec<Option<usize>>),
    /// One or more numbers.
    Numbers(Vec<f32>),
    /// Another series or image.
    Signal(Array),
    /// Nothing, as for denoising with added noise.
    None,
}

/// Where recordings come from. Implement it to train on data of your own, then hand it to
/// [`Splits::of`](crate::Splits::of).
///
/// Each recording is read once when the data is opened, so that everything wrong is found before
/// training, and then again for each example, on several threads at once.
pub trait Source: Send + Sync {
    /// Number of recordings.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names of the classes that targets index; empty where there are none.
    fn classes(&self) -> &[String];

    /// Recording `index`, always the same.
    ///
    /// # Errors
    /// In one sentence: where, what was found, what was needed.
    fn recording(&self, index: usize) -> Result<Recording, DataError>;

    /// `length` samples of recording `index`, a series, from sample `from` on. By default cut out of
    /// [`recording`](Self::recording); a source of long recordings reads only what is asked for.
    ///
    /// # Errors
    /// As [`recording`](Self::recording), and where the recording ends before.
    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        self.recording(index)?.excerpt(from, length)
    }

    /// The class of recording `index` where it has one, so that shares of each class can be held out.
    /// By default that of [`recording`](Self::recording)'s target.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        Ok(self.recording(index)?.target.class())
    }
}

impl Recording {
    /// Spatial sizes: `[T]` or `[H, W]`.
    pub fn space(&self) -> &[usize] {
        self.input.shape().get(1..).unwrap_or_default()
    }

    /// `length` samples of this series from `from` on; targets that lie over samples are cut alike.
    ///
    /// # Errors
    /// Where the recording is no series, or ends before.
    pub fn excerpt(&self, from: usize, length: usize) -> Result<Self, DataError> {
        let [samples] = self.space() else {
            return Err(DataError::new(&self.origin, "an image; only series are cut into windows"));
        };
        let to = from.saturating_add(length);
        if to > *samples {
            let message = format!("samples {from} to {to} are asked for, the recording has {samples}");
            return Err(DataError::new(&self.origin, message));
        }
        let target = match &self.target {
            Target::Positions(classes) => {
                Target::Positions(classes.get(from..to).unwrap_or_default().to_vec())
            }
            Target::Signal(signal) if signal.shape().get(1..) == Some(&[*samples]) => {
                Target::Signal(cut(signal, from, length))
            }
            Target::Signal(signal) => {
                let message = format!("a target of shape {:?} for {samples} samples", signal.shape());
                return Err(DataError::new(&self.origin, message));
            }
            other => other.clone(),
        };
        Ok(Self { origin: self.origin.clone(), input: cut(&self.input, from, length), target })
    }
}

impl Target {
    /// The one class; of classes of samples the most frequent one, of equals the first.
    pub fn class(&self) -> Option<usize> {
        match self {
            Self::Class(class) => Some(*class),
            Self::Positions(classes) => majority(classes),
            Self::Numbers(_) | Self::Signal(_) | Self::None => None,
        }
    }
}

/// The most frequent class, of equals the first.
pub(crate) fn majority(classes: &[Option<usize>]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    classes.iter().flatten().for_each(|class| *counts.entry(*class).or_insert(0usize) += 1);
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(class, _)| class)
}

/// Samples of `[C, T]`.
fn cut(series: &Array, from: usize, length: usize) -> Array {
    let (channels, samples) = (series.shape()[0], series.shape()[1]);
    let rows = (0..channels).map(|channel| &series.data()[channel * samples..][from..from + length]);
    let data = rows.flatten().copied().collect();
    Array::new([channels, length], data).expect("as many rows as channels, each as long")
}

/// Recordings in memory, as files are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Names of the classes that targets index.
    pub classes: Vec<String>,
    /// The recordings.
    pub recordings: Vec<Recording>,
}

impl Memory {
    fn get(&self, index: usize) -> Result<&Recording, DataError> {
        let missing = || DataError::new("data", format!("there is no recording {index}"));
        self.recordings.get(index).ok_or_else(missing)
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

    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        Ok(self.get(index)?.target.class())
    }
}

/// Some recordings of another source.
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

    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        self.source.class(self.indices[index])
    }
}
