//! Copying, reading and comparing folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The content of a folder: the bytes of files, the targets of links, and nothing for folders.
pub(crate) type Content = BTreeMap<PathBuf, Vec<u8>>;

/// The paths of all entries below a folder; links are not followed.
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        paths.push(entry.with_context(|| format!("could not list {}", folder.display()))?.into_path());
    }
    Ok(paths)
}

/// Copies the files and folders below `from`.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for path in walk(from)? {
        let target = to.join(path.strip_prefix(from)?);
        if path.is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(&path, &target).with_context(|| format!("could not copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// Reads everything below a folder. If it does not exist, the result is empty.
pub(crate) fn content(folder: &Path) -> Result<Content> {
    let mut content = Content::new();
    if !folder.exists() {
        return Ok(content);
    }
    for path in walk(folder)? {
        let kind = fs::symlink_metadata(&path)?.file_type();
        let bytes = if kind.is_file() {
            fs::read(&path)?
        } else if kind.is_symlink() {
            fs::read_link(&path)?.into_os_string().into_encoded_bytes()
        } else {
            Vec::new()
        };
        content.insert(path.strip_prefix(folder)?.to_owned(), bytes);
    }
    Ok(content)
}

/// Checks that everything in `before` is still there.
///
/// # Errors
/// Names the first entry that is gone or has changed.
pub(crate) fn check_kept(before: &Content, after: &Content) -> Result<()> {
    for (path, bytes) in before {
        match after.get(path) {
            None => bail!("expected {} to be kept, found it deleted", path.display()),
            Some(found) if found != bytes => {
                bail!("expected {} to be kept, found it changed", path.display())
            }
            Some(_) => {}
        }
    }
    Ok(())
}
