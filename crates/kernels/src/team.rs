//! Threads that compute the parts of a kernel's work.

#![allow(unsafe_code, reason = "threads that outlive a call compute with what it borrows")]

use std::any::Any;
use std::hint;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

/// Times that a thread looks for work before it lets other threads of the machine run.
const POLLS: u32 = 100;

/// Times that a thread looks for work before it sleeps, unless the team is gathered.
const LAST_POLLS: u32 = 2 * POLLS;

/// The calling thread and some others, which compute the parts of its work.
///
/// Waking a thread takes longer than many kernels do, so the others look for work all the time while the team is
/// [gathered](Team::gather); otherwise they sleep.
#[derive(Debug)]
pub struct Team {
    shared: Arc<Shared>,
    others: Vec<JoinHandle<()>>,
    gathered: Mutex<()>,
}

/// A team that is awake, for one caller at a time.
#[derive(Debug)]
pub struct Gathered<'t> {
    shared: &'t Shared,
    threads: usize,
    _turn: MutexGuard<'t, ()>,
}

type Work<'w> = dyn Fn(usize) + Sync + 'w;

#[derive(Default)]
struct Shared {
    /// Set while there are unfinished parts.
    work: Mutex<Option<&'static Work<'static>>>,
    /// A bit for each part that no thread has begun.
    open: AtomicU64,
    /// The number of parts that have not ended, and 1 for the call that waits for them; 0 without work.
    unfinished: AtomicUsize,
    /// The payload of the first panic of a part.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    is_gathered: AtomicBool,
    is_dropped: AtomicBool,
}

impl Team {
    /// The most threads of a team.
    pub const MOST_THREADS: usize = 64;

    /// Starts `threads - 1` threads, of at most [`MOST_THREADS`](Self::MOST_THREADS).
    ///
    /// # Errors
    /// If the system cannot start one.
    pub fn new(threads: usize) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let mut team = Self { shared, others: Vec::new(), gathered: Mutex::new(()) };
        for own in 1..threads.min(Self::MOST_THREADS) {
            let shared = Arc::clone(&team.shared);
            let thread = thread::Builder::new().name(format!("team {own}"));
            team.others.push(thread.spawn(move || shared.serve(own))?);
        }
        Ok(team)
    }

    /// The number of threads, the caller's included.
    pub fn threads(&self) -> usize {
        self.others.len() + 1
    }

    /// Wakes the threads, which stay awake until the result is dropped. `None` while another caller has them.
    pub fn gather(&self) -> Option<Gathered<'_>> {
        let turn = match self.gathered.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        self.shared.is_gathered.store(true, Ordering::SeqCst);
        self.wake();
        Some(Gathered { shared: &self.shared, threads: self.threads(), _turn: turn })
    }

    fn wake(&self) {
        for other in &self.others {
            other.thread().unpark();
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.is_dropped.store(true, Ordering::SeqCst);
        self.wake();
        for other in self.others.drain(..) {
            // It caught the panics of the work.
            let _ = other.join();
        }
    }
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.shared.is_gathered.store(false, Ordering::SeqCst);
    }
}

impl Gathered<'_> {
    /// The number of threads, the caller's included.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `work` for each part, of at most [`Team::MOST_THREADS`], each on one of the threads, and returns when all
    /// have ended. Within such work, the parts of other work are computed one after the other.
    ///
    /// # Panics
    /// If a part panics, with its message.
    pub fn run(&self, parts: usize, work: &Work<'_>) {
        assert!(parts <= Team::MOST_THREADS, "{parts} parts are more than {}", Team::MOST_THREADS);
        let shared = self.shared;
        let unfinished = &shared.unfinished;
        if parts < 2
            || unfinished.compare_exchange(0, parts + 1, Ordering::AcqRel, Ordering::Acquire).is_err()
        {
            return (0..parts).for_each(work);
        }
        // SAFETY: only the lifetimes change. A thread takes the reference after it began a part, and does not use it
        // after it has counted the part as finished. This call waits until all parts are, and then takes the reference
        // back, so what it borrows outlives all uses. Nothing before that panics: panics of the work are caught.
        let lasting = unsafe { mem::transmute::<&Work<'_>, &'static Work<'static>>(work) };
        *lock(&shared.work) = Some(lasting);
        shared.open.store(u64::MAX >> (Team::MOST_THREADS - parts), Ordering::Release);
        while let Some(part) = shared.begin(0) {
            shared.compute(part);
        }
        let mut polls = 0;
        while unfinished.load(Ordering::Acquire) > 1 {
            wait(&mut polls);
        }
        *lock(&shared.work) = None;
        let panic = lock(&shared.panic).take();
        unfinished.store(0, Ordering::Release);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl Shared {
    /// The life of a thread: computes parts, its own first, and sleeps while there are none.
    fn serve(&self, own: usize) {
        let mut polls = 0;
        while !self.is_dropped.load(Ordering::SeqCst) {
            if let Some(part) = self.begin(own) {
                self.compute(part);
                polls = 0;
            } else if polls < LAST_POLLS || self.is_gathered.load(Ordering::SeqCst) {
                wait(&mut polls);
            } else {
                thread::park();
                polls = 0;
            }
        }
    }

    /// Begins a part that no other thread has begun: a thread's own one if possible, because its cache may have what
    /// the part needs.
    fn begin(&self, own: usize) -> Option<usize> {
        let open = self.open.load(Ordering::Acquire);
        if open == 0 {
            return None;
        }
        let part = if open >> own & 1 == 1 { own } else { open.trailing_zeros() as usize };
        let before = self.open.fetch_and(!(1 << part), Ordering::AcqRel);
        if before >> part & 1 == 1 { Some(part) } else { self.begin(own) }
    }

    /// Computes a part that this thread began.
    fn compute(&self, part: usize) {
        let work = *lock(&self.work);
        let result = catch_unwind(AssertUnwindSafe(|| work.expect("unfinished parts have work")(part)));
        if let Err(panic) = result {
            let mut first = lock(&self.panic);
            if first.is_none() {
                *first = Some(panic);
            } else {
                drop(first);
                // Dropping a payload may panic, too.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
                    mem::forget(panic);
                }
            }
        }
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

fn wait(polls: &mut u32) {
    *polls = polls.saturating_add(1);
    if *polls < POLLS {
        hint::spin_loop();
    } else {
        thread::yield_now();
    }
}

/// No panic can leave what these locks protect half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
