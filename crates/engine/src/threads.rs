//! The instruction set and the threads that instructions are computed with.

use std::sync::{Mutex, PoisonError};

use kernels::{Gathered, Kernel, Level};

/// Multiply-adds of a block that take longer than handing work to another thread.
const LEAST_WORK: usize = 1 << 12;

/// Multiply-adds of a block that take as long as reading one that is not in the nearest cache.
pub(crate) const READ: usize = 12;

/// An instruction set, and threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine<'t> {
    level: Level,
    /// `None` for the calling thread alone.
    team: Option<&'t Gathered<'t>>,
}

impl From<Level> for Machine<'_> {
    fn from(level: Level) -> Self {
        Self { level, team: None }
    }
}

impl<'t> Machine<'t> {
    pub(crate) fn new(level: Level, team: Option<&'t Gathered<'t>>) -> Self {
        Self { level, team }
    }

    /// The number of threads that work is divided among.
    pub(crate) fn threads(self) -> usize {
        self.team.map_or(1, Gathered::threads)
    }

    /// Runs a kernel on this thread.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        self.level.run(kernel)
    }

    /// With one thread.
    pub(crate) fn alone(self) -> Self {
        Self { team: None, ..self }
    }

    /// With one thread if there is too little work, in multiply-adds of a block, for several.
    pub(crate) fn for_work(self, work: usize) -> Self {
        if work < LEAST_WORK { self.alone() } else { self }
    }

    /// Computes parts of some work, each on one of the threads.
    pub(crate) fn each<T: Send>(self, parts: Vec<T>, compute: impl Fn(T) + Sync) {
        let Some(team) = self.team else { return parts.into_iter().for_each(compute) };
        let parts: Vec<Mutex<Option<T>>> = parts.into_iter().map(|part| Mutex::new(Some(part))).collect();
        team.run(parts.len(), &|index| {
            let part = parts[index].lock().unwrap_or_else(PoisonError::into_inner).take();
            part.into_iter().for_each(&compute);
        });
    }
}
