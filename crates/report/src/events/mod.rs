//! A run's numbers for TensorBoard, in an event log.

mod message;
mod record;

use std::path::{Path, PathBuf};

use graph::single;
use prost::Message;

use crate::ReportError;
use crate::file::{self, Log};
use message::{Event, Summary, Value};

/// The file's name in a run's folder. TensorBoard asks for `tfevents` in it; the rest is constant, so
/// that a resumed run finds its log.
const NAME: &str = "events.out.tfevents.run";

/// A run's numbers, written as they come to an event log that TensorBoard shows.
#[derive(Debug)]
pub struct Events(Log);

/// One number of an event log.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// Optimizer steps taken before it was written.
    pub step: u64,
    /// Seconds since 1970.
    pub time: f64,
    /// Its name; TensorBoard groups names by what stands before the first `/`.
    pub name: String,
    /// The value, in the log's precision.
    pub value: f32,
}

impl Events {
    /// Opens `folder`'s event log to write after step `keep`: records of later steps are cut off, and so
    /// is a torn last one. A log that is not there begins empty.
    ///
    /// # Errors
    /// Names the file, and the byte where a record is damaged.
    pub fn open(folder: impl AsRef<Path>, keep: u64) -> Result<Self, ReportError> {
        let path = folder.as_ref().join(NAME);
        let log = Log::open(path.clone(), |bytes| {
            let events = events(bytes, &path)?.into_iter();
            let kept = events.filter(|(_, event)| u64::try_from(event.step).is_ok_and(|step| step <= keep));
            Ok(kept.flat_map(|(record, _)| record.to_vec()).collect())
        })?;
        Ok(Self(log))
    }

    /// Opens `folder`'s event log with nothing in it.
    ///
    /// # Errors
    /// Names the file.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, ReportError> {
        Log::open(folder.as_ref().join(NAME), |_| Ok(Vec::new())).map(Self)
    }

    /// Writes one record. `time` is in seconds since 1970 and comes from the caller, so that the log is a
    /// function of what is written.
    ///
    /// # Errors
    /// Names the file.
    ///
    /// # Panics
    /// Where `step` is above `i64::MAX`, which the format cannot hold.
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
        let step = i64::try_from(step).expect("steps fit the format");
        let event = Event { summary: Some(Summary { value }), ..Event::at(step, time) };
        bytes.extend(record::bytes(&event.encode_to_vec()));
        self.0.append(&bytes)
    }

    /// Waits until everything written is on the disk: before a checkpoint that a resume starts from.
    ///
    /// # Errors
    /// Names the file.
    pub fn sync(&self) -> Result<(), ReportError> {
        self.0.sync()
    }

    /// Every number in `folder`'s event log, without a torn last record; nothing where there is none.
    ///
    /// # Errors
    /// Names the file, and the byte where a record is damaged.
    pub fn scalars(folder: impl AsRef<Path>) -> Result<Vec<Scalar>, ReportError> {
        let path = folder.as_ref().join(NAME);
        let bytes = file::read(&path)?;
        let mut scalars = Vec::new();
        for (_, Event { step, wall_time: time, summary, .. }) in events(&bytes, &path)? {
            let step = u64::try_from(step).unwrap_or(0);
            for Value { tag: name, simple_value } in summary.unwrap_or_default().value {
                scalars.extend(simple_value.map(|value| Scalar { step, time, name, value }));
            }
        }
        Ok(scalars)
    }

    /// Where `folder`'s event log is.
    pub fn path(folder: impl AsRef<Path>) -> PathBuf {
        folder.as_ref().join(NAME)
    }
}

/// Every whole record, and what it says.
fn events<'a>(bytes: &'a [u8], path: &Path) -> Result<Vec<(&'a [u8], Event)>, ReportError> {
    let mut events = Vec::new();
    let mut offset = 0;
    while let Some(whole) =
        record::at(bytes, offset).map_err(|found| ReportError::Record { path: path.into(), offset, found })?
    {
        let event = Event::decode(whole.payload).map_err(|_| ReportError::Record {
            path: path.into(),
            offset,
            found: "a payload that is no event",
        })?;
        events.push((whole.bytes, event));
        offset += whole.bytes.len();
    }
    Ok(events)
}
