//! Runs without `--resume` in a folder that has files already.

use std::fs;

use anyhow::{Result, ensure};

use super::case::{Case, Verdict};
use super::folder;
use super::reference::{RUN, TRAIN};

/// The entries that a run writes.
const WRITTEN: [&str; 6] = [
    "config.yaml",
    "model.safetensors",
    "report.html",
    "metrics.jsonl",
    "events.out.tfevents.run",
    "checkpoints",
];

/// A folder with any file of a run must be refused and left unchanged.
pub(crate) fn by_a_run(case: &mut Case<'_>) -> Result<Verdict> {
    let run = case.run();
    fs::create_dir_all(&run)?;
    for _ in 0..case.random.usize(1..=3) {
        let name = WRITTEN[case.random.usize(..WRITTEN.len())];
        let from = case.reference.folder.join(RUN).join(name);
        if from.is_dir() {
            folder::copy(&from, &run.join(name))?;
        } else {
            fs::copy(from, run.join(name))?;
        }
        case.note(format!("{RUN}/{name} exists"));
    }
    check_refused(case, &TRAIN)
}

/// The folder of the config must be refused, because the run would overwrite the config.
pub(crate) fn by_the_config(case: &mut Case<'_>) -> Result<Verdict> {
    check_refused(case, &["train", "config.yaml", "--output", "."])
}

/// A folder with foreign files must be accepted, and the files kept.
pub(crate) fn by_others(case: &mut Case<'_>) -> Result<Verdict> {
    let run = case.run();
    fs::create_dir_all(run.join("notes"))?;
    fs::write(run.join("notes/monday.md"), "a thought")?;
    fs::write(run.join("README"), "mine")?;
    let before = folder::content(&run)?;
    case.train(false)?.wait()?.finished()?;
    folder::check_kept(&before, &folder::content(&run)?)?;
    case.reference.compare(&run)?;
    Ok(Verdict::Equal)
}

fn check_refused(case: &mut Case<'_>, words: &[&str]) -> Result<Verdict> {
    let before = content(case)?;
    let message = case.start("", words, [None, None])?.wait()?.refused()?;
    case.note(format!("refused: {message}"));
    let after = content(case)?;
    folder::check_kept(&before, &after)?;
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    ensure!(new.is_empty(), "expected no new files in a refused folder, found {new:?}");
    Ok(Verdict::Refused)
}

/// Everything except for the logs of the case.
fn content(case: &Case<'_>) -> Result<folder::Content> {
    let mut content = folder::content(&case.folder)?;
    content.retain(|path, _| !path.starts_with("logs"));
    Ok(content)
}
