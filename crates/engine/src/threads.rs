//! The threads of an engine.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use kernels::{Kernel, Level};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder, Yield};

/// Multiply-adds of a block that take longer than handing work to another thread.
const LEAST_WORK: usize = 1 << 12;

/// Multiply-adds of a block that take as long as reading one that is not in the nearest cache.
pub(crate) const READ: usize = 12;

/// An instruction set, and the number of threads of the pool that the current thread belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    pub(crate) level: Level,
    pub(crate) threads: usize,
}

impl From<Level> for Machine {
    fn from(level: Level) -> Self {
        Self { level, threads: 1 }
    }
}

impl Machine {
    /// Runs a kernel on this thread.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        self.level.run(kernel)
    }

    /// With one thread.
    pub(crate) fn alone(self) -> Self {
        Self { threads: 1, ..self }
    }

    /// With half of the threads each, the second with one more if they are odd.
    pub(crate) fn halves(self) -> [Self; 2] {
        [self.threads / 2, self.threads.div_ceil(2)].map(|threads| Self { threads, ..self })
    }

    /// With one thread if there is too little work, in multiply-adds of a block, for several.
    pub(crate) fn for_work(self, work: usize) -> Self {
        if work < LEAST_WORK { self.alone() } else { self }
    }
}

/// Times that a thread looks for work before it lets other processes run.
const MOST_IDLE: usize = 100;

/// Threads that wait for parts of runs.
#[derive(Debug)]
pub(crate) struct Threads {
    pool: ThreadPool,
    /// Runs that have begun and not ended.
    runs: AtomicUsize,
}

impl Threads {
    /// Starts this many threads.
    pub(crate) fn new(count: usize) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new().num_threads(count).build()?;
        Ok(Self { pool, runs: AtomicUsize::new(0) })
    }

    pub(crate) fn count(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs work on one of the threads, which divides parts of it among all of them.
    ///
    /// The others stay awake until it ends, because waking a thread takes longer than many an instruction. They do not
    /// while several runs share the threads: two runs could each wait for the other's end, in the middle of a part.
    pub(crate) fn run(&self, work: impl FnOnce() + Send) {
        let has_ended = &AtomicBool::new(false);
        self.pool.scope(|scope| {
            self.runs.fetch_add(1, Ordering::SeqCst);
            let own = self.pool.current_thread_index();
            scope.spawn_broadcast(move |_, context| {
                if Some(context.index()) == own {
                    return;
                }
                let mut idle = 0;
                while !has_ended.load(Ordering::SeqCst) && self.runs.load(Ordering::SeqCst) == 1 {
                    if self.pool.yield_now() == Some(Yield::Executed) {
                        idle = 0;
                    } else if idle < MOST_IDLE {
                        idle += 1;
                        hint::spin_loop();
                    } else {
                        thread::yield_now();
                    }
                }
            });
            let _end = End { has_ended, runs: &self.runs };
            work();
        });
    }
}

/// Marks the end of a run when it is dropped, which a panic does, too.
struct End<'r> {
    has_ended: &'r AtomicBool,
    runs: &'r AtomicUsize,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::SeqCst);
        self.runs.fetch_sub(1, Ordering::SeqCst);
    }
}
