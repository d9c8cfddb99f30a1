//! Random graphs of wide variety against the reference, with each instruction set: a second's worth as a test, or
//! for as many seconds as the environment variable `ENGINE_CAMPAIGN_SECONDS` says, from the seed
//! `ENGINE_CAMPAIGN_SEED` on. `cargo xtask engine-checks --hours 1` runs it for an hour.

mod draw;
mod verify;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use verify::Report;

/// A number in the environment.
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found `{text}`")))
}

#[test]
fn random_graphs_agree_with_the_reference() {
    let seconds = variable("ENGINE_CAMPAIGN_SECONDS");
    let first = variable("ENGINE_CAMPAIGN_SEED").unwrap_or(0);
    let count = match seconds {
        Some(_) => u64::MAX,
        None => 60,
    };
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds.unwrap_or(3600));
    let (next, sum) = (AtomicU64::new(0), Mutex::new((Report::default(), Vec::new(), start)));
    let work = || {
        while Instant::now() < end {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let seed = first.wrapping_add(index);
            let result = catch_unwind(AssertUnwindSafe(|| verify::verify(seed)));
            let (report, failures, told) = &mut *sum.lock().unwrap();
            match result {
                Ok(found) => report.include(&found),
                Err(_) => failures.push(seed),
            }
            if seconds.is_some() && told.elapsed() > Duration::from_secs(60) {
                *told = Instant::now();
                println!("after {} s: {report}, {} failures", start.elapsed().as_secs(), failures.len());
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let (report, failures, _) = sum.into_inner().unwrap();
    println!("{report}; seeds from {first}, {} s", start.elapsed().as_secs());
    assert!(failures.is_empty(), "failed seeds, each with ENGINE_CAMPAIGN_SEED=N: {failures:?}");
}
