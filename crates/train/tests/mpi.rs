//! A rank that panics ends all ranks. This test starts itself in several processes; it needs Open MPI, and is built with
//! the feature `mpi`.

#![cfg(all(unix, feature = "mpi", feature = "torch"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod open_mpi;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use train::{Communicator, Mpi, MpiSession, NoCallback, run_on_ranks};

use crate::common::{checkpoints, config, result, resumed};
use crate::open_mpi::SETTINGS;

/// Environment variables of the processes: the folder of the run, and the step in which rank 1 panics.
const FOLDER: &str = "TEST_FOLDER";
const PANIC: &str = "TEST_PANIC";
const NEVER: u64 = u64::MAX;

/// Ranks that add up their gradients once per step. Rank 1 panics in one of the steps.
#[derive(Debug)]
struct Panicking {
    ranks: Mpi,
    sums: AtomicU64,
    step: u64,
}

impl Communicator for Panicking {
    fn rank(&self) -> usize {
        self.ranks.rank()
    }

    fn size(&self) -> usize {
        self.ranks.size()
    }

    fn sum(&self, values: &mut [f32]) {
        let step = self.sums.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(self.rank() != 1 || step != self.step, "a panic in step {step}");
        self.ranks.sum(values);
    }

    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.ranks.gather(bytes)
    }
}

/// Trains in two processes, which run this test again.
fn train(folder: &Path, panic: u64) -> Output {
    let mut command = Command::new("mpirun");
    command.envs(SETTINGS).env(FOLDER, folder).env(PANIC, panic.to_string());
    command.args(["-n", "2"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "a_panic_ends_all_ranks", "--nocapture"]).output().unwrap()
}

/// One of the processes.
fn train_on_rank(ranks: Mpi) {
    let variable = |name: &str| std::env::var(name).unwrap();
    let run = resumed(config(), Path::new(&variable(FOLDER)));
    let step = variable(PANIC).parse().unwrap();
    let ranks: Arc<dyn Communicator> = Arc::new(Panicking { ranks, sums: AtomicU64::new(0), step });
    run_on_ranks(&run, &ranks, &mut NoCallback, &AtomicBool::new(false)).unwrap();
}

#[test]
fn a_panic_ends_all_ranks() {
    if let Some(session) = MpiSession::start() {
        return train_on_rank(session.communicator());
    }
    let folder = tempfile::tempdir().unwrap();
    let [whole, panicked] = ["whole", "panicked"].map(|name| folder.path().join(name));
    assert!(train(&whole, NEVER).status.success());

    // An epoch has six steps.
    let output = train(&panicked, 9);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{errors}");
    assert_eq!(errors.matches("a panic in step 9").count(), 1, "{errors}");
    assert_eq!(checkpoints(&panicked).len(), 1, "that of the first epoch");

    assert!(train(&panicked, NEVER).status.success());
    assert!(result(&panicked) == result(&whole));
}
