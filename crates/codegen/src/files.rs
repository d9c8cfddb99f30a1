//! Output files, written or compared with the existing ones.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The command that makes all generated files.
pub(crate) const COMMAND: &str = "cargo xtask codegen";

/// A generated file.
pub(crate) struct File {
    /// From the workspace's root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Writes the stale files and removes all other Rust files from `folder`, which contains generated ones only.
pub(crate) fn write_all(root: &Path, folder: &str, files: &[File]) -> Result<()> {
    for file in files {
        if write(&root.join(&file.path), &file.text)? {
            say(&format!("wrote {}", file.path));
        }
    }
    for path in leftovers(root, folder, files)? {
        fs::remove_file(root.join(&path)).with_context(|| format!("could not remove `{path}`"))?;
        say(&format!("removed {path}"));
    }
    Ok(())
}

/// Fails if a file is stale. The error names the command that generates it.
pub(crate) fn check(root: &Path, folder: &str, files: &[File]) -> Result<()> {
    let is_stale = |file: &&File| read(&root.join(&file.path)).as_ref() != Some(&file.text);
    let mut stale: Vec<String> =
        files.iter().filter(is_stale).map(|file| format!("{} is stale", file.path)).collect();
    stale.extend(leftovers(root, folder, files)?.iter().map(|path| format!("{path} is no longer generated")));
    if stale.is_empty() {
        return Ok(());
    }
    bail!("{}; run `{COMMAND}`", stale.join(", "))
}

/// A file's text with `\n` as line ends, which git may have changed.
fn read(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.replace("\r\n", "\n"))
}

/// Writes a file atomically, unless it has this text already. Returns true if it was written.
pub(crate) fn write(file: &Path, text: &str) -> Result<bool> {
    if read(file).is_some_and(|old| old == text) {
        return Ok(false);
    }
    let replace = || -> Result<()> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        graph::file::write(file, text.as_bytes())?;
        Ok(())
    };
    replace().with_context(|| format!("could not write `{}`", file.display()))?;
    Ok(true)
}

/// Rust files that were not generated, in a folder for generated files only.
fn leftovers(root: &Path, folder: &str, files: &[File]) -> Result<Vec<String>> {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("could not list `{folder}`")),
    };
    let mut left = Vec::new();
    for entry in entries {
        let path = format!("{folder}/{}", entry?.file_name().to_string_lossy());
        if path.ends_with(".rs") && !files.iter().any(|file| file.path == path) {
            left.push(path);
        }
    }
    left.sort();
    Ok(left)
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
