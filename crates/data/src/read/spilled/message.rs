//! Messages about recordings in the temporary file of a process, for others that read them there.

use std::sync::Arc;

use super::{Spilled, SpilledRecording, SpilledTarget};
use crate::read::stored::StoredArray;
use crate::read::temporary::TemporaryFile;
use crate::{Description, MessageReader, MessageWriter, Target};

const CLASS: usize = 0;
const LABELS: usize = 1;
const NUMBERS: usize = 2;
const NONE: usize = 3;
const POSITIONS: usize = 4;
const SIGNAL: usize = 5;

impl Spilled {
    /// Adds everything but the values to a message.
    pub(in crate::read) fn write_message(&self, message: &mut MessageWriter) {
        message.texts(&self.classes);
        let Description { channels, columns, outputs, sampling_rate, notes } = &self.description;
        for names in [channels, columns, outputs, notes] {
            message.texts(names);
        }
        message.doubles(sampling_rate.as_slice());
        message.sizes(&[self.recordings.len()]);
        for recording in &self.recordings {
            recording.write_message(message);
        }
    }

    /// Reads the message of a process whose values are in this file.
    pub(in crate::read) fn read_message(
        message: &mut MessageReader<'_>,
        file: &Arc<TemporaryFile>,
    ) -> Option<Self> {
        let classes = message.texts()?;
        let (channels, columns) = (message.texts()?, message.texts()?);
        let (outputs, notes) = (message.texts()?, message.texts()?);
        let sampling_rate = message.doubles()?.first().copied();
        let description = Description { channels, columns, outputs, sampling_rate, notes };
        let [count] = message.sizes()?.try_into().ok()?;
        let recordings =
            (0..count).map(|_| SpilledRecording::read_message(message, file)).collect::<Option<_>>()?;
        Some(Self { classes, description, recordings })
    }
}

impl SpilledRecording {
    /// Adds everything but the values to a message.
    pub(in crate::read) fn write_message(&self, message: &mut MessageWriter) {
        message.bytes(self.origin.as_bytes());
        message.optional_text(self.group.as_deref());
        self.input.write_message(message);
        match &self.target {
            SpilledTarget::Small(Target::Class(class)) => message.sizes(&[CLASS, *class]),
            SpilledTarget::Small(Target::Labels(labels)) => {
                message.sizes(&[LABELS]);
                message.bytes(&labels.iter().map(|label| u8::from(*label)).collect::<Vec<u8>>());
            }
            SpilledTarget::Small(Target::Numbers(numbers)) => {
                message.sizes(&[NUMBERS]);
                message.doubles(numbers);
            }
            SpilledTarget::Small(Target::None | Target::Positions(_) | Target::Signal(_)) => {
                message.sizes(&[NONE]);
            }
            SpilledTarget::Positions(classes) => {
                message.sizes(&[POSITIONS]);
                classes.write_message(message);
            }
            SpilledTarget::Signal(signal) => {
                message.sizes(&[SIGNAL]);
                signal.write_message(message);
            }
        }
    }

    /// Reads the message of a process whose values are in this file.
    pub(in crate::read) fn read_message(
        message: &mut MessageReader<'_>,
        file: &Arc<TemporaryFile>,
    ) -> Option<Self> {
        let (origin, group) = (message.text()?, message.optional_text()?);
        let input = StoredArray::read_message(message, file)?;
        let target = match message.sizes()?[..] {
            [CLASS, class] => SpilledTarget::Small(Target::Class(class)),
            [LABELS] => {
                let labels = message.bytes()?.iter().map(|label| *label == 1).collect();
                SpilledTarget::Small(Target::Labels(labels))
            }
            [NUMBERS] => SpilledTarget::Small(Target::Numbers(message.doubles()?)),
            [NONE] => SpilledTarget::Small(Target::None),
            [POSITIONS] => SpilledTarget::Positions(StoredArray::read_message(message, file)?),
            [SIGNAL] => SpilledTarget::Signal(StoredArray::read_message(message, file)?),
            _ => return None,
        };
        Some(Self { origin, group, input, target })
    }
}
