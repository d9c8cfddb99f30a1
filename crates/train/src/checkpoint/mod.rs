//! Checkpoints: everything that the following steps of a run depend on, in one file each.

mod header;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Weights;

use self::header::Header;
use crate::TrainError;
use crate::identity::Identity;
use crate::position::Position;

/// The key of the header in a checkpoint's file.
const KEY: &str = "model-factory-checkpoint";
/// The ending of a checkpoint's file, whose name is the step in ten digits.
const ENDING: &str = ".safetensors";
const DIGITS: usize = 10;

/// The folder of a run's checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    keep: usize,
    /// The best step as of each checkpoint that is known.
    bests: BTreeMap<u64, u64>,
}

/// The state of a run, apart from its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    /// Threads that libtorch computed with; with another number, results are rounded differently.
    pub(crate) threads: i32,
    pub(crate) identity: Identity,
    /// The score of this state's validation, at the end of an epoch.
    pub(crate) score: Option<Score>,
    pub(crate) best: Option<Best>,
}

/// A checkpoint with its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Saved {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) state: Weights,
}

/// The result of a validation. Larger is better; the second number decides between equal first ones.
pub(crate) type Score = [f64; 2];

/// The best validation so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) step: u64,
    pub(crate) score: Score,
    /// Epochs since then.
    pub(crate) stale: usize,
}

/// Whether a score is better than that of an earlier epoch.
pub(crate) fn is_better(score: Score, than: Score) -> bool {
    score.partial_cmp(&than) == Some(std::cmp::Ordering::Greater)
}

impl Checkpoints {
    /// The checkpoints of the run in a folder.
    pub(crate) fn new(run: &Path, keep: usize) -> Self {
        Self { folder: Self::folder(run), keep, bests: BTreeMap::new() }
    }

    /// The folder of the checkpoints of the run in a folder.
    pub(crate) fn folder(run: &Path) -> PathBuf {
        run.join("checkpoints")
    }

    /// Writes a checkpoint, whole or not at all. Then removes those that are neither among the latest nor
    /// the best one as of these, and later ones, which were damaged when the run was resumed.
    pub(crate) fn save(&mut self, checkpoint: &Checkpoint, state: &Weights) -> Result<PathBuf, TrainError> {
        let step = checkpoint.position.step;
        let path = self.path(step);
        model::write_annotated(&path, state, KEY, &Header::of(checkpoint, state).text())?;
        self.remember(checkpoint);
        let (past, later): (Vec<u64>, Vec<u64>) = self.steps()?.into_iter().partition(|found| *found <= step);
        let latest: Vec<u64> = past.iter().rev().take(self.keep).copied().collect();
        self.bests.retain(|step, _| latest.contains(step));
        // If the newest is damaged, the run goes on from the one before, with the best as of then.
        let bests: Vec<u64> = self.bests.values().copied().collect();
        for old in past.iter().rev().skip(self.keep).chain(&later) {
            if !bests.contains(old) {
                let path = self.path(*old);
                fs::remove_file(&path).map_err(|error| failed(&path, error.to_string()))?;
            }
        }
        Ok(path)
    }

    /// Keeps in mind which other checkpoint this one depends on.
    pub(crate) fn remember(&mut self, checkpoint: &Checkpoint) {
        if let Some(best) = checkpoint.best {
            self.bests.insert(checkpoint.position.step, best.step);
        }
    }

    /// The latest intact checkpoint, and the errors of those after it. An intact one of another format is
    /// an error.
    pub(crate) fn latest(&self) -> Result<(Option<Saved>, Vec<TrainError>), TrainError> {
        let mut damaged = Vec::new();
        for step in self.steps()?.into_iter().rev() {
            match self.intact(step) {
                Ok(saved) => return Ok((Some(saved), damaged)),
                Err(error @ TrainError::CheckpointFormat { .. }) => return Err(error),
                Err(error) => damaged.push(error),
            }
        }
        Ok((None, damaged))
    }

    /// The checkpoint of a step of this run.
    pub(crate) fn read(&self, step: u64, now: &Identity) -> Result<Saved, TrainError> {
        let saved = self.intact(step)?;
        if !saved.checkpoint.identity.differences(now).is_empty() {
            return Err(failed(&self.path(step), "expected a checkpoint of this run, found one of another"));
        }
        Ok(saved)
    }

    /// The best of the intact checkpoints of this run up to a step.
    pub(crate) fn best(&self, until: u64, now: &Identity) -> Result<Option<Saved>, TrainError> {
        let mut best: Option<(Saved, Score)> = None;
        for step in self.steps()?.into_iter().filter(|step| *step <= until) {
            let Ok(saved) = self.read(step, now) else { continue };
            let Some(score) = saved.checkpoint.score else { continue };
            if best.as_ref().is_none_or(|(_, than)| is_better(score, *than)) {
                best = Some((saved, score));
            }
        }
        Ok(best.map(|(saved, _)| saved))
    }

    /// The checkpoint of a step, of any run.
    fn intact(&self, step: u64) -> Result<Saved, TrainError> {
        let path = self.path(step);
        let (state, text) = model::read_annotated(&path, KEY)?;
        let text = text.ok_or_else(|| failed(&path, "expected a checkpoint, found only weights"))?;
        match Header::parse(&text, &path)?.checkpoint(&state) {
            Some(checkpoint) => Ok(Saved { checkpoint, state }),
            None => Err(failed(&path, "the file is damaged: its checksum is wrong")),
        }
    }

    /// The file of the latest checkpoint, if there is one.
    pub(crate) fn last(&self) -> Option<PathBuf> {
        self.steps().ok()?.last().map(|step| self.path(*step))
    }

    /// The file of the checkpoint after a step.
    pub(crate) fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("{step:0DIGITS$}{ENDING}"))
    }

    /// The steps of all checkpoints, in order. Files of other names are not ours.
    fn steps(&self) -> Result<Vec<u64>, TrainError> {
        let failed = |error: std::io::Error| failed(&self.folder, error.to_string());
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if let Some(step) = step_of(&entry.file_name())
                && entry.file_type().map_err(failed)?.is_file()
            {
                steps.push(step);
            }
        }
        steps.sort_unstable();
        Ok(steps)
    }
}

/// The step in the name of a checkpoint's file.
fn step_of(name: &std::ffi::OsStr) -> Option<u64> {
    let digits = name.to_str()?.strip_suffix(ENDING)?;
    let is_step = digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_digit());
    if is_step { digits.parse().ok() } else { None }
}

fn failed(path: &Path, message: impl Into<String>) -> TrainError {
    TrainError::Run { path: path.to_owned(), message: message.into() }
}
