//! Files that are written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::{Builder, NamedTempFile};

/// A file under way: begun early, so that a place that cannot be written is found before the work.
#[derive(Debug)]
pub struct Whole {
    path: PathBuf,
    file: NamedTempFile,
}

impl Whole {
    /// Begins the file at `path`, whose folder must exist; until [`Whole::finish`] nothing stands there.
    ///
    /// # Errors
    /// Names the file.
    pub fn begin(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        // A temporary file is private by default, and a report is not.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let failed = || format!("could not write `{}`", path.display());
        anyhow::ensure!(!path.is_dir(), "could not write `{}`: it is a folder", path.display());
        let file = builder.tempfile_in(folder).with_context(failed)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Where the file will stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the file with this text in its place.
    ///
    /// # Errors
    /// Names the file.
    pub fn finish(mut self, text: &str) -> Result<()> {
        let path = self.path.clone();
        let failed = || format!("could not write `{}`", path.display());
        self.file.write_all(text.as_bytes()).with_context(failed)?;
        self.file.persist(&self.path).map_err(|error| error.error).with_context(failed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();

        drop(Whole::begin(&path).unwrap());
        assert_eq!(names(), 0);
        Whole::begin(&path).unwrap().finish("a").unwrap();
        let second = Whole::begin(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a");
        second.finish("b").unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names()), ("b", 1));

        let error = |path: &Path| Whole::begin(path).unwrap_err().to_string();
        let shown = folder.path().display();
        assert_eq!(error(folder.path()), format!("could not write `{shown}`: it is a folder"));
        assert_eq!(error(&folder.path().join("no/a")), format!("could not write `{shown}/no/a`"));
    }
}
