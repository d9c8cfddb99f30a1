//! The place of a run between two steps.

/// A place between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Position {
    /// Steps taken.
    pub(crate) step: u64,
    /// Losses of the current epoch.
    pub(crate) epoch: LossSum,
}

/// The sum of an epoch's losses so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LossSum {
    pub(crate) losses: f64,
    pub(crate) steps: u64,
}

impl LossSum {
    pub(crate) fn add(&mut self, loss: f64) {
        self.losses += loss;
        self.steps += 1;
    }

    /// The mean loss; 0 before the first step.
    pub(crate) fn mean(&self) -> f64 {
        self.losses / self.steps.max(1) as f64
    }
}
