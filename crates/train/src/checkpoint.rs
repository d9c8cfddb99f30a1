//! Checkpoints: everything that the following steps of a run depend on, in one file each.

use std::fs;
use std::path::{Path, PathBuf};

use graph::Weights;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::TrainError;
use crate::position::{LossSum, Position};

/// The key of the header in a checkpoint's file.
const KEY: &str = "model-factory-checkpoint";

/// The folder of a run's checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    keep: usize,
}

/// The state of a run, apart from its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    /// Threads that libtorch computed with; with another number, results are rounded differently.
    pub(crate) threads: i32,
    /// Digest of config, data and seed.
    pub(crate) identity: String,
    pub(crate) best: Option<Best>,
}

/// A checkpoint with its arrays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Saved {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) state: Weights,
}

/// The best validation so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) step: u64,
    /// Larger is better; the second number decides between equal first ones.
    pub(crate) score: [f64; 2],
    /// Epochs since then.
    pub(crate) stale: usize,
}

/// A checkpoint as it is written, with the bits of floating-point numbers, which JSON preserves.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    step: u64,
    epoch_steps: u64,
    epoch_losses: u64,
    threads: i32,
    identity: String,
    best: Option<(u64, [u64; 2], usize)>,
    sha256: String,
}

impl Checkpoints {
    pub(crate) fn new(run: &Path, keep: usize) -> Result<Self, TrainError> {
        let folder = run.join("checkpoints");
        let failed = |error: std::io::Error| failed(&folder, error.to_string());
        fs::create_dir_all(&folder).map_err(failed)?;
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A killed run can leave a temporary file behind.
            if entry.file_name().to_string_lossy().starts_with(".tmp") {
                fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(Self { folder, keep })
    }

    /// Writes a checkpoint, whole or not at all, then removes those that are neither among the latest
    /// nor the best.
    pub(crate) fn save(&self, checkpoint: &Checkpoint, state: &Weights) -> Result<PathBuf, TrainError> {
        let path = self.path(checkpoint.position.step);
        let header = Header::of(checkpoint, state);
        let text = serde_json::to_string(&header).expect("a header is plain data");
        model::write_annotated(&path, state, KEY, &text)?;
        let best = checkpoint.best.map(|best| best.step);
        let steps = self.steps()?;
        for step in steps.iter().rev().skip(self.keep) {
            if Some(*step) != best {
                let path = self.path(*step);
                fs::remove_file(&path).map_err(|error| failed(&path, error.to_string()))?;
            }
        }
        Ok(path)
    }

    /// The latest intact checkpoint, and the errors of those after it. An intact one of another run is an
    /// error.
    pub(crate) fn latest(&self, identity: &str) -> Result<(Option<Saved>, Vec<TrainError>), TrainError> {
        let mut refused = Vec::new();
        for step in self.steps()?.into_iter().rev() {
            match self.intact(step) {
                Ok(saved) => {
                    self.check_identity(&saved, identity)?;
                    return Ok((Some(saved), refused));
                }
                Err(error) => refused.push(error),
            }
        }
        Ok((None, refused))
    }

    /// The checkpoint of a step of this run.
    pub(crate) fn read(&self, step: u64, identity: &str) -> Result<Saved, TrainError> {
        let saved = self.intact(step)?;
        self.check_identity(&saved, identity)?;
        Ok(saved)
    }

    /// The checkpoint of a step, of any run.
    fn intact(&self, step: u64) -> Result<Saved, TrainError> {
        let path = self.path(step);
        let (state, text) = model::read_annotated(&path, KEY)?;
        let text = text.ok_or_else(|| failed(&path, "expected a checkpoint, found weights alone"))?;
        let header: Header = serde_json::from_str(&text).map_err(|error| {
            failed(&path, format!("expected a checkpoint of this version, found another header: {error}"))
        })?;
        let checkpoint = header.checkpoint();
        if header.sha256 != Header::of(&checkpoint, &state).sha256 {
            return Err(failed(&path, "the file is damaged: its checksum is wrong"));
        }
        Ok(Saved { checkpoint, state })
    }

    fn check_identity(&self, saved: &Saved, identity: &str) -> Result<(), TrainError> {
        if saved.checkpoint.identity != identity {
            let path = self.path(saved.checkpoint.position.step);
            return Err(failed(
                &path,
                "this checkpoint belongs to another run, with a different config, data set or seed",
            ));
        }
        Ok(())
    }

    /// The file of the latest checkpoint, if there is one.
    pub(crate) fn last(&self) -> Option<PathBuf> {
        self.steps().ok()?.last().map(|step| self.path(*step))
    }

    /// The file of the checkpoint after a step.
    pub(crate) fn path(&self, step: u64) -> PathBuf {
        self.folder.join(format!("{step:010}.safetensors"))
    }

    /// The steps of all files, in order.
    fn steps(&self) -> Result<Vec<u64>, TrainError> {
        let failed = |error: std::io::Error| failed(&self.folder, error.to_string());
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let step: Option<u64> =
                name.to_str().and_then(|name| name.strip_suffix(".safetensors")?.parse().ok());
            steps.extend(step);
        }
        steps.sort_unstable();
        Ok(steps)
    }
}

impl Header {
    fn of(checkpoint: &Checkpoint, state: &Weights) -> Self {
        let Checkpoint { position, threads, identity, best } = checkpoint;
        let mut header = Self {
            step: position.step,
            epoch_steps: position.epoch.steps,
            epoch_losses: position.epoch.losses.to_bits(),
            threads: *threads,
            identity: identity.clone(),
            best: best.map(|best| (best.step, best.score.map(f64::to_bits), best.stale)),
            sha256: String::new(),
        };
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(&header).expect("a header is plain data"));
        for (name, array) in state.iter() {
            digest.update(format!("{name}{:?}", array.shape()));
            for value in array.data() {
                digest.update(value.to_le_bytes());
            }
        }
        header.sha256 = hexadecimal(&digest.finalize());
        header
    }

    fn checkpoint(&self) -> Checkpoint {
        let epoch = LossSum { losses: f64::from_bits(self.epoch_losses), steps: self.epoch_steps };
        let best =
            self.best.map(|(step, score, stale)| Best { step, score: score.map(f64::from_bits), stale });
        Checkpoint {
            position: Position { step: self.step, epoch },
            threads: self.threads,
            identity: self.identity.clone(),
            best,
        }
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(path: &Path, message: impl Into<String>) -> TrainError {
    TrainError::Run { path: path.to_owned(), message: message.into() }
}
