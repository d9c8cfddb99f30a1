//! The part of a file between `from` and `to`.

use super::Request;
use crate::{DataError, Recording};

impl Request<'_> {
    /// The recordings from `from` to `to`; of one series, its samples.
    pub(super) fn select(&self, mut recordings: Vec<Recording>) -> Result<Vec<Recording>, DataError> {
        let (from, to) = (self.file.from, self.file.to);
        if recordings.is_empty() {
            return Err(self.refuse("no recordings; at least one is needed"));
        }
        if from.is_none() && to.is_none() {
            return Ok(recordings);
        }
        let samples = match &recordings[..] {
            [one] if one.space().len() == 1 => Some(one.space()[0]),
            _ => None,
        };
        let (count, what) = samples.map_or((recordings.len(), "recordings"), |samples| (samples, "samples"));
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(count));
        if from >= to || to > count {
            let message = format!("{what} {from} to {to} are asked for; the file has {count}");
            return Err(self.refuse(message));
        }
        if samples.is_some() {
            return Ok(vec![recordings.remove(0).excerpt(from, to - from)?]);
        }
        recordings.truncate(to);
        recordings.drain(..from);
        Ok(recordings)
    }
}
