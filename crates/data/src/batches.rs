//! Batches that background threads prepare ahead of the reader.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::stitch::order as shuffled;
use crate::{Batch, DataError, Examples, Order};

/// Number of batches per thread that may be prepared ahead of the reader.
const AHEAD: usize = 2;

/// An iterator over batches in order. Background threads prepare them ahead, and end when the iterator is
/// dropped. An error is always the last item.
pub struct Batches {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    examples: Examples,
    order: Order,
    indices: Vec<usize>,
    /// The places in `indices` of the examples of each batch.
    batches: Vec<Range<usize>>,
    /// Number of batches that may be prepared ahead of the reader.
    ahead: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The number of the next batch that a thread will make.
    next: usize,
    /// The number of the next batch that the reader will get.
    wanted: usize,
    /// One past the last batch.
    end: usize,
    ready: BTreeMap<usize, Result<Batch, DataError>>,
}

impl Batches {
    /// Batches with the examples at these places in the order.
    pub(crate) fn new(examples: Examples, order: Order, batches: Vec<Range<usize>>, threads: usize) -> Self {
        let indices = match order {
            Order::InOrder => (0..examples.len()).collect(),
            Order::Shuffled { seed, epoch } => shuffled(&format!("order/{seed}/{epoch}"), examples.len()),
        };
        let end = batches.len();
        let state = State { next: 0, wanted: 0, end, ready: BTreeMap::new() };
        let threads = threads.min(end);
        let shared = Arc::new(Shared {
            examples,
            order,
            indices,
            batches,
            ahead: AHEAD * threads.max(1),
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let start = |_| {
            let shared = Arc::clone(&shared);
            // If no thread can be started, the reader makes the batches itself.
            std::thread::Builder::new().name("data".to_owned()).spawn(move || shared.work()).ok()
        };
        let threads = (0..threads).filter_map(start).collect();
        Self { shared, threads }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes batches until the last one.
    fn work(&self) {
        let mut state = self.state();
        while state.next < state.end {
            if state.next >= state.wanted + self.ahead {
                state = self.wait(state);
                continue;
            }
            let number = state.next;
            state.next += 1;
            drop(state);
            let batch = self.make(number);
            state = self.state();
            state.ready.insert(number, batch);
            self.changed.notify_all();
        }
    }

    fn make(&self, number: usize) -> Result<Batch, DataError> {
        let indices = &self.indices[self.batches[number].clone()];
        // A custom source may panic; the reader must not wait forever because of that.
        let made = catch_unwind(AssertUnwindSafe(|| self.examples.batch(indices, self.order)));
        made.unwrap_or_else(|_| Err(DataError::new("data", format!("batch {number}: the source panicked"))))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut state = self.shared.state();
        let number = state.wanted;
        if number >= state.end {
            return None;
        }
        if self.threads.is_empty() {
            drop(state);
            let batch = self.shared.make(number);
            state = self.shared.state();
            state.ready.insert(number, batch);
        }
        let batch = loop {
            if let Some(batch) = state.ready.remove(&number) {
                break batch;
            }
            state = self.shared.wait(state);
        };
        state.wanted += 1;
        if batch.is_err() {
            state.end = state.wanted;
        }
        drop(state);
        self.shared.changed.notify_all();
        Some(batch)
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.shared.state().end = 0;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // Threads catch panics themselves, so the result of joining can be ignored.
            drop(thread.join());
        }
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batches({} of {})", self.shared.state().wanted, self.shared.state().end)
    }
}
