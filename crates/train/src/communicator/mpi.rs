//! Ranks that a launcher of MPI starts, such as `mpirun` or `srun`.

use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, CommunicatorCollectives};
use mpi::{Count, Threading};

use super::Communicator;
use super::agree::GOES_ON;

/// Environment variables that launchers set for each rank: Open MPI's, and those of PMIx and PMI, by which other
/// launchers start ranks.
const LAUNCHED: [&str; 3] = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"];

/// MPI in this process, from the start of the process to its end.
///
/// If the thread that drops this value is panicking, all ranks are ended, because they would wait for this one.
pub struct MpiSession {
    _universe: Universe,
    communicator: Mpi,
}

/// The ranks that a launcher started. Only the thread that started MPI may use it.
#[derive(Clone, Copy, Debug)]
pub struct Mpi {
    rank: usize,
    size: usize,
}

/// Most bytes that one call of MPI receives; counts in MPI are 32-bit numbers.
const MOST_BYTES: usize = 1 << 30;

impl MpiSession {
    /// Starts MPI. Returns `None` if no launcher of MPI started this process.
    pub fn start() -> Option<Self> {
        if LAUNCHED.iter().all(|name| std::env::var_os(name).is_none()) {
            return None;
        }
        // Other threads read data; only this one calls MPI.
        let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)?;
        let world = universe.world();
        let communicator = Mpi { rank: index(world.rank()), size: index(world.size()) };
        Some(Self { _universe: universe, communicator })
    }

    /// The ranks that the launcher started.
    pub fn communicator(&self) -> Mpi {
        self.communicator
    }

    /// The number of this rank among those of its machine, from 0, by which it chooses a GPU. All ranks call it.
    pub fn local_rank(&self) -> usize {
        self.communicator.neighbors().iter().filter(|other| **other < self.communicator.rank).count()
    }

    /// Ends all ranks at once, with this exit code.
    pub fn abort(&self, code: u8) -> ! {
        world().abort(code.into())
    }
}

impl Drop for MpiSession {
    fn drop(&mut self) {
        /// The exit code of a program of Rust that panics.
        const PANICKED: u8 = 101;
        if std::thread::panicking() {
            self.abort(PANICKED);
        }
    }
}

impl Communicator for Mpi {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    /// The ranks whose machines have the same name.
    fn neighbors(&self) -> Vec<usize> {
        let name = mpi::environment::processor_name().unwrap_or_default();
        let own = [&[GOES_ON][..], name.as_bytes()].concat();
        let all = self.gather(&own);
        (0..self.size).filter(|other| all[*other] == own).collect()
    }

    /// Each rank adds up one part of the values, which it gets from all ranks, and sends the sums to all. The order of
    /// the additions is then the same for every library, network and placement of ranks, which no reduction of MPI
    /// promises, and the bytes sent are those of a ring: `2 · (size - 1) / size` times the values.
    fn sum(&self, values: &mut [f32]) {
        if self.size == 1 || values.is_empty() {
            return;
        }
        let length = values.len().div_ceil(self.size);
        let mut padded = Vec::new();
        let is_divisible = values.len() == length * self.size;
        if !is_divisible {
            padded.extend_from_slice(values);
            padded.resize(length * self.size, 0.0);
        }
        let all = if is_divisible { &mut *values } else { &mut padded[..] };
        let mut received = vec![0.0f32; all.len()];
        world().all_to_all_into(&*all, &mut received[..]);
        let (sums, others) = received.split_at_mut(length);
        for part in others.chunks_exact(length) {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value;
            }
        }
        world().all_gather_into(&*sums, &mut *all);
        if !is_divisible {
            values.copy_from_slice(&padded[..values.len()]);
        }
    }

    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lengths = vec![0u64; self.size];
        world().all_gather_into(&(bytes.len() as u64), &mut lengths[..]);
        let lengths: Vec<usize> =
            lengths.iter().map(|length| usize::try_from(*length).unwrap_or(0)).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut gathered: Vec<Vec<u8>> = lengths.iter().map(|length| Vec::with_capacity(*length)).collect();
        let most = (MOST_BYTES / self.size).max(1);
        for from in (0..longest).step_by(most) {
            let counts: Vec<usize> =
                lengths.iter().map(|length| length.saturating_sub(from).min(most)).collect();
            let own = from.min(bytes.len());
            let received = gather_part(&bytes[own..own + counts[self.rank]], &counts);
            let mut rest = &received[..];
            for (into, count) in gathered.iter_mut().zip(counts) {
                let (part, others) = rest.split_at(count);
                into.extend_from_slice(part);
                rest = others;
            }
        }
        gathered
    }
}

/// Returns the bytes of every rank, one after the other, of which there are `counts`.
fn gather_part(bytes: &[u8], counts: &[usize]) -> Vec<u8> {
    let mut received = vec![0; counts.iter().sum()];
    let counts: Vec<Count> =
        counts.iter().map(|count| Count::try_from(*count).expect("at most 2^30")).collect();
    let mut starts = Vec::with_capacity(counts.len());
    let mut start = 0;
    for count in &counts {
        starts.push(start);
        start += count;
    }
    let mut parts = PartitionMut::new(&mut received[..], counts, starts);
    world().all_gather_varcount_into(bytes, &mut parts);
    received
}

fn world() -> SimpleCommunicator {
    SimpleCommunicator::world()
}

fn index(number: i32) -> usize {
    usize::try_from(number).expect("ranks are not negative")
}
