//! Ranks that are threads of this process, for tests without MPI.

use std::sync::{Arc, Barrier, Mutex};

use torch::tch;
use train::Communicator;

/// A rank.
#[derive(Debug)]
pub(crate) struct Thread {
    rank: usize,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    barrier: Barrier,
    /// The bytes of each rank.
    bytes: Mutex<Vec<Vec<u8>>>,
}

impl Communicator for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.shared.bytes.lock().unwrap().len()
    }

    fn sum(&self, values: &mut [f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        values.fill(0.0);
        for (rank, bytes) in self.gather(&bytes).iter().enumerate() {
            let (numbers, _) = bytes.as_chunks();
            for (sum, number) in values.iter_mut().zip(numbers) {
                let number = f32::from_le_bytes(*number);
                *sum = if rank == 0 { number } else { *sum + number };
            }
        }
    }

    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.shared.bytes.lock().unwrap()[self.rank] = bytes.to_vec();
        self.shared.barrier.wait();
        let gathered = self.shared.bytes.lock().unwrap().clone();
        self.shared.barrier.wait();
        gathered
    }
}

/// Runs the same work on every rank. Returns the results in the order of the ranks.
pub(crate) fn on_ranks<T: Send>(size: usize, work: impl Fn(Arc<dyn Communicator>) -> T + Sync) -> Vec<T> {
    let shared = Arc::new(Shared { barrier: Barrier::new(size), bytes: Mutex::new(vec![Vec::new(); size]) });
    std::thread::scope(|scope| {
        let start = |rank| {
            let thread = Thread { rank, shared: Arc::clone(&shared) };
            let work = &work;
            scope.spawn(move || {
                // libtorch's number of threads is that of each thread that calls it.
                tch::set_num_threads(1);
                work(Arc::new(thread))
            })
        };
        let threads: Vec<_> = (0..size).map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
