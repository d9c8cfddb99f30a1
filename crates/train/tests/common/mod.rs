//! A small task: which of three waves a noisy series is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "samples are f32")]
#![allow(dead_code, reason = "each test file takes what it needs")]

use std::f64::consts::TAU;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data::{Augment, Memory, Recording, Sources, Splits, Target, Task};
use graph::{Activation, Array, BatchNorm, Conv, DropUnit, Graph, Noise};
use model::Source;
use torch::tch::{self, Device};
use train::{Callback, Config, NoCallback, Run, RunEnd, StepReport, TrainError};

/// libtorch has one generator for the whole process: runs of different tests take turns.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    tch::set_num_threads(1);
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) const CLASSES: usize = 3;

/// Two channels of 32 samples.
pub(crate) fn wave(index: usize) -> Recording {
    let (class, noise) = (index % CLASSES, Noise::of(&format!("wave {index}")));
    let input = Array::from_fn([2, 32], |i| {
        let phase = TAU * (i % 32) as f64 * (1 + class) as f64 / 32.0;
        (phase.sin() + 0.5 * noise.normal(i as u64)) as f32
    });
    Recording::new(format!("wave {index}"), input, Target::Class(class))
}

/// Waves of a range of numbers.
pub(crate) fn waves(numbers: Range<usize>) -> Memory {
    let classes = (0..CLASSES).map(|class| format!("wave {class}")).collect();
    Memory { classes, recordings: numbers.map(wave).collect(), ..Memory::default() }
}

pub(crate) fn data_config() -> data::Config {
    let augment = Augment { jitter: Some(0.1), shift: Some(2), ..Augment::default() };
    data::Config { augment, threads: Some(2), ..data::Config::new(Task::Classification) }
}

pub(crate) fn splits(examples: usize) -> Splits {
    splits_of(&data_config(), waves(0..examples), Some(waves(1000..1030)))
}

pub(crate) fn splits_of(config: &data::Config, train: Memory, validation: Option<Memory>) -> Splits {
    let sources = Sources {
        train: Arc::new(train),
        validation: validation.map(|validation| Arc::new(validation) as Arc<dyn data::Source>),
        test: Some(Arc::new(waves(2000..2030))),
    };
    Splits::of(config, &[2, 32].into(), sources).unwrap()
}

/// A convolution with batch norm and dropout, and a classifier.
pub(crate) fn graph() -> Graph {
    Graph::build(|g| {
        let x = g.input("input", [2, 32])?;
        let x = g.conv("conv", x, Conv { bias: false, ..Conv::new(8, 5) })?;
        let x = g.batch_norm("bn", x, BatchNorm::default())?;
        let x = g.activation("relu", x, Activation::Relu)?;
        let x = g.dropout("drop", x, 0.1, DropUnit::Element)?;
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, CLASSES)?;
        g.output("logits", x)
    })
    .unwrap()
}

pub(crate) fn config() -> Config {
    Config {
        epochs: 6,
        batch_size: 8,
        learning_rate: 0.01,
        ema: Some(0.9),
        clip_norm: Some(1.0),
        keep_checkpoints: 3,
        ..Config::default()
    }
}

pub(crate) fn run(config: Config, folder: &Path) -> Run {
    let splits = splits(48);
    Run {
        graph: graph(),
        splits,
        config,
        source: Source { config: "name: waves\n".to_owned(), folder: None, fold: None },
        seed: 7,
        device: Device::Cpu,
        threads: Some(1),
        initial: None,
        folder: folder.to_owned(),
        resume: false,
    }
}

/// The same run, resumed.
pub(crate) fn resumed(config: Config, folder: &Path) -> Run {
    Run { resume: true, ..run(config, folder) }
}

/// Sets the flag after a step, and keeps the notes.
pub(crate) struct Stopper<'a> {
    pub(crate) after: u64,
    pub(crate) flag: &'a AtomicBool,
    pub(crate) notes: Vec<String>,
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

/// Runs until a step. Returns the end and the notes.
pub(crate) fn until(run: &Run, after: u64) -> (RunEnd, Vec<String>) {
    let flag = AtomicBool::new(false);
    let mut stopper = Stopper { after, flag: &flag, notes: Vec::new() };
    let end = train::run(run, &mut stopper, &flag).unwrap();
    (end, stopper.notes)
}

/// Runs to the end, and checks that there are no notes.
pub(crate) fn whole(run: &Run) -> RunEnd {
    let (end, notes) = until(run, u64::MAX);
    assert_eq!(notes, [""; 0]);
    end
}

pub(crate) fn refused(run: &Run) -> TrainError {
    train::run(run, &mut NoCallback, &AtomicBool::new(false)).unwrap_err()
}

/// The files of a run that contain no times.
pub(crate) fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["model.safetensors", "metrics.jsonl"].map(|name| fs::read(folder.join(name)).unwrap())
}

pub(crate) fn checkpoints(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("checkpoints")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "safetensors"));
    files.sort();
    files
}
