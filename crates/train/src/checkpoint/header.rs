//! The header of a checkpoint file: the state of a run except for its arrays.

use std::path::Path;

use graph::Weights;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Best, Checkpoint};
use crate::TrainError;
use crate::digest::{add_weights, hexadecimal};
use crate::identity::Identity;
use crate::position::{LossSum, Position};
use crate::score::Score;

/// Format version. It changes whenever the header or the meaning of a stored value changes.
const FORMAT: u32 = 2;

/// The header as stored. Floating-point numbers are stored as their bits, which JSON preserves exactly.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: u32,
    step: u64,
    epoch_steps: u64,
    epoch_losses: u64,
    threads: i32,
    /// Absent for one rank.
    #[serde(default = "one_rank", skip_serializing_if = "is_one")]
    ranks: usize,
    identity: Identity,
    score: Option<[u64; 2]>,
    best: Option<(u64, [u64; 2], usize)>,
    sha256: String,
}

/// The only field that all formats share, except for the first, which had none.
#[derive(Deserialize)]
struct Format {
    #[serde(default = "first")]
    format: u32,
}

fn first() -> u32 {
    1
}

fn one_rank() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_one(ranks: &usize) -> bool {
    *ranks == 1
}

impl Header {
    /// The header of a checkpoint, with a checksum of the header and the arrays.
    pub(super) fn of(checkpoint: &Checkpoint, state: &Weights) -> Self {
        let Checkpoint { position, threads, ranks, identity, score, best } = checkpoint;
        let bits = |score: Score| score.map(f64::to_bits);
        let mut header = Self {
            format: FORMAT,
            step: position.step,
            epoch_steps: position.epoch.steps,
            epoch_losses: position.epoch.losses.to_bits(),
            threads: *threads,
            ranks: *ranks,
            identity: identity.clone(),
            score: score.map(bits),
            best: best.map(|best| (best.step, bits(best.score), best.stale)),
            sha256: String::new(),
        };
        let mut digest = Sha256::new();
        digest.update(header.text());
        add_weights(&mut digest, state);
        header.sha256 = hexadecimal(&digest.finalize());
        header
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("a header is plain data")
    }

    /// Parses the header of the file `path`, which appears in errors.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, TrainError> {
        let failed = |error: serde_json::Error| {
            let found = graph::one_line(&error.to_string());
            super::failed(path, format!("invalid checkpoint header: {found}"))
        };
        let Format { format } = serde_json::from_str(text).map_err(failed)?;
        if format != FORMAT {
            return Err(TrainError::CheckpointFormat {
                path: path.to_owned(),
                expected: FORMAT,
                found: format,
            });
        }
        serde_json::from_str(text).map_err(failed)
    }

    /// Returns the checkpoint, or `None` if the checksum does not match.
    pub(super) fn checkpoint(self, state: &Weights) -> Option<Checkpoint> {
        let score = |bits: [u64; 2]| bits.map(f64::from_bits);
        let epoch = LossSum { losses: f64::from_bits(self.epoch_losses), steps: self.epoch_steps };
        let checkpoint = Checkpoint {
            position: Position { step: self.step, epoch },
            threads: self.threads,
            ranks: self.ranks,
            identity: self.identity,
            score: self.score.map(score),
            best: self.best.map(|(step, bits, stale)| Best { step, score: score(bits), stale }),
        };
        (Self::of(&checkpoint, state).sha256 == self.sha256).then_some(checkpoint)
    }
}
