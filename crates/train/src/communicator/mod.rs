//! The ranks of a run: processes that train one model together.

mod agree;
#[cfg(feature = "mpi")]
mod mpi;

use std::fmt::Debug;

#[cfg(feature = "torch")]
pub(crate) use self::agree::{agree, broadcast};
pub(crate) use self::agree::{agree_with, common};
#[cfg(feature = "mpi")]
pub use self::mpi::{Mpi, MpiSession};

/// The ranks of a run, and what they exchange.
///
/// All ranks call the same methods in the same order; each call returns once every rank has made it. A rank that
/// cannot continue must end the others, which would otherwise wait for it forever.
pub trait Communicator: Debug + Send + Sync {
    /// The number of this rank, from 0.
    fn rank(&self) -> usize;

    /// The number of ranks, at least 1.
    fn size(&self) -> usize;

    /// The ranks on the machine of this rank, in ascending order, with its own. They read the data together. By default,
    /// each rank is on its own.
    fn neighbors(&self) -> Vec<usize> {
        vec![self.rank()]
    }

    /// Replaces the values of every rank by their sum over all ranks. All ranks pass the same number of values and get
    /// the same bytes: the values are added in the order of the ranks, `((v0 + v1) + v2) + …`, as by one process that
    /// accumulates them.
    fn sum(&self, values: &mut [f32]);

    /// Returns the bytes of every rank, in the order of the ranks. Ranks may pass different numbers of bytes.
    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>>;
}

/// One process on its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SingleProcess;

impl Communicator for SingleProcess {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn sum(&self, _: &mut [f32]) {}

    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        vec![bytes.to_vec()]
    }
}
