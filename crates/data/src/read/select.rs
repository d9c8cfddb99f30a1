//! The selection of recordings or samples by `from` and `to`.

use std::ops::Range;

use super::Request;
use crate::error::expected;
use crate::{DataError, Recording};

impl Request<'_> {
    /// Returns the recordings from `from` to `to` or, if there is a single series, its samples.
    pub(super) fn select(&self, mut recordings: Vec<Recording>) -> Result<Vec<Recording>, DataError> {
        if recordings.is_empty() {
            return Err(self.refuse(expected("at least one recording", "none")));
        }
        if self.file.from.is_none() && self.file.to.is_none() {
            return Ok(recordings);
        }
        let samples = match &recordings[..] {
            [one] if one.space().len() == 1 => Some(one.space()[0]),
            _ => None,
        };
        let Range { start, end } = self.range(recordings.len(), samples)?;
        if samples.is_some() {
            return Ok(vec![recordings.remove(0).excerpt(start, end - start)?]);
        }
        recordings.truncate(end);
        recordings.drain(..start);
        Ok(recordings)
    }

    /// Returns the recordings from `from` to `to`, or the `samples` of a single series.
    pub(super) fn range(&self, recordings: usize, samples: Option<usize>) -> Result<Range<usize>, DataError> {
        if recordings == 0 {
            return Err(self.refuse(expected("at least one recording", "none")));
        }
        let (count, what) = samples.map_or((recordings, "recordings"), |samples| (samples, "samples"));
        let (from, to) = (self.file.from.unwrap_or(0), self.file.to.unwrap_or(count));
        let is_whole = self.file.from.is_none() && self.file.to.is_none();
        if !is_whole && (from >= to || to > count) {
            return Err(self.refuse(out_of_range(what, from, to, count)));
        }
        Ok(from..to)
    }
}

pub(super) fn out_of_range(what: &str, from: usize, to: usize, count: usize) -> String {
    expected(format!("`from` < `to` <= {count}, the number of {what}"), format!("{from} and {to}"))
}
