//! Report files that are written whole or not at all.

use std::path::Path;

use anyhow::{Context, Result};

/// A report's file, begun before the work. Its errors name the file.
#[derive(Debug)]
pub struct AtomicFile(graph::file::AtomicFile);

impl AtomicFile {
    /// Begins the file at `path`, as [`graph::file::AtomicFile::begin`] does.
    ///
    /// # Errors
    /// Names the file.
    pub fn begin(path: &Path) -> Result<Self> {
        let begun = graph::file::AtomicFile::begin(path);
        begun.map(Self).with_context(|| format!("could not write `{}`", path.display()))
    }

    /// The file's path, as given.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts the file with this text in its place.
    ///
    /// # Errors
    /// Names the file.
    pub fn finish(self, text: &str) -> Result<()> {
        let failed = format!("could not write `{}`", self.path().display());
        self.0.finish(text.as_bytes()).context(failed)
    }
}
