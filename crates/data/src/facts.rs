//! Facts about the recordings of a config, before the network's input is known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use graph::Shape;

use crate::{Config, DataError, Missing, Pad, Sharing, Target};

/// Facts about the training recordings of a config.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordingFacts {
    /// The number of recordings.
    pub count: usize,
    /// The number of channels of the first recording.
    pub channels: usize,
    /// The number of samples of each series, sorted. Empty for images.
    pub lengths: Vec<usize>,
    /// The classes, each with its number of recordings, or of samples if each sample has a class. Images are not counted.
    pub classes: Vec<(String, usize)>,
    /// Whether every recording has a single class.
    pub has_one_class_each: bool,
    /// The number of outputs that a regression needs.
    pub outputs: usize,
    /// The groups.
    pub groups: BTreeSet<String>,
    /// The number of missing values in the inputs.
    pub missing: usize,
    /// The number of samples per second, if known.
    pub sampling_rate: Option<f64>,
    /// Notes about how the files were read, one sentence each.
    pub notes: Vec<String>,
}

impl RecordingFacts {
    /// Returns the middle one of the lengths, or 0 for images.
    pub fn usual_length(&self) -> usize {
        self.lengths.get(self.lengths.len() / 2).copied().unwrap_or(0)
    }
}

impl Config {
    /// Reads the training recordings of this config as they are: of any length, and with missing values.
    /// `input` is the size of images, or any series with the number of channels.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn recording_facts(&self, input: &Shape, base: &Path) -> Result<RecordingFacts, DataError> {
        let is_series = input.rank() == 1;
        let config = Self {
            validation: None,
            test: None,
            window: None,
            missing: if is_series { Missing::Interpolate } else { Missing::Zero },
            pad: if is_series { Some(Pad::Zero) } else { None },
            ..self.clone()
        };
        let source = config.sources(input, base, &|_| {}, Sharing::alone())?.0.train;
        let description = source.description();
        let mut facts = RecordingFacts {
            count: source.len(),
            has_one_class_each: true,
            sampling_rate: description.sampling_rate,
            notes: description.notes,
            ..RecordingFacts::default()
        };
        let mut counts = BTreeMap::new();
        // The content of an image is of no interest.
        let count = if is_series || config.task == model::Task::Regression {
            source.len()
        } else {
            source.len().min(1)
        };
        for index in 0..count {
            let recording = source.recording(index)?;
            if index == 0 {
                facts.channels = recording.input.shape()[0];
            }
            if let [samples] = recording.space() {
                facts.lengths.push(*samples);
            }
            facts.groups.extend(recording.group.clone());
            facts.missing += recording.input.data().iter().filter(|value| value.is_nan()).count();
            match &recording.target {
                Target::Class(class) => *counts.entry(*class).or_insert(0) += 1,
                Target::Positions(classes) => {
                    for class in classes.iter().flatten() {
                        *counts.entry(*class).or_insert(0) += 1;
                    }
                    let distinct: BTreeSet<usize> = classes.iter().flatten().copied().collect();
                    facts.has_one_class_each &= distinct.len() <= 1;
                }
                Target::Numbers(numbers) => facts.outputs = numbers.len(),
                Target::Signal(signal) => facts.outputs = signal.shape()[0],
                Target::Labels(_) | Target::None => {}
            }
        }
        facts.lengths.sort_unstable();
        let class =
            |(class, name): (usize, &String)| (name.clone(), counts.get(&class).copied().unwrap_or(0));
        facts.classes = source.classes().iter().enumerate().map(class).collect();
        Ok(facts)
    }
}
