//! The selection of recordings or samples by `from` and `to`.

use super::Request;
use crate::error::expected;
use crate::{DataError, Recording};

impl Request<'_> {
    /// Returns the recordings from `from` to `to` or, if there is a single series, its samples.
    pub(super) fn select(&self, mut recordings: Vec<Recording>) -> Result<Vec<Recording>, DataError> {
        let (from, to) = (self.file.from, self.file.to);
        if recordings.is_empty() {
            return Err(self.refuse(expected("at least one recording", "none")));
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
            return Err(self.refuse(out_of_range(what, from, to, count)));
        }
        if samples.is_some() {
            return Ok(vec![recordings.remove(0).excerpt(from, to - from)?]);
        }
        recordings.truncate(to);
        recordings.drain(..from);
        Ok(recordings)
    }
}

pub(super) fn out_of_range(what: &str, from: usize, to: usize, count: usize) -> String {
    expected(format!("`from` < `to` <= {count}, the number of {what}"), format!("{from} and {to}"))
}
