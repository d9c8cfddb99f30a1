//! Foreign files and left-over temporary files in the folder of a run.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use anyhow::{Context, Result, ensure};

use super::case::{Case, Verdict};
use super::folder;

/// Names that no run uses, although some look similar.
const FOREIGN: [&[u8]; 15] = [
    b"notes.txt",
    b"+5.safetensors",
    b"-1.safetensors",
    b"5.safetensors",
    b"00000000005.safetensors",
    b"latest.safetensors",
    b"0000000005.safetensors.bak",
    b".tmp",
    b".tmpAbCdEf",
    b".factory-12345.tmp",
    b".factory-1234567.tmp",
    b"factory-AbCdEf.tmp",
    b".hidden",
    b"line\nbreak",
    b"not-\xff-utf8",
];

/// Adds foreign files, folders and links to the folder of a run: they must be kept, and the result must be the same.
pub(crate) fn foreign(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let run = case.run();
    let mut planted = folder::Content::new();
    for _ in 0..case.random.usize(1..=6) {
        let name = OsStr::from_bytes(FOREIGN[case.random.usize(..FOREIGN.len())]);
        let parent = if case.random.bool() { "checkpoints" } else { "." };
        let path = run.join(parent).join(name);
        if fs::symlink_metadata(&path).is_ok() {
            continue;
        }
        let kind = case.random.usize(..3);
        match kind {
            0 => fs::write(&path, "mine")?,
            1 => fs::create_dir(&path)?,
            _ => symlink("nowhere", &path)?,
        }
        case.note(format!("a foreign {}: {path:?}", ["file", "folder", "link"][kind]));
        planted.extend([(path.strip_prefix(&run)?.to_owned(), Vec::new())]);
    }
    let mut before = folder::content(&run)?;
    before.retain(|path, _| planted.contains_key(path));
    case.resume_and_compare()?;
    folder::check_kept(&before, &folder::content(&run)?)?;
    Ok(Verdict::Equal)
}

/// A temporary file of a killed run must be removed, but a folder with such a name must be kept.
pub(crate) fn left_over(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let run = case.run();
    for parent in [".", "checkpoints"] {
        let name: String = (0..6).map(|_| case.random.alphanumeric()).collect();
        fs::write(run.join(parent).join(format!(".factory-{name}.tmp")), "half")?;
    }
    let folder = run.join("checkpoints/.factory-folder.tmp");
    fs::create_dir(&folder)?;
    fs::write(folder.join("mine"), "mine")?;
    case.note("two left-over temporary files, and a folder `checkpoints/.factory-folder.tmp`");
    case.resume_and_compare()?;
    let kept = fs::read(folder.join("mine")).context("expected the folder to be kept")?;
    ensure!(kept == b"mine", "expected the file in it to be kept, found it changed");
    Ok(Verdict::Equal)
}
