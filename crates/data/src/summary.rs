//! The facts that decide in which split a recording may be: its class, group and content.

use std::collections::BTreeMap;

use crate::message::Message;
use crate::opening::Opening;
use crate::{DataError, MessageReader, MessageWriter, Recording, Source, Target, digest};

/// The facts about a recording that decide in which split it may be.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) origin: String,
    pub(crate) group: Option<String>,
    /// The digest of the input.
    pub(crate) content: [u8; 32],
    class: Stratum,
}

/// The class of a recording, or the set of its classes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stratum {
    None,
    Class(usize),
    Labels(Vec<bool>),
}

impl Summary {
    pub(crate) fn of(recording: Recording, content: [u8; 32]) -> Self {
        let class = match recording.target {
            Target::Labels(labels) => Stratum::Labels(labels),
            target => target.class().map_or(Stratum::None, Stratum::Class),
        };
        Self { origin: recording.origin, group: recording.group, content, class }
    }
}

impl Message for Summary {
    fn write(&self, message: &mut MessageWriter) {
        message.bytes(self.origin.as_bytes());
        message.optional_text(self.group.as_deref());
        message.bytes(&self.content);
        match &self.class {
            Stratum::None => message.sizes(&[]),
            Stratum::Class(class) => message.sizes(&[*class]),
            Stratum::Labels(labels) => {
                // One more than a class has, so that labels differ from it.
                message.sizes(&[0, labels.len()]);
                message.bytes(&labels.iter().map(|label| u8::from(*label)).collect::<Vec<u8>>());
            }
        }
    }

    fn read(message: &mut MessageReader<'_>) -> Option<Self> {
        Some(Self {
            origin: message.text()?,
            group: message.optional_text()?,
            content: message.bytes()?.try_into().ok()?,
            class: match message.sizes()?[..] {
                [] => Stratum::None,
                [class] => Stratum::Class(class),
                _ => Stratum::Labels(message.bytes()?.iter().map(|label| *label == 1).collect()),
            },
        })
    }
}

/// Summarizes all recordings of `source`; several processes share the work.
pub(crate) fn summaries(
    source: &dyn Source,
    threads: usize,
    opening: Opening<'_>,
) -> Result<Vec<Summary>, DataError> {
    opening.of_recordings(source.len(), threads, |index| {
        let recording = source.recording(index)?;
        let digest = digest::of_recording(&recording);
        Ok(Summary::of(recording, digest.input))
    })
}

/// Returns the number of each recording's class, or of the set of its classes, in the order of the classes that
/// occur, and how many there are.
pub(crate) fn strata(recordings: &[&Summary]) -> (Vec<usize>, usize) {
    let mut numbers: BTreeMap<&Stratum, usize> =
        recordings.iter().map(|recording| (&recording.class, 0)).collect();
    for (number, value) in numbers.values_mut().enumerate() {
        *value = number;
    }
    (recordings.iter().map(|recording| numbers[&recording.class]).collect(), numbers.len())
}
