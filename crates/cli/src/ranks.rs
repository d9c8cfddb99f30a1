//! The ranks of a command: the processes that a launcher of MPI starts, or this process alone.

use std::sync::Arc;

use data::{Share, Sharing};
#[cfg(feature = "torch")]
use torch::tch::Device;
#[cfg(feature = "mpi")]
use train::MpiSession;
use train::{Communicator, SingleProcess};

use crate::failure::{Exit, Failure};

/// The ranks of this command, until it ends.
pub(crate) struct Ranks {
    /// `None` unless a launcher of MPI started this process.
    #[cfg(feature = "mpi")]
    session: Option<MpiSession>,
}

impl Ranks {
    /// Starts MPI if a launcher started this process.
    #[cfg(feature = "mpi")]
    pub(crate) fn start() -> Result<Self, Failure> {
        Ok(Self { session: MpiSession::start() })
    }

    /// Refuses to be one of several ranks that know nothing of each other.
    #[cfg(not(feature = "mpi"))]
    pub(crate) fn start() -> Result<Self, Failure> {
        let number = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
        // PMIx has no variable for the number of processes, but Slurm, which starts them, does.
        let of_slurm = || std::env::var_os("PMIX_RANK").and_then(|_| number("SLURM_STEP_NUM_TASKS"));
        let count =
            number("OMPI_COMM_WORLD_SIZE").or_else(|| number("PMI_SIZE")).or_else(of_slurm).unwrap_or(1);
        if count == 1 {
            return Ok(Self {});
        }
        let message = format!(
            "expected a `factory` built with the feature `mpi`, found one without it, started in {count} processes"
        );
        Err(Failure::usage(message))
    }

    /// The device of this rank: of several ranks on a machine that all ask for the first GPU, each gets another one.
    #[cfg(feature = "torch")]
    pub(crate) fn device(&self, asked: Device) -> Device {
        #[cfg(feature = "mpi")]
        if let Some(session) = &self.session
            && asked == Device::Cuda(0)
        {
            // Without any GPU, the first use of the device is refused.
            return Device::Cuda(session.local_rank() % torch::cuda_devices().unwrap_or(1).max(1));
        }
        asked
    }

    pub(crate) fn communicator(&self) -> Arc<dyn Communicator> {
        #[cfg(feature = "mpi")]
        if let Some(session) = &self.session {
            return Arc::new(session.communicator());
        }
        Arc::new(SingleProcess)
    }

    /// Ends all ranks at once, because this one failed while the others may wait for it.
    pub(crate) fn abort(&self, exit: Exit) {
        #[cfg(feature = "mpi")]
        if let Some(session) = &self.session {
            session.abort(exit as u8);
        }
        // A single process ends by itself.
        let _ = exit;
    }
}

/// Returns the result of this rank, unless another rank failed. All ranks then return a failure, of which the first rank
/// that failed prints its own.
pub(crate) fn agree<T>(ranks: &dyn Communicator, result: Result<T, Failure>) -> Result<T, Failure> {
    let exit = result.as_ref().map_or_else(|failure| failure.exit, |_| Exit::Success);
    // Also the first byte of any other exchange, so that a rank that fails before it does not confuse the others.
    let gathered = ranks.gather(&[exit as u8]);
    let exits: Vec<u8> = gathered.iter().filter_map(|bytes| bytes.first().copied()).collect();
    let Some(first) = exits.iter().position(|exit| *exit != Exit::Success as u8) else { return result };
    if first == ranks.rank() { result } else { Err(Failure::of_another_rank(Exit::of(exits[first]))) }
}

/// The share of this rank in what the ranks do together.
pub(crate) fn share_of(ranks: &dyn Communicator) -> Share {
    Share { index: ranks.rank(), count: ranks.size() }
}

/// Opens data that all ranks use; they share the work.
pub(crate) fn open<T>(ranks: &dyn Communicator, open: impl FnOnce(Sharing<'_>) -> T) -> T {
    let neighbors = ranks.neighbors();
    let gather = |bytes: &[u8]| ranks.gather(bytes);
    open(Sharing { share: share_of(ranks), neighbors: &neighbors, gather: &gather })
}

/// Whether this is so on any rank.
#[cfg(feature = "torch")]
pub(crate) fn any(ranks: &dyn Communicator, here: bool) -> bool {
    ranks.gather(&[u8::from(here)]).iter().any(|there| *there == [1])
}
