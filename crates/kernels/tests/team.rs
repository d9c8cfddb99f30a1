//! Threads that compute parts of the same work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernels::Team;

/// Few under Miri.
const ROUNDS: usize = if cfg!(miri) { 5 } else { 2000 };

fn team(threads: usize) -> Team {
    Team::new(threads).expect("threads can be started")
}

#[test]
fn each_part_is_computed_once() {
    for threads in [1, 2, 3, 8] {
        let team = team(threads);
        assert_eq!(team.threads(), threads);
        for round in 0..ROUNDS {
            let gathered = team.gather().expect("nobody else has the team");
            for parts in 0..5 {
                let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                gathered.run(parts, &|part| {
                    counts[part].fetch_add(part + round, Ordering::Relaxed);
                });
                let counts: Vec<usize> = counts.into_iter().map(AtomicUsize::into_inner).collect();
                assert_eq!(counts, (round..round + parts).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn work_writes_what_its_caller_borrows() {
    let team = team(3);
    let gathered = team.gather().expect("nobody else has the team");
    for round in 0..ROUNDS {
        let mut values = vec![0; 7];
        let parts: Vec<Mutex<&mut [usize]>> = values.chunks_mut(3).map(Mutex::new).collect();
        gathered.run(parts.len(), &|part| parts[part].lock().expect("no panic").fill(part + round));
        drop(parts);
        assert_eq!(values, [0, 0, 0, 1, 1, 1, 2].map(|part| part + round));
    }
}

#[test]
fn work_within_work_is_done_by_its_thread() {
    let team = team(2);
    let gathered = team.gather().expect("nobody else has the team");
    let sum = AtomicUsize::new(0);
    gathered.run(4, &|outer| {
        gathered.run(3, &|inner| {
            sum.fetch_add(10 * outer + inner, Ordering::Relaxed);
        });
    });
    assert_eq!(sum.into_inner(), 3 * 10 * (1 + 2 + 3) + 4 * (1 + 2));
}

#[test]
fn one_caller_at_a_time_has_the_team() {
    let team = team(2);
    let (taken, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    if let Some(gathered) = team.gather() {
                        assert_eq!(taken.fetch_add(1, Ordering::SeqCst), 0);
                        gathered.run(2, &|_| {
                            done.fetch_add(1, Ordering::Relaxed);
                        });
                        assert_eq!(taken.fetch_sub(1, Ordering::SeqCst), 1);
                    }
                }
            });
        }
    });
    assert!(done.into_inner() >= 2, "the first caller has the team");
}

#[test]
fn of_several_panics_the_caller_gets_one() {
    let team = team(3);
    for _ in 0..5 {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let gathered = team.gather().expect("the last panic gave the team back");
            gathered.run(8, &|part| panic!("part {part} panics"));
        }));
        let panic = result.expect_err("all parts panic");
        let message = panic.downcast_ref::<String>().expect("a message with a number");
        assert!(message.ends_with(" panics"), "{message}");
    }
}

#[test]
fn a_panic_reaches_the_caller_after_all_parts() {
    let team = team(2);
    for part_that_panics in 0..4 {
        let ended = AtomicUsize::new(0);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let gathered = team.gather().expect("the last panic gave the team back");
            gathered.run(4, &|part| {
                assert!(part != part_that_panics, "part {part} panics");
                ended.fetch_add(1, Ordering::SeqCst);
            });
        }));
        let panic = result.expect_err("a part panics");
        assert_eq!(
            panic.downcast_ref::<String>().map(String::as_str),
            Some(&*format!("part {part_that_panics} panics"))
        );
        assert_eq!(ended.into_inner(), 3);
    }
}
