//! A run that is stopped and resumed ends with the bytes of one that was not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use common::{config, run, turn};
use tempfile::tempdir;
use train::{Config, End, Error, Quiet, Run, Step, Watch};

/// Sets the flag after some step, and keeps the notes.
struct Stopper<'a> {
    after: u64,
    flag: &'a AtomicBool,
    notes: Vec<String>,
}

impl Watch for Stopper<'_> {
    fn step(&mut self, step: &Step) {
        if step.step == self.after {
            self.flag.store(true, Ordering::Relaxed);
        }
    }

    fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }
}

/// Goes on until after a step; the notes.
fn until(run: &Run, after: u64) -> (End, Vec<String>) {
    let flag = AtomicBool::new(false);
    let mut stopper = Stopper { after, flag: &flag, notes: Vec::new() };
    (run.go(true, &mut stopper, &flag).unwrap(), stopper.notes)
}

fn whole(run: &Run) -> End {
    run.go(false, &mut Quiet, &AtomicBool::new(false)).unwrap()
}

/// What a run leaves that has no times in it.
fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["model.safetensors", "metrics.jsonl"].map(|name| fs::read(folder.join(name)).unwrap())
}

fn checkpoints(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("checkpoints")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn stopped_anywhere() {
    let _turn = turn();
    let variants = [
        config(),
        Config { optimizer: train::Optimizer::Sgd, nesterov: true, ..config() },
        Config { accumulate: 2, ema: None, ..config() },
        Config { patience: Some(2), schedule: train::Schedule::OneCycle, ..config() },
    ];
    for config in variants {
        let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
        let end = whole(&run(config.clone(), whole_folder.path()));
        let stopped = run(config.clone(), folder.path());
        // In an epoch, at its end, and at once again.
        for after in [1, 6, 9, 10] {
            let (end, _) = until(&stopped, after);
            assert!(matches!(end, End::Interrupted { step, .. } if step == after), "{config:?}: {end:?}");
        }
        assert_eq!(until(&stopped, u64::MAX).0, end, "{config:?}");
        assert!(result(folder.path()) == result(whole_folder.path()), "{config:?}");
    }
}

#[test]
fn two_runs_are_equal_and_two_seeds_are_not() {
    let _turn = turn();
    let folders = [tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap()];
    for (folder, seed) in folders.iter().zip([7, 7, 8]) {
        whole(&Run { seed, ..run(config(), folder.path()) });
    }
    assert!(result(folders[0].path()) == result(folders[1].path()));
    assert!(result(folders[0].path()) != result(folders[2].path()));
}

#[test]
fn damaged_checkpoints_are_passed_over() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    let stopped = run(config(), folder.path());
    type Damage = fn(&mut Vec<u8>);
    let damages: [(Damage, &str); 4] = [
        (|bytes| bytes.truncate(bytes.len() / 2), "not a whole safetensors file"),
        (|bytes| *bytes.last_mut().unwrap() ^= 1, "its checksum is wrong; the file is damaged"),
        (|bytes| bytes.clear(), "not a whole safetensors file"),
        (|bytes| *bytes = graph::Weights::default().to_bytes(), "weights without a header"),
    ];
    for (i, (damage, said)) in damages.into_iter().enumerate() {
        until(&stopped, 8 + 4 * i as u64);
        let last = checkpoints(folder.path()).pop().unwrap();
        let mut bytes = fs::read(&last).unwrap();
        damage(&mut bytes);
        fs::write(&last, bytes).unwrap();
        let (_, notes) = until(&stopped, 9 + 4 * i as u64);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(said) && notes[0].contains(last.to_str().unwrap()), "{notes:?}");
        assert!(notes[0].ends_with("the one before it is used"), "{notes:?}");
    }
    until(&stopped, u64::MAX);
    assert!(result(folder.path()) == result(whole_folder.path()));
}

#[test]
fn all_checkpoints_damaged_is_an_error() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let stopped = run(config(), folder.path());
    until(&stopped, 8);
    for file in checkpoints(folder.path()) {
        fs::write(file, b"no checkpoint").unwrap();
    }
    let error = stopped.go(true, &mut Quiet, &AtomicBool::new(false)).unwrap_err();
    assert!(error.to_string().contains("not a whole safetensors file"), "{error}");
}

#[test]
fn another_run_in_the_folder() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let first = run(config(), folder.path());
    until(&first, 8);
    let refused = |run: &Run, resume: bool| {
        run.go(resume, &mut Quiet, &AtomicBool::new(false)).unwrap_err().to_string()
    };
    let said = refused(&first, false);
    assert!(
        said.ends_with("a run is there already; --resume goes on with it, another folder begins anew"),
        "{said}"
    );
    let others = [
        Run { seed: 8, ..run(config(), folder.path()) },
        run(Config { rate: 0.02, ..config() }, folder.path()),
        Run { document: "name: others\n".to_owned(), ..run(config(), folder.path()) },
        Run { splits: common::splits(56), ..run(config(), folder.path()) },
    ];
    for other in others {
        let said = refused(&other, true);
        assert!(said.ends_with("of another run: its config, data or seed differ"), "{said}");
    }
}

#[test]
fn few_checkpoints_are_kept_and_the_best() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let End::Finished(finished) = whole(&run(Config { keep: 1, ..config() }, folder.path())) else {
        panic!()
    };
    let steps: Vec<u64> = checkpoints(folder.path())
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().parse().unwrap())
        .collect();
    let mut expected = vec![finished.best.unwrap(), finished.steps];
    expected.dedup();
    assert_eq!(steps, expected);
}

#[test]
fn divergence_names_the_step_and_the_checkpoint() {
    let _turn = turn();
    let diverging = |config: Config| {
        let folder = tempdir().unwrap();
        let error = run(config, folder.path()).go(false, &mut Quiet, &AtomicBool::new(false)).unwrap_err();
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
        (error.to_string(), checkpoints(folder.path()))
    };
    let (said, left) = diverging(Config { rate: 1e30, clip: None, ..config() });
    assert!(said.starts_with("step 2: the loss is ") || said.starts_with("step 2: the norm "), "{said}");
    assert!(said.contains("; there is no checkpoint before it; a smaller `rate`"), "{said}");
    assert_eq!(left, Vec::<PathBuf>::new());
    // What is saved after a step that broke the weights would be no good checkpoint.
    let (said, left) = diverging(Config { rate: 1e39, clip: None, checkpoint_steps: Some(1), ..config() });
    assert!(said.starts_with("step 1: a weight is no finite number any more; there is no"), "{said}");
    assert_eq!(left, Vec::<PathBuf>::new());
}
