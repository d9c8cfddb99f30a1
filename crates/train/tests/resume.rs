//! A run that is stopped and resumed ends with the bytes of one that was not.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use common::{config, run, turn};
use tempfile::tempdir;
use train::{
    Callback, Config, NoCallback, OptimizerConfig, Run, RunEnd, ScheduleConfig, Sgd, StepReport, TrainError,
};

/// Sets the flag after some step, and keeps the notes.
struct Stopper<'a> {
    after: u64,
    flag: &'a AtomicBool,
    notes: Vec<String>,
}

impl Callback for Stopper<'_> {
    fn step(&mut self, step: &StepReport) {
        if step.step == self.after {
            self.flag.store(true, Ordering::Relaxed);
        }
    }

    fn note(&mut self, message: &str) {
        self.notes.push(message.to_owned());
    }
}

/// Resumes a run and stops it after a step. Returns its end and the notes.
fn until(run: &Run, after: u64) -> (RunEnd, Vec<String>) {
    let flag = AtomicBool::new(false);
    let mut stopper = Stopper { after, flag: &flag, notes: Vec::new() };
    let end = train::run(run, &mut stopper, &flag).unwrap();
    (end, stopper.notes)
}

fn whole(run: &Run) -> RunEnd {
    train::run(run, &mut NoCallback, &AtomicBool::new(false)).unwrap()
}

fn resumed(config: Config, folder: &Path) -> Run {
    Run { resume: true, ..run(config, folder) }
}

fn refused(run: &Run) -> TrainError {
    train::run(run, &mut NoCallback, &AtomicBool::new(false)).unwrap_err()
}

/// The files of a run that contain no times.
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
fn a_run_stopped_anywhere_ends_with_the_same_bytes() {
    let _turn = turn();
    let variants = [
        config(),
        Config { optimizer: OptimizerConfig::Sgd(Sgd { nesterov: true, ..Sgd::default() }), ..config() },
        Config { accumulation_steps: 2, ema: None, ..config() },
        Config { patience: Some(2), schedule: ScheduleConfig::OneCycle, ..config() },
    ];
    for config in variants {
        let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
        let end = whole(&run(config.clone(), whole_folder.path()));
        let stopped = resumed(config.clone(), folder.path());
        // In an epoch, at its end, and at once again.
        for after in [1, 6, 9, 10] {
            let (end, _) = until(&stopped, after);
            assert!(matches!(end, RunEnd::Interrupted { step, .. } if step == after), "{config:?}: {end:?}");
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
fn damaged_checkpoints_are_skipped() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    let stopped = resumed(config(), folder.path());
    type Damage = fn(&mut Vec<u8>);
    let damages: [(Damage, &str); 4] = [
        (|bytes| bytes.truncate(bytes.len() / 2), "expected a complete safetensors file"),
        (|bytes| *bytes.last_mut().unwrap() ^= 1, "the file is damaged: its checksum is wrong"),
        (|bytes| bytes.clear(), "expected a complete safetensors file"),
        (|bytes| *bytes = graph::Weights::default().to_bytes(), "expected a checkpoint, found weights alone"),
    ];
    for (i, (damage, message)) in damages.into_iter().enumerate() {
        until(&stopped, 8 + 4 * i as u64);
        let last = checkpoints(folder.path()).pop().unwrap();
        let mut bytes = fs::read(&last).unwrap();
        damage(&mut bytes);
        fs::write(&last, bytes).unwrap();
        let (_, notes) = until(&stopped, 9 + 4 * i as u64);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains(message) && notes[0].contains(last.to_str().unwrap()), "{notes:?}");
        assert!(notes[0].ends_with("using the previous checkpoint instead"), "{notes:?}");
    }
    until(&stopped, u64::MAX);
    assert!(result(folder.path()) == result(whole_folder.path()));
}

#[test]
fn all_checkpoints_damaged_is_an_error() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let stopped = resumed(config(), folder.path());
    until(&stopped, 8);
    for file in checkpoints(folder.path()) {
        fs::write(file, b"no checkpoint").unwrap();
    }
    let error = refused(&stopped);
    assert!(error.to_string().contains("expected a complete safetensors file"), "{error}");
    let advice = "; no checkpoint is intact; train into another folder without --resume";
    assert!(error.to_string().ends_with(advice), "{error}");
}

#[test]
fn another_run_in_the_folder() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&resumed(config(), folder.path()), 8);
    let error = refused(&run(config(), folder.path())).to_string();
    assert!(
        error.ends_with("the folder holds a run; continue it with --resume, or use another folder"),
        "{error}"
    );
    let other_source = model::Source { config: "name: others\n".to_owned(), folder: None };
    let others = [
        Run { seed: 8, ..resumed(config(), folder.path()) },
        resumed(Config { learning_rate: 0.02, ..config() }, folder.path()),
        Run { source: other_source, ..resumed(config(), folder.path()) },
        Run { splits: common::splits(56), ..resumed(config(), folder.path()) },
    ];
    for other in others {
        let error = refused(&other).to_string();
        assert!(
            error.ends_with(
                "this checkpoint belongs to another run, with a different config, data set or seed"
            ),
            "{error}"
        );
    }
}

#[test]
fn few_checkpoints_are_kept_and_the_best() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let RunEnd::Finished(finished) = whole(&run(Config { keep_checkpoints: 1, ..config() }, folder.path()))
    else {
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
        let error = refused(&run(config, folder.path()));
        assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
        (error.to_string(), checkpoints(folder.path()))
    };
    let (error, left) = diverging(Config { learning_rate: 1e30, clip_norm: None, ..config() });
    assert!(error.starts_with("step 2: the loss is ") || error.starts_with("step 2: the norm "), "{error}");
    assert!(error.contains("; no checkpoint was saved before it; a smaller `learning_rate`"), "{error}");
    assert_eq!(left, Vec::<PathBuf>::new());
    // Weights that a step has broken make no checkpoint.
    let (error, left) =
        diverging(Config { learning_rate: 1e39, clip_norm: None, checkpoint_steps: Some(1), ..config() });
    assert!(error.starts_with("step 1: a weight is no longer finite; no checkpoint"), "{error}");
    assert_eq!(left, Vec::<PathBuf>::new());
}
