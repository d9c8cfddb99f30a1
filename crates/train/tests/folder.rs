//! A folder belongs to one run at a time, and other files in it are left alone.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use common::{config, refused, result, resumed, run, turn, until, whole};
use tempfile::tempdir;
use train::{Callback, NoCallback, Run, RunEnd, StepReport, TrainError};

const RUNNING: &str =
    ": another run is in progress in this folder; wait until it ends, or use another folder";

/// Starts a second run while the first one is in progress.
struct Second<'a> {
    folder: &'a Path,
    errors: Vec<String>,
}

impl Callback for Second<'_> {
    fn step(&mut self, step: &StepReport) {
        if [1, 7].contains(&step.step) {
            for resume in [false, true] {
                let second = Run { resume, seed: 8, ..run(config(), self.folder) };
                self.errors.push(refused(&second).to_string());
            }
        }
    }
}

#[test]
fn a_second_run_in_a_folder_is_refused() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    let mut second = Second { folder: folder.path(), errors: Vec::new() };
    train::run(&run(config(), folder.path()), &mut second, &AtomicBool::new(false)).unwrap();
    assert_eq!(second.errors, [(); 4].map(|()| format!("{}{RUNNING}", folder.path().display())));
    assert!(result(folder.path()) == result(whole_folder.path()));
}

#[test]
fn only_one_of_several_simultaneous_runs_trains() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    let ends: Vec<Result<RunEnd, TrainError>> = std::thread::scope(|scope| {
        let start = || train::run(&run(config(), folder.path()), &mut NoCallback, &AtomicBool::new(false));
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
    assert!(result(folder.path()) == result(whole_folder.path()));
}

#[test]
fn a_left_over_lock_file_does_not_block_a_run() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("checkpoints")).unwrap();
    fs::write(folder.path().join("checkpoints/lock"), b"").unwrap();
    whole(&run(config(), folder.path()));
}

#[test]
fn without_resume_a_folder_with_any_file_of_a_run_is_refused() {
    let _turn = turn();
    let names =
        ["config.yaml", "model.safetensors", "report.html", "metrics.jsonl", "events.out.tfevents.run"];
    for name in names {
        let folder = tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, b"precious").unwrap();
        let error = refused(&run(config(), folder.path())).to_string();
        let expected = format!("{}: training would overwrite this file; use another folder", file.display());
        assert_eq!(error, expected);
        let error = refused(&resumed(config(), folder.path())).to_string();
        assert!(error.contains(": training would overwrite this file"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"precious");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the refused run created a file");
    }
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let error = refused(&run(config(), folder.path())).to_string();
    let advice = ": the folder contains a run; continue it with --resume, or use another folder";
    assert!(error.ends_with(advice), "{error}");
}

#[test]
fn a_run_that_fails_to_start_does_not_block_the_next() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let initial = Some(graph::Weights::default());
    refused(&Run { initial, ..run(config(), folder.path()) });
    whole(&run(config(), folder.path()));
}

/// As if a user had deleted the checkpoints to save space.
#[test]
fn a_finished_run_without_checkpoints_is_not_overwritten() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    whole(&run(config(), folder.path()));
    fs::remove_dir_all(folder.path().join("checkpoints")).unwrap();
    let before = result(folder.path());
    for run in [run(config(), folder.path()), resumed(config(), folder.path())] {
        let error = refused(&run).to_string();
        assert!(
            error.contains(": training would overwrite this file") && !error.contains("--resume"),
            "{error}"
        );
    }
    assert!(result(folder.path()) == before);
    fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    fs::write(folder.path().join("config.yaml"), b"name: of somebody else").unwrap();
    let error = refused(&resumed(config(), folder.path())).to_string();
    assert!(error.contains("config.yaml: training would overwrite this file"), "{error}");
}

#[test]
fn a_run_that_was_killed_before_its_first_checkpoint_starts_over() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    fs::write(folder.path().join("config.yaml"), "name: waves\n").unwrap();
    fs::write(folder.path().join("metrics.jsonl"), "{\"step\":1,\"train/loss\":1.5}\n{\"st").unwrap();
    let error = refused(&run(config(), folder.path())).to_string();
    assert!(error.contains("a run without a checkpoint; restart it with --resume"), "{error}");
    whole(&resumed(config(), folder.path()));
    assert!(result(folder.path()) == result(whole_folder.path()));
}

#[test]
fn only_left_over_temporary_files_are_removed() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    until(&run(config(), folder.path()), 8);
    let ours = [".factory-AbCd12.tmp", "checkpoints/.factory-000000.tmp"];
    let foreign = [
        ".tmpAbCd12",
        ".factory-.tmp",
        "checkpoints/.tmpAbCd12",
        "checkpoints/.factory-AbCd123.tmp",
        "checkpoints/+5.safetensors",
        "checkpoints/99.safetensors",
        "checkpoints/+000000099.safetensors",
        "checkpoints/00000000099.safetensors",
    ];
    let folders =
        ["checkpoints/.tmpfolder", "checkpoints/.factory-folder.tmp", "checkpoints/0000000099.safetensors"];
    for name in ours.into_iter().chain(foreign) {
        fs::write(folder.path().join(name), b"of somebody").unwrap();
    }
    for name in folders {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    whole(&resumed(config(), folder.path()));
    assert!(result(folder.path()) == result(whole_folder.path()));
    for name in foreign.into_iter().chain(folders) {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    for name in ours {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}

/// Removes the folder of its run after the tenth step.
struct Remover(std::path::PathBuf);

impl Callback for Remover {
    fn step(&mut self, step: &StepReport) {
        if step.step == 10 {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }
}

/// Another run may already have started in the same place.
#[test]
fn a_run_whose_folder_is_removed_ends() {
    let _turn = turn();
    let parent = tempdir().unwrap();
    let folder = parent.path().join("run");
    let mut remover = Remover(folder.clone());
    let error = train::run(&run(config(), &folder), &mut remover, &AtomicBool::new(false)).unwrap_err();
    let expected = "the folder was moved, removed or replaced during training";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert!(!folder.exists());
}

/// Otherwise, this would fail only at the end, when the model is written.
#[cfg(unix)]
#[test]
fn a_model_that_could_not_be_written_is_refused_before_training() {
    use std::os::unix::ffi::OsStrExt;
    let _turn = turn();
    let folder = tempdir().unwrap();
    let source = model::Source {
        config: "name: waves\n".to_owned(),
        folder: Some(std::ffi::OsStr::from_bytes(b"data-\xff").into()),
        fold: None,
    };
    let error = refused(&Run { source, ..run(config(), folder.path()) }).to_string();
    assert!(error.contains("source.folder: expected a Unicode path"), "{error}");
    assert!(!folder.path().join("config.yaml").exists());
}

/// It would otherwise be noticed at the end, or a log would be read without an end.
#[test]
fn what_is_not_a_regular_file_is_refused_before_training() {
    let _turn = turn();
    for name in ["model.safetensors", "report.html", "metrics.jsonl", "checkpoints/lock"] {
        let folder = tempdir().unwrap();
        fs::create_dir_all(folder.path().join(name)).unwrap();
        for run in [run(config(), folder.path()), resumed(config(), folder.path())] {
            let error = refused(&run).to_string();
            let expected = format!("{name}: expected a regular file, found something else; remove it");
            assert!(error.ends_with(&expected), "{error}");
        }
    }
    #[cfg(unix)]
    {
        let folder = tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("metrics.jsonl")).unwrap();
        let error = refused(&resumed(config(), folder.path())).to_string();
        assert!(error.contains("metrics.jsonl: expected a regular file"), "{error}");
    }
}
