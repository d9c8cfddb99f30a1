//! A run finishes even if its best checkpoint is damaged or missing.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use common::{
    checkpoints, config, data_config, refused, result, resumed, run, splits_of, turn, until, waves, whole,
};
use data::{Memory, Target};
use expect_test::expect;
use tempfile::{TempDir, tempdir};
use train::{BestMetric, Callback, Config, Finished, Run, RunEnd, ScheduleConfig, StepReport};

/// The best epoch of this training is not among the last two. An epoch has 6 steps.
fn overfitting() -> Config {
    let schedule = ScheduleConfig::Constant;
    Config { epochs: 9, learning_rate: 0.1, schedule, ema: None, keep_checkpoints: 2, ..config() }
}

fn file(folder: &Path, step: u64) -> PathBuf {
    folder.join(format!("checkpoints/{step:010}.safetensors"))
}

fn step(file: &Path) -> u64 {
    file.file_stem().unwrap().to_str().unwrap().parse().unwrap()
}

fn flip(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(file, bytes).unwrap();
}

fn remove(file: &Path) {
    fs::remove_file(file).unwrap();
}

fn finished(end: RunEnd) -> Finished {
    let RunEnd::Finished(finished) = end else { panic!("{end:?}") };
    finished
}

/// The best step of the whole run, and the same run stopped two steps before its end.
fn stopped() -> (u64, TempDir) {
    let whole_folder = tempdir().unwrap();
    let end = finished(whole(&run(overfitting(), whole_folder.path())));
    let (best, folder) = (end.best.unwrap(), tempdir().unwrap());
    until(&run(overfitting(), folder.path()), end.steps - 2);
    let steps: Vec<u64> = checkpoints(folder.path()).iter().map(|file| step(file)).collect();
    assert_eq!(
        steps,
        [best, end.steps - 6, end.steps - 2],
        "the best checkpoint must not be one of the latest"
    );
    (best, folder)
}

/// Keeps the notes before the first step and after it.
#[derive(Default)]
struct Notes {
    before: Vec<String>,
    after: Vec<String>,
    has_begun: bool,
}

impl Callback for Notes {
    fn step(&mut self, _: &StepReport) {
        self.has_begun = true;
    }

    fn note(&mut self, message: &str) {
        let notes = if self.has_begun { &mut self.after } else { &mut self.before };
        notes.push(message.to_owned());
    }
}

#[test]
fn a_resumed_run_selects_the_best_intact_checkpoint_before_training() {
    let _turn = turn();
    for damage in [flip, remove] {
        let results = [(); 2].map(|()| {
            let (best, folder) = stopped();
            damage(&file(folder.path(), best));
            let mut notes = Notes::default();
            let stop = AtomicBool::new(false);
            let end = train::run(&resumed(overfitting(), folder.path()), &mut notes, &stop).unwrap();
            let [note] = &notes.before[..] else { panic!("{:?}", notes.before) };
            assert!(note.contains(file(folder.path(), best).to_str().unwrap()), "{note}");
            assert!(note.contains("; using the best intact checkpoint, of step "), "{note}");
            assert_eq!(notes.after, [""; 0]);
            let end = finished(end);
            assert!(end.best.unwrap() > best && file(folder.path(), end.best.unwrap()).exists());
            // The replacement is saved, so resuming again causes no note.
            assert_eq!(finished(whole(&resumed(overfitting(), folder.path()))), end);
            result(folder.path())
        });
        assert!(results[0] == results[1], "the model depends on more than the files");
    }
}

/// Damages the best checkpoint when the last one is saved.
struct Late {
    best: u64,
    last: u64,
    folder: PathBuf,
    notes: Vec<String>,
}

impl Callback for Late {
    fn saved(&mut self, path: &Path) {
        if step(path) == self.last {
            flip(&file(&self.folder, self.best));
        }
    }

    fn note(&mut self, message: &str) {
        self.notes.push(message.to_owned());
    }
}

#[test]
fn a_run_ends_with_the_best_intact_checkpoint() {
    let _turn = turn();
    let (best, folder) = stopped();
    let last = step(checkpoints(folder.path()).last().unwrap()) + 2;
    let mut late = Late { best, last, folder: folder.path().to_owned(), notes: Vec::new() };
    let end = train::run(&resumed(overfitting(), folder.path()), &mut late, &AtomicBool::new(false)).unwrap();
    let [note] = &late.notes[..] else { panic!("{:?}", late.notes) };
    assert!(note.contains("its checksum is wrong; using the best intact checkpoint, of step "), "{note}");
    let first = (finished(end), result(folder.path()));
    assert!(first.0.best.unwrap() > best);
    // The same again when the finished run is resumed.
    let (end, notes) = until(&resumed(overfitting(), folder.path()), u64::MAX);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!((finished(end), result(folder.path())) == first);
}

