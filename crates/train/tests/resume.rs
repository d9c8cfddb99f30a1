//! A run that is stopped and resumed ends with the bytes of one that was not.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{checkpoints, config, refused, result, resumed, run, turn, until, whole};
use tempfile::tempdir;
use train::{Config, OptimizerConfig, Run, RunEnd, ScheduleConfig, Sgd, TrainError};

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
            let (end, notes) = until(&stopped, after);
            assert_eq!(notes, [""; 0]);
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
        (|bytes| *bytes = graph::Weights::default().to_bytes(), "expected a checkpoint, found only weights"),
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
    let advice = "; all checkpoints are damaged; train in another folder without --resume";
    assert!(error.to_string().ends_with(advice), "{error}");
}

/// When a damaged later checkpoint is skipped, the checkpoint written next must not be the one that is removed.
#[test]
fn damaged_checkpoints_do_not_count_as_the_latest() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let few = Config { keep_checkpoints: 1, checkpoint_steps: Some(1), patience: None, ..config() };
    until(&resumed(Config { keep_checkpoints: 3, ..few }, folder.path()), 11);
    let files = checkpoints(folder.path());
    fs::write(files.last().unwrap(), b"no checkpoint").unwrap();
    // Resumed after step 10, it takes step 11 again and stops.
    let (end, notes) = until(&resumed(few, folder.path()), 11);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let RunEnd::Interrupted { checkpoint, .. } = end else { panic!("{end:?}") };
    assert_eq!(checkpoints(folder.path()).last(), Some(&checkpoint));
    let again = Config { keep_checkpoints: 1, ..config() };
    assert_eq!(until(&resumed(again, folder.path()), 12).1, [""; 0]);
}

#[test]
fn an_interrupted_run_leaves_the_best_model_so_far() {
    let _turn = turn();
    let constant = |epochs| Config { epochs, schedule: ScheduleConfig::Constant, ..config() };
    let (short, long) = (tempdir().unwrap(), tempdir().unwrap());
    let RunEnd::Finished(finished) = whole(&run(constant(3), short.path())) else { panic!() };
    let (end, _) = until(&run(constant(6), long.path()), finished.steps);
    let RunEnd::Interrupted { step, model_step, .. } = end else { panic!("{end:?}") };
    assert_eq!((step, Some(model_step)), (finished.steps, finished.best));
    assert!(result(long.path()) == result(short.path()));
    // Before the first validation, and without a validation set, it has the latest weights.
    let folder = tempdir().unwrap();
    let (end, _) = until(&run(constant(6), folder.path()), 4);
    assert!(matches!(end, RunEnd::Interrupted { step: 4, model_step: 4, .. }), "{end:?}");
    let first = fs::read(folder.path().join("model.safetensors")).unwrap();
    let (end, _) = until(&resumed(constant(6), folder.path()), 5);
    assert!(matches!(end, RunEnd::Interrupted { step: 5, model_step: 5, .. }), "{end:?}");
    assert!(fs::read(folder.path().join("model.safetensors")).unwrap() != first);
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
