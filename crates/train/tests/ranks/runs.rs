//! Runs of several ranks into one folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use train::{Communicator, Config, NoCallback, Run, RunEnd, TrainError, run_on_ranks};

use crate::common::{Stopper, checkpoints, config, result, resumed, run, turn, whole};
use crate::threads::on_ranks;

/// Runs on ranks until rank 0 is told to stop after a step. Returns the ends and the notes of rank 0.
fn until(ranks: usize, after: u64, planned: impl Fn() -> Run + Sync) -> (Vec<RunEnd>, Vec<String>) {
    let results = on_ranks(ranks, |communicator| {
        let flag = AtomicBool::new(false);
        let mut stopper = Stopper { after, flag: &flag, notes: Vec::new() };
        let end = run_on_ranks(&planned(), &communicator, &mut stopper, &flag).unwrap();
        (end, stopper.notes)
    });
    let (ends, mut notes): (Vec<RunEnd>, Vec<Vec<String>>) = results.into_iter().unzip();
    assert!(ends.iter().all(|end| *end == ends[0]), "the ranks differ");
    assert!(notes[1..].iter().all(Vec::is_empty), "rank 0 alone reports");
    (ends, notes.swap_remove(0))
}

fn errors(ranks: usize, planned: impl Fn(usize) -> Run + Sync) -> Vec<TrainError> {
    on_ranks(ranks, |communicator| {
        let run = planned(communicator.rank());
        run_on_ranks(&run, &communicator, &mut NoCallback, &AtomicBool::new(false)).unwrap_err()
    })
}

/// Without dropout, whose random numbers ranks that are threads of one process share.
fn planned(folder: &Path) -> Run {
    Run { graph: graph(), ..run(config(), folder) }
}

fn graph() -> graph::Graph {
    graph::Graph::build(|g| {
        let x = g.input("input", [2, 32])?;
        let x = g.conv("conv", x, graph::Conv { bias: false, ..graph::Conv::new(8, 5) })?;
        let x = g.batch_norm("bn", x, graph::BatchNorm::default())?;
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, crate::common::CLASSES)?;
        g.output("logits", x)
    })
    .unwrap()
}

#[test]
fn one_rank_is_one_process() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let [one, ranks] = ["one", "ranks"].map(|name| folder.path().join(name));
    whole(&run(config(), &one));
    until(1, u64::MAX, || run(config(), &ranks));
    assert!(result(&one) == result(&ranks));
    let files =
        |folder: &Path| checkpoints(folder).iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
    assert!(files(&one) == files(&ranks));
}

#[test]
fn the_same_number_of_ranks_gives_the_same_bytes_interrupted_or_not() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    for ranks in [2, 4] {
        let [first, again, stopped] =
            ["first", "again", "stopped"].map(|name| folder.path().join(format!("{name}-{ranks}")));
        let (ends, notes) = until(ranks, u64::MAX, || planned(&first));
        assert!(matches!(ends[0], RunEnd::Finished(_)) && notes.is_empty());
        until(ranks, u64::MAX, || planned(&again));
        assert!(result(&again) == result(&first), "{ranks} ranks");

        let (ends, _) = until(ranks, 7, || planned(&stopped));
        assert!(matches!(ends[0], RunEnd::Interrupted { step: 7, .. }));
        let (_, notes) = until(ranks, u64::MAX, || Run { resume: true, ..planned(&stopped) });
        assert!(result(&stopped) == result(&first), "{ranks} ranks");
        assert_eq!(notes, [""; 0]);
    }
}

#[test]
fn another_number_of_ranks_is_noted() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let notes = |ranks, after| until(ranks, after, || Run { resume: true, ..planned(folder.path()) }).1;
    assert_eq!(notes(2, 3), [""; 0]);
    assert_eq!(notes(1, 5), ["1 rank, 2 before: the result will differ"]);
    assert_eq!(notes(4, 9), ["4 ranks, 1 before: the result will differ"]);
    assert_eq!(notes(4, u64::MAX), [""; 0]);
}

#[test]
fn ranks_with_different_runs_are_refused() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let found = errors(3, |rank| {
        let config = if rank == 1 { Config { learning_rate: 0.5, ..config() } } else { config() };
        run(config, &path)
    });
    let expected = "expected the same on every rank; train.learning_rate: was 0.01, now 0.5";
    assert_eq!(found[1].to_string(), expected);
    for other in [&found[0], &found[2]] {
        assert_eq!(other.to_string(), format!("rank 1: {expected}"));
    }
    assert!(!path.exists(), "nothing was written");
}

#[test]
fn rank_0_refuses_for_all() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    until(2, 3, || planned(folder.path()));
    let found = errors(2, |_| planned(folder.path()));
    let expected = "the folder contains a run; continue it with --resume, or use another folder";
    assert!(found[0].to_string().ends_with(expected), "{}", found[0]);
    assert_eq!(found[1].to_string(), format!("rank 0: {}", found[0]));
    let other = || Run { seed: 9, ..resumed(config(), folder.path()) };
    let found = errors(2, |_| Run { graph: graph(), ..other() });
    assert!(found[0].to_string().contains("seed: was 7, now 9"), "{}", found[0]);
}

/// A rank whose sums are wrong after some steps, as with other libraries.
#[derive(Debug)]
struct Inexact {
    ranks: Arc<dyn Communicator>,
    steps: AtomicU64,
    exact: u64,
}

impl Communicator for Inexact {
    fn rank(&self) -> usize {
        self.ranks.rank()
    }

    fn size(&self) -> usize {
        self.ranks.size()
    }

    fn sum(&self, values: &mut [f32]) {
        self.ranks.sum(values);
        if self.steps.fetch_add(1, Ordering::Relaxed) >= self.exact {
            values[0] *= 1.001;
        }
    }

    fn gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.ranks.gather(bytes)
    }
}

#[test]
fn ranks_with_different_weights_are_refused_at_a_checkpoint() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    // An epoch, which ends with a checkpoint, has six steps.
    for (exact, step, saved) in [(0, 6, 0), (8, 12, 1)] {
        let path = folder.path().join(exact.to_string());
        let found = on_ranks(3, |mut ranks| {
            if ranks.rank() == 1 {
                ranks = Arc::new(Inexact { ranks, steps: AtomicU64::new(0), exact });
            }
            let stop = AtomicBool::new(false);
            run_on_ranks(&planned(&path), &ranks, &mut NoCallback, &stop).unwrap_err()
        });
        let expected = format!(
            "expected the same on every rank; the weights after step {step} differ from those of rank 0; check that all \
             ranks have the same processor and libraries"
        );
        assert_eq!(found[1].to_string(), expected);
        for other in [&found[0], &found[2]] {
            assert_eq!(other.to_string(), format!("rank 1: {expected}"));
        }
        assert_eq!(checkpoints(&path).len(), saved);
        assert!(!path.join("model.safetensors").exists());
    }
}
