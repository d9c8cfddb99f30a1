//! Who looks on while a run trains.

use std::path::Path;

use crate::Step;

/// Is told what happens in a run; does nothing unless told what.
pub trait Watch {
    /// Training begins after `from` of `total` steps, `per_epoch` in an epoch, each of `examples`
    /// examples.
    fn begin(&mut self, from: u64, total: u64, per_epoch: u64, examples: usize) {
        let _ = (from, total, per_epoch, examples);
    }

    /// A step is done.
    fn step(&mut self, step: &Step) {
        let _ = step;
    }

    /// An epoch is done.
    fn epoch(&mut self, epoch: &Epoch) {
        let _ = epoch;
    }

    /// A checkpoint is written.
    fn saved(&mut self, path: &Path) {
        let _ = path;
    }

    /// Something that the user wants to know.
    fn note(&mut self, text: &str) {
        let _ = text;
    }
}

/// What an epoch's end found.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// Epochs done, this one included.
    pub epoch: u64,
    /// Steps done.
    pub step: u64,
    /// The figures, as the journal has them: `train/loss`, `validation/accuracy`, ….
    pub figures: Vec<(String, f64)>,
    /// Whether the validation is the best so far.
    pub is_best: bool,
}

/// Looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Watch for Quiet {}
