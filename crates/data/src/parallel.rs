//! Work on several threads whose result does not depend on their number.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Returns the results of `work` for the indices below `count`, in order, or the error of the first index that has
/// one.
pub(crate) fn map<T: Send, E: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let run = || {
        let mut results = Vec::new();
        // Indices are taken in order, so the work of all indices before an error is done, too.
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let result = work(index);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            results.push((index, result));
        }
        results
    };
    let mut results = std::thread::scope(|scope| {
        // If no thread can be started, this one does all the work.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, run).ok();
        let handles: Vec<_> = (1..threads.min(count)).filter_map(start).collect();
        let mut results = run();
        for handle in handles {
            results.extend(handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_the_first_error_wins() {
        for threads in [1, 3, 100] {
            let squares = map(threads, 50, |i| Ok::<_, usize>(i * i)).unwrap();
            assert!(squares.iter().enumerate().all(|(i, square)| *square == i * i));
            let refused = map(threads, 50, |i| if i % 20 == 7 { Err(i) } else { Ok(i) });
            assert_eq!(refused, Err(7));
            assert_eq!(map(threads, 0, Err::<usize, usize>), Ok(Vec::new()));
        }
    }
}
