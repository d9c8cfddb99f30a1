//! The random numbers of a training example.

use graph::Noise;

use crate::Order;
use crate::number::wide;

/// The key that an example's random numbers are derived from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    seed: u64,
    epoch: u64,
    index: u64,
}

impl Draw {
    /// Returns `None` for evaluation, in which nothing is random.
    pub(crate) fn new(order: Order, index: usize) -> Option<Self> {
        match order {
            Order::InOrder => None,
            Order::Shuffled { seed, epoch } => Some(Self { seed, epoch, index: wide(index) }),
        }
    }

    /// Returns a sequence of random numbers for one `purpose`, independent of those for other purposes.
    pub(crate) fn noise(self, purpose: &str) -> Noise {
        Noise::of(&format!("{purpose}/{}/{}/{}", self.seed, self.epoch, self.index))
    }
}
