//! The progress of a child, in a file that outlives it.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The progress of a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Number of the running case.
    pub(crate) index: u64,
    /// Number of cases that were accepted.
    pub(crate) accepted: u64,
    /// Number of cases that were refused.
    pub(crate) refused: u64,
    /// 1 while a finding of this case is reduced, 0 otherwise.
    pub(crate) reducing: u64,
}

const NAME: &str = "state";

/// Writes the progress.
pub(crate) struct Writer(File);

impl Writer {
    pub(crate) fn new(scratch: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(scratch.join(NAME))?;
        Ok(Self(file))
    }

    pub(crate) fn write(&self, state: State) -> Result<()> {
        let State { index, accepted, refused, reducing } = state;
        let bytes: Vec<u8> =
            [index, accepted, refused, reducing].iter().flat_map(|n| n.to_le_bytes()).collect();
        self.0.write_all_at(&bytes, 0)
    }
}

/// Reads the progress; all fields are 0 if the child has not written it yet.
pub(crate) fn read(scratch: &Path) -> State {
    let bytes = std::fs::read(scratch.join(NAME)).unwrap_or_default();
    let mut numbers = bytes.as_chunks().0.iter().map(|chunk| u64::from_le_bytes(*chunk));
    let mut next = || numbers.next().unwrap_or(0);
    State { index: next(), accepted: next(), refused: next(), reducing: next() }
}

/// Deletes the progress of an earlier child.
pub(crate) fn clear(scratch: &Path) {
    // It may not exist.
    let _ = std::fs::remove_file(scratch.join(NAME));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), State::default());
        let state = State { index: 7, accepted: 3, refused: 4, reducing: 1 };
        Writer::new(folder.path()).unwrap().write(state).unwrap();
        assert_eq!(read(folder.path()), state);
    }
}
