//! The metrics of a run for TensorBoard, in an event log.

mod message;
mod record;

use std::path::{Path, PathBuf};

use graph::single;
use prost::Message;

use crate::ReportError;
use crate::file::{self, Kept, Log};
use message::{Event, Summary, Value};

/// The name of the file in the folder of a run. TensorBoard requires `tfevents` in it; the rest is constant,
/// so that a resumed run finds its log.
const NAME: &str = "events.out.tfevents.run";

/// The metrics of a run in an event log for TensorBoard.
#[derive(Debug)]
pub struct Events(Log);

/// A number in an event log.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// Number of optimizer steps taken before it was written.
    pub step: u64,
    /// Seconds since 1970.
    pub time: f64,
    /// The name; TensorBoard groups names by the part before the first `/`.
    pub name: String,
    /// The value, in single precision.
    pub value: f32,
}

impl Events {
    /// Opens the event log in `folder` to write after step `keep`. Records of later steps are removed, and
    /// so is everything from the first damaged or incomplete record on. An absent log is created.
    ///
    /// # Errors
    /// If the file cannot be read or written. The error names the file.
    pub fn open(folder: impl AsRef<Path>, keep: u64) -> Result<Self, ReportError> {
        let path = Self::path(folder);
        let log = Log::open(path.clone(), |bytes| {
            let (mut events, damage) = events(bytes, &path);
            events.retain(|(_, event)| u64::try_from(event.step).is_ok_and(|step| step <= keep));
            let bytes = events.iter().flat_map(|(record, _)| record.to_vec()).collect();
            let records = events.iter().filter(|(_, event)| event.summary.is_some()).count();
            Kept { bytes, records, damage }
        })?;
        Ok(Self(log))
    }

    /// Creates an empty event log in `folder`.
    ///
    /// # Errors
    /// Names the file.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, ReportError> {
        let nothing = |_: &[u8]| Kept { bytes: Vec::new(), records: 0, damage: None };
        Log::open(Self::path(folder), nothing).map(Self)
    }

    /// Number of records with values that were kept when the log was opened.
    pub fn records(&self) -> usize {
        self.0.records()
    }

    /// The first damaged record that was found when the log was opened.
    pub fn damage(&self) -> Option<&ReportError> {
        self.0.damage()
    }

    /// Writes one record. `time` is in seconds since 1970; it is an argument so that the log depends only
    /// on what is written.
    ///
    /// # Errors
    /// If the file cannot be written; the error names it. The record is kept and written later, before the
    /// next one.
    ///
    /// # Panics
    /// If `step` is above `i64::MAX`.
    pub fn write<N: AsRef<str>>(
        &mut self,
        step: u64,
        time: f64,
        values: impl IntoIterator<Item = (N, f64)>,
    ) -> Result<(), ReportError> {
        let mut bytes = Vec::new();
        if self.0.is_empty() {
            let version = Event { file_version: Some("brain.Event:2".to_owned()), ..Event::at(0, time) };
            bytes.extend(record::bytes(&version.encode_to_vec()));
        }
        let value = |(name, value): (N, f64)| Value {
            tag: name.as_ref().to_owned(),
            simple_value: Some(single(value)),
        };
        let value = values.into_iter().map(value).collect();
        let step = i64::try_from(step).expect("at most `i64::MAX` steps");
        let event = Event { summary: Some(Summary { value }), ..Event::at(step, time) };
        bytes.extend(record::bytes(&event.encode_to_vec()));
        self.0.append(&bytes)
    }

    /// Writes records that could not be written before, and waits until everything is on disk; called before
    /// a checkpoint is written.
    ///
    /// # Errors
    /// Names the file.
    pub fn sync(&mut self) -> Result<(), ReportError> {
        self.0.sync()
    }

    /// The numbers in the event log in `folder`, except for an incomplete last record; none if it is absent.
    ///
    /// # Errors
    /// Names the file, and the byte offset of a damaged record.
    pub fn scalars(folder: impl AsRef<Path>) -> Result<Vec<Scalar>, ReportError> {
        let path = Self::path(folder);
        let bytes = file::read(&path)?;
        let (events, damage) = events(&bytes, &path);
        if let Some(damage) = damage {
            return Err(damage);
        }
        let mut scalars = Vec::new();
        for (_, Event { step, wall_time: time, summary, .. }) in events {
            let step = u64::try_from(step).unwrap_or(0);
            for Value { tag: name, simple_value } in summary.unwrap_or_default().value {
                scalars.extend(simple_value.map(|value| Scalar { step, time, name, value }));
            }
        }
        Ok(scalars)
    }

    /// The path of the event log in `folder`.
    pub fn path(folder: impl AsRef<Path>) -> PathBuf {
        folder.as_ref().join(NAME)
    }
}

/// Returns the complete records before the first damaged one, with their events, and the damage, if any.
fn events<'a>(bytes: &'a [u8], path: &Path) -> (Vec<(&'a [u8], Event)>, Option<ReportError>) {
    let mut events = Vec::new();
    let mut offset = 0;
    let damage = |offset, found| Some(ReportError::Record { path: path.into(), offset, found });
    loop {
        let record = match record::at(bytes, offset) {
            Ok(Some(record)) => record,
            Ok(None) => return (events, None),
            Err(found) => return (events, damage(offset, found)),
        };
        let Ok(event) = Event::decode(record.payload) else {
            return (events, damage(offset, "a payload that is not an event"));
        };
        events.push((record.bytes, event));
        offset += record.bytes.len();
    }
}