#[test]
fn training_continues_without_an_intact_best_checkpoint() {
    let _turn = turn();
    let (best, folder) = stopped();
    let files = checkpoints(folder.path());
    for file in &files[..files.len() - 1] {
        fs::write(file, b"no checkpoint").unwrap();
    }
    let (end, notes) = until(&resumed(overfitting(), folder.path()), u64::MAX);
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert!(note.ends_with("; using the latest state instead of this best checkpoint"), "{note}");
    let end = finished(end);
    assert_eq!(end.best, Some(end.steps));
    assert!(end.steps > best);
}

/// The inputs are finite, but overflow in the network.
#[test]
fn a_validation_whose_loss_is_not_finite_is_never_the_best() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let mut huge = waves(1000..1030);
    for recording in &mut huge.recordings {
        for value in recording.input.data_mut() {
            *value *= 5e37;
        }
    }
    let splits = splits_of(&data_config(), waves(0..48), Some(huge));
    let (end, notes) = until(&Run { splits, ..run(config(), folder.path()) }, u64::MAX);
    assert_eq!(finished(end).best, None);
    assert_eq!(notes, ["no validation had a finite loss and accuracy; the model has the latest weights"]);
}

/// Waves of a frequent, a rare and a very rare class, of which every fourth is labeled as another class.
fn rare(numbers: std::ops::Range<usize>) -> Memory {
    let wave_of = |(i, number): (usize, usize)| {
        let class = [0, 0, 1, 0, 0, 0, 1, 0, 2][i % 9];
        let mut wave = waves(3 * number + class..3 * number + class + 1).recordings.remove(0);
        if i % 4 == 1 {
            wave.target = Target::Class((class + i) % 3);
        }
        wave
    };
    Memory { recordings: numbers.enumerate().map(wave_of).collect(), ..waves(0..0) }
}

/// The value of a metric and the loss at the end of each epoch, by step.
fn validations(folder: &Path, metric: BestMetric) -> Vec<(u64, [f64; 2])> {
    let entries = report::Journal::entries(folder).unwrap();
    let validation = entries.iter().filter_map(|entry| {
        let value = |name: &str| entry.values.get(&format!("validation/{name}")).copied();
        Some((entry.step, [value(metric.name())?, value("loss")?]))
    });
    validation.collect()
}

#[test]
fn the_model_is_the_best_by_the_metric_of_the_config() {
    let _turn = turn();
    let mut selected = Vec::new();
    for best in [None, Some(BestMetric::Accuracy), Some(BestMetric::MacroF1), Some(BestMetric::Loss)] {
        let folder = tempdir().unwrap();
        let splits = splits_of(&data_config(), rare(0..96), Some(rare(1000..1060)));
        let config = Config { best, keep_checkpoints: 20, ..overfitting() };
        let end = finished(whole(&Run { splits, ..run(config, folder.path()) }));
        let metric = best.unwrap_or(BestMetric::Accuracy);
        let mut expected: Option<(u64, [f64; 2])> = None;
        for (step, [value, loss]) in validations(folder.path(), metric) {
            let score = [if metric.is_error() { -value } else { value }, -loss];
            if expected.is_none_or(|(_, best)| score > best) {
                expected = Some((step, score));
            }
        }
        assert_eq!(end.best, Some(expected.unwrap().0), "{best:?}");
        selected.push(end.best.unwrap());
    }
    assert_eq!(selected[0], selected[1], "the accuracy is the default");
    assert!(selected[1] != selected[3], "{selected:?}");
}

#[test]
fn patience_watches_the_metric_of_the_config() {
    let _turn = turn();
    let ends = [BestMetric::Loss, BestMetric::MacroF1].map(|best| {
        let folder = tempdir().unwrap();
        let splits = splits_of(&data_config(), rare(0..96), Some(rare(1000..1060)));
        let config = Config { best: Some(best), patience: Some(3), epochs: 40, ..overfitting() };
        let end = finished(whole(&Run { splits, ..run(config, folder.path()) }));
        assert_eq!(end.steps, end.best.unwrap() + 3 * 12, "3 epochs of 12 steps without improvement");
        end.steps
    });
    assert!(ends[0] != ends[1], "{ends:?}");
}

#[test]
fn a_metric_that_the_task_lacks_is_refused() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let config = |best| Config { best: Some(best), ..config() };
    let error = refused(&run(config(BestMetric::Mae), folder.path())).to_string();
    expect!["train.best: expected one of `loss`, `accuracy`, `balanced_accuracy`, `kappa`, `macro_f1` for classification, found `mae`"]
        .assert_eq(&error);
    let splits = splits_of(&data_config(), waves(0..48), None);
    let error = refused(&Run { splits, ..run(config(BestMetric::Loss), folder.path()) }).to_string();
    expect![
        "train.best: expected a validation set to select the model on, found none; add `data.validation`"
    ]
    .assert_eq(&error);
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was written");
}
