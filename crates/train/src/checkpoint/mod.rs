//! Checkpoints: files that hold everything the remaining steps of a run depend on.

mod header;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Weights;
use model::CHECKPOINT_KEY as KEY;

use self::header::Header;
use crate::TrainError;
use crate::identity::Identity;
use crate::position::Position;
use crate::score::{Score, is_better};

/// The extension of a checkpoint file, whose name is the step in ten digits.
const ENDING: &str = ".safetensors";
const DIGITS: usize = 10;

/// The folder of a run's checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    keep: usize,
    /// The best step as of each known checkpoint.
    bests: BTreeMap<u64, u64>,
}

/// The state of a run except for its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    /// Number of libtorch threads. A different number changes the rounding of results.
    pub(crate) threads: i32,
    /// Number of ranks, which changes the result as well.
    pub(crate) ranks: usize,
    pub(crate) identity: Identity,
    /// The validation score of this state; `None` except at the end of an epoch.
    pub(crate) score: Option<Score>,
    pub(crate) best: Option<Best>,
}

/// A checkpoint with its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Saved {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) state: Weights,
}

impl Best {
    /// The text from which another rank gets the best validation.
    pub(crate) fn to_text(best: Option<Self>) -> String {
        let bits = best.map(|best| (best.step, best.score.map(f64::to_bits), best.stale));
        serde_json::to_string(&bits).expect("numbers are plain data")
    }

    /// The best validation that another rank has sent.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let bits: Option<(u64, [u64; 2], usize)> = serde_json::from_slice(text).ok()?;
        bits.map(|(step, score, stale)| Self { step, score: score.map(f64::from_bits), stale })
    }
}

impl Saved {
    /// The bytes from which another rank gets the checkpoint: the length of the header, the header, and the arrays.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let header = Header::of(&self.checkpoint, &self.state).text();
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &self.state.to_bytes()].concat()
    }

    /// The checkpoint that another rank has sent.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, TrainError> {
        let origin = Path::new("rank 0");
        let parts = bytes.split_first_chunk().and_then(|(length, rest)| {
            rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
        });
        let (header, arrays) = parts.ok_or_else(|| failed(origin, "expected a checkpoint, found less"))?;
        let state = Weights::from_bytes(arrays, origin)?;
        match Header::parse(&String::from_utf8_lossy(header), origin)?.checkpoint(&state) {
            Some(checkpoint) => Ok(Self { checkpoint, state }),
            None => Err(failed(origin, "expected the checkpoint that was sent, found a wrong checksum")),
        }
    }
}

/// The best validation so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) step: u64,
    pub(crate) score: Score,
    /// Number of epochs since then.
    pub(crate) stale: usize,
}

impl Checkpoints {
    /// The checkpoints of the run in the folder `run`. The latest `keep` are kept.
    pub(crate) fn new(run: &Path, keep: usize) -> Self {
        Self { folder: Self::folder(run), keep, bests: BTreeMap::new() }
    }

    /// The checkpoint folder of the run in the folder `run`.
    pub(crate) fn folder(run: &Path) -> PathBuf {
        run.join("checkpoints")
    }

    /// Writes a checkpoint atomically. Then removes all that are neither among the latest nor the best as of
    /// one of those, and all later ones, which are the damaged ones that a resumed run has skipped.
    pub(crate) fn save(&mut self, checkpoint: &Checkpoint, state: &Weights) -> Result<PathBuf, TrainError> {
        let step = checkpoint.position.step;
        let path = self.path(step);
        model::write_annotated(&path, state, KEY, &Header::of(checkpoint, state).text())?;
        self.remember(checkpoint);
        let (past, later): (Vec<u64>, Vec<u64>) = self.steps()?.into_iter().partition(|found| *found <= step);
        let latest: Vec<u64> = past.iter().rev().take(self.keep).copied().collect();
        self.bests.retain(|step, _| latest.contains(step));
        // If the newest checkpoint gets damaged, the run continues from the one before, which needs the best
        // as of that step.
        let bests: Vec<u64> = self.bests.values().copied().collect();
        for old in past.iter().rev().skip(self.keep).chain(&later) {
            if !bests.contains(old) {
                let path = self.path(*old);
                fs::remove_file(&path).map_err(|error| failed(&path, error.to_string()))?;
            }
        }
        Ok(path)
    }

    /// Records which other checkpoint this one depends on.
    pub(crate) fn remember(&mut self, checkpoint: &Checkpoint) {
        if let Some(best) = checkpoint.best {
            self.bests.insert(checkpoint.position.step, best.step);
        }
    }

    /// Returns the latest intact checkpoint, and the errors of the damaged ones after it. A checkpoint in
    /// another format is an error.
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

    /// Reads the checkpoint of a step. A checkpoint of another run is an error.
    pub(crate) fn read(&self, step: u64, now: &Identity) -> Result<Saved, TrainError> {
        let saved = self.intact(step)?;
        if !saved.checkpoint.identity.differences(now).is_empty() {
            return Err(failed(
                &self.path(step),
                "expected a checkpoint of this run, found one of another run",
            ));
        }
        Ok(saved)
    }

    /// Returns the best intact checkpoint of this run up to the step `until`.
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

    /// Reads the checkpoint of a step, whichever run it belongs to.
    fn intact(&self, step: u64) -> Result<Saved, TrainError> {
        let path = self.path(step);
        let (state, text) = model::read_annotated(&path, KEY)?;
        let text = text.ok_or_else(|| failed(&path, "expected a checkpoint, found only weights"))?;
        match Header::parse(&text, &path)?.checkpoint(&state) {
            Some(checkpoint) => Ok(Saved { checkpoint, state }),
            None => Err(failed(&path, "the file is damaged: its checksum is wrong")),
        }
    }

    /// Path of the latest checkpoint, if there is one.
    pub(crate) fn last(&self) -> Option<PathBuf> {
        self.steps().ok()?.last().map(|step| self.path(*step))
    }

    /// Path of the checkpoint of a step.
    pub(crate) fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("{step:0DIGITS$}{ENDING}"))
    }

    /// Returns the steps of all checkpoints, in ascending order. Other files are ignored.
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

/// Returns the step in the name of a checkpoint file, or `None` for other files.
fn step_of(name: &std::ffi::OsStr) -> Option<u64> {
    let digits = name.to_str()?.strip_suffix(ENDING)?;
    let is_step = digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_digit());
    if is_step { digits.parse().ok() } else { None }
}

fn failed(path: &Path, message: impl Into<String>) -> TrainError {
    TrainError::Run { path: path.to_owned(), message: message.into() }
}
