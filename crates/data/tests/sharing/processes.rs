//! Processes, which are threads here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use data::{Share, Sharing};

/// The machine of each process.
pub(crate) const LAYOUTS: [&[usize]; 7] =
    [&[0], &[0, 0], &[0, 1], &[0, 0, 0], &[0, 1, 0], &[0, 0, 0, 0, 0], &[0, 1, 0, 1, 0]];

/// Returns the results of `open` in several processes, in order. Given are the index of the process and what it shares.
pub(crate) fn in_processes<T: Send>(
    machines: &[usize],
    open: impl Fn(usize, Sharing<'_>) -> T + Sync,
) -> Vec<T> {
    let count = machines.len();
    let (barrier, shared) = (Barrier::new(count), Mutex::new(vec![Vec::new(); count]));
    let calls: Vec<AtomicUsize> = machines.iter().map(|_| AtomicUsize::new(0)).collect();
    let run = |index: usize| {
        let gather = |bytes: &[u8]| {
            calls[index].fetch_add(1, Ordering::Relaxed);
            shared.lock().unwrap()[index] = bytes.to_vec();
            barrier.wait();
            let all = shared.lock().unwrap().clone();
            barrier.wait();
            all
        };
        let neighbors: Vec<usize> = (0..count).filter(|other| machines[*other] == machines[index]).collect();
        open(index, Sharing { share: Share { index, count }, neighbors: &neighbors, gather: &gather })
    };
    let results = std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..count).map(|index| scope.spawn(move || run(index))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let calls: Vec<usize> = calls.into_iter().map(AtomicUsize::into_inner).collect();
    assert!(calls.iter().all(|others| *others == calls[0]), "{calls:?}");
    results
}
