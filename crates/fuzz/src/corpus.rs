//! Initial inputs: files of the repository, and inputs that once failed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The inputs in `corpus` whose names end in one of `endings`.
pub(crate) fn corpus(endings: &[&str]) -> Result<Vec<Vec<u8>>> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"), endings)
}

/// The files in a folder whose names end in one of `endings`, sorted by name.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Result<Vec<Vec<u8>>> {
    let listed = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).with_context(|| path.display().to_string())).collect()
}
