//! The result of an undisturbed training run, with which disturbed runs are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::case::Verdict;
use super::folder;
use super::process::Process;
use super::scenario::{CONFIG, Scenario};

/// The files of a finished run that must be identical.
pub(crate) const RESULTS: [&str; 3] = ["model.safetensors", JOURNAL, "report.html"];
/// The journal. It may lose records, but must not contain wrong ones.
pub(crate) const JOURNAL: &str = "metrics.jsonl";
/// The folder of the run, next to the config. All commands run in the config's folder, so that reports contain the
/// same paths.
pub(crate) const RUN: &str = "run";

/// The arguments of the `factory` command that all cases run.
pub(crate) const TRAIN: [&str; 8] = ["train", CONFIG, "--output", RUN, "--seed", "7", "--threads", "1"];

/// An undisturbed training run.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) scenario: Scenario,
    /// The folder with config, data and run.
    pub(crate) folder: PathBuf,
    /// The time that the run took.
    pub(crate) duration: Duration,
    results: [Vec<u8>; RESULTS.len()],
}

impl Reference {
    /// Writes a scenario to a folder and trains there.
    pub(crate) fn train(factory: &Path, scenario: Scenario, folder: PathBuf) -> Result<Self> {
        scenario.write(&folder)?;
        Self::train_again(factory, scenario, folder, &TRAIN)
    }

    /// Trains in a folder that has the config and the data.
    pub(crate) fn train_again(
        factory: &Path,
        scenario: Scenario,
        folder: PathBuf,
        words: &[&str],
    ) -> Result<Self> {
        let mut command = Command::new(factory);
        command.args(words).current_dir(&folder);
        let start = Instant::now();
        let ended = Process::start(command, &folder, "undisturbed", [None, None])?.wait()?;
        let duration = start.elapsed();
        ended.finished().with_context(|| {
            format!("the undisturbed training in {}: {}", folder.display(), ended.messages())
        })?;
        let results = results(&folder.join(RUN))?;
        Ok(Self { scenario, folder, duration, results })
    }

    /// The lines of the journal.
    pub(crate) fn journal(&self) -> Vec<&[u8]> {
        self.results[1].split_inclusive(|byte| *byte == b'\n').collect()
    }

    /// Compares a finished run.
    ///
    /// # Errors
    /// Names the file that differs.
    pub(crate) fn compare(&self, run: &Path) -> Result<()> {
        let found = results(run)?;
        for ((name, expected), found) in RESULTS.iter().zip(&self.results).zip(&found) {
            check_same(name, expected, found)?;
        }
        self.check_tidy(run)
    }

    /// Compares a run whose journal may have lost records if a message reports this. All records must be those of the
    /// undisturbed run or of the damaged journal.
    pub(crate) fn compare_but_for_records(
        &self,
        run: &Path,
        messages: &str,
        damaged: &[u8],
    ) -> Result<Verdict> {
        let different = match self.compare(run) {
            Ok(()) => return Ok(Verdict::Equal),
            Err(different) => different,
        };
        let found = results(run)?;
        check_same(RESULTS[0], &self.results[0], &found[0])?;
        self.check_tidy(run)?;
        let is_noted = messages.lines().any(|line| line.contains(JOURNAL));
        // A record with a flipped bit may still be valid; records have no checksum.
        let has_all = found[1].len() == self.results[1].len() && !damaged.is_empty();
        ensure!(is_noted || has_all, "expected a note about {JOURNAL}, found none: {different}");
        let mut records = self.journal();
        records.extend(damaged.split_inclusive(|byte| *byte == b'\n'));
        for record in found[1].split_inclusive(|byte| *byte == b'\n') {
            let text = String::from_utf8_lossy(record);
            ensure!(records.contains(&record), "expected records of the undisturbed {JOURNAL}, found {text}");
        }
        Ok(Verdict::Noted)
    }

    /// Checks that the run left no temporary file.
    pub(crate) fn check_tidy(&self, run: &Path) -> Result<()> {
        for entry in folder::walk(run)? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            let is_left = entry.is_file() && is_temporary(&name);
            ensure!(!is_left, "expected no temporary files after the run, found {}", entry.display());
        }
        Ok(())
    }
}

/// Returns whether a file has the name of a temporary file of a run.
pub(crate) fn is_temporary(name: &str) -> bool {
    let random =
        name.strip_prefix(".factory-").and_then(|name| name.strip_suffix(".tmp")).unwrap_or_default();
    random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric())
}

fn results(run: &Path) -> Result<[Vec<u8>; RESULTS.len()]> {
    let mut results = [const { Vec::new() }; RESULTS.len()];
    for (result, name) in results.iter_mut().zip(RESULTS) {
        *result = fs::read(run.join(name)).with_context(|| format!("expected {RUN}/{name}"))?;
    }
    Ok(results)
}

fn check_same(name: &str, expected: &[u8], found: &[u8]) -> Result<()> {
    let first = expected.iter().zip(found).position(|(expected, found)| expected != found);
    let first = first.unwrap_or(expected.len().min(found.len()));
    ensure!(
        expected == found,
        "expected {name} of the undisturbed run ({} bytes), found a different file ({} bytes) from byte {first} on",
        expected.len(),
        found.len()
    );
    Ok(())
}
