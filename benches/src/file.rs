//! Report files, written atomically.

use std::path::Path;

use anyhow::{Context, Result};

/// A report file, opened before the measurements start. Its errors name the file.
#[derive(Debug)]
pub struct AtomicFile(graph::file::AtomicFile);

impl AtomicFile {
    /// Begins the file at `path`; see [`graph::file::AtomicFile::begin`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(path: &Path) -> Result<Self> {
        let begun = graph::file::AtomicFile::begin(path);
        begun.map(Self).with_context(|| format!("could not write `{}`", path.display()))
    }

    /// Path of the file, as given.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes `text` and moves the file into place.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self, text: &str) -> Result<()> {
        let failed = format!("could not write `{}`", self.path().display());
        self.0.finish(text.as_bytes()).context(failed)
    }
}
