//! Limits on the memory that the content of a compressed file may take.

use std::cell::Cell;
use std::io::{self, Read};

use super::foreign::{decode, sentence};
use crate::error::expected;

/// A compressed file may take this many bytes of memory plus [`MOST_EXPANSION`] times its own size. Typical tables
/// of measurements compress by a factor of 3 to 10; deflate can expand zeros by a factor of 1032.
const LEAST_LIMIT: u64 = 128 << 20;
const MOST_EXPANSION: u64 = 64;

/// Memory of a recording in addition to its values, in bytes.
const RECORDING: usize = 256;

/// A memory limit for the content of a compressed file. Other files have no limit, because their memory is
/// proportional to their size.
pub(super) struct Budget {
    limit: Cell<Option<u64>>,
    used: Cell<u64>,
}

impl Budget {
    pub(super) fn unlimited() -> Self {
        Self { limit: Cell::new(None), used: Cell::new(0) }
    }

    /// Sets the limit for a compressed file of `size` bytes.
    pub(super) fn restrict(&self, size: usize) {
        self.limit.set(Some(LEAST_LIMIT.saturating_add(MOST_EXPANSION.saturating_mul(size as u64))));
    }

    /// Takes `bytes` from the budget.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), String> {
        self.used.set(self.used.get().saturating_add(bytes as u64));
        self.check()
    }

    /// Takes the memory of a recording from the budget.
    pub(super) fn charge_recording(&self, values: usize) -> Result<(), String> {
        self.charge_recordings(1, values)
    }

    /// Takes the memory of several recordings with this many values in all from the budget.
    pub(super) fn charge_recordings(&self, count: usize, values: usize) -> Result<(), String> {
        self.charge(values.saturating_mul(size_of::<f64>()).saturating_add(count.saturating_mul(RECORDING)))
    }

    /// Returns `bytes` that are no longer in use to the budget.
    pub(super) fn release(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes as u64));
    }

    /// Returns an error if the budget is exceeded.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.limit.get() {
            Some(limit) if self.used.get() > limit => {
                let most = format!("a compressed file of at most {} MB when decompressed", limit >> 20);
                Err(expected(most, "more; decompress the file to read it without this limit"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The decompressed bytes of a `.gz` file, up to a limit.
pub(super) struct Unpacked<'a> {
    decoder: flate2::read::MultiGzDecoder<io::Cursor<Vec<u8>>>,
    budget: &'a Budget,
}

impl<'a> Unpacked<'a> {
    pub(super) fn new(bytes: Vec<u8>, budget: &'a Budget) -> Self {
        budget.restrict(bytes.len());
        let decoder = flate2::read::MultiGzDecoder::new(io::Cursor::new(bytes));
        Self { decoder, budget }
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let damaged = |error: &io::Error| format!("damaged gzip file ({})", sentence(error));
        let read = decode("gzip file", || self.decoder.read(buffer).map_err(|error| damaged(&error)));
        let read = read.map_err(io::Error::other)?;
        self.budget.charge(read).map_err(io::Error::other)?;
        Ok(read)
    }
}
