//! Trains on one's own recordings into a folder, with checkpoints, metrics and a model file.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::{error::Error, ops::Range, sync::Arc, sync::atomic::AtomicBool};

use data::{Memory, Recording, Sources, Splits, Target, Task, Validation};
use graph::Array;
use model::{Model, Source};
use torch::tch::Device;
use train::{Callback, Config, EpochReport, Run, RunEnd};

pub fn main() -> Result<(), Box<dyn Error>> {
    // A quarter of the training recordings is held out for validation.
    let validation = Some(Validation::Share(0.25));
    let data = data::Config { validation, ..data::Config::new(Task::Classification) };
    let (train, test) = (Arc::new(waves(0..60)), Arc::new(waves(60..90)));
    let sources = Sources { train, validation: None, test: Some(test) };
    let splits = Splits::of(&data, &[1, 64].into(), sources)?;

    let network = tcn::Config { classes: Some(2), output: tcn::Output::Mean, ..tcn::Config::sm() };
    let folder = tempfile::tempdir()?;
    let run = Run {
        graph: tcn::graph(&network, [1, 64])?,
        splits,
        config: Config { epochs: 8, learning_rate: 1e-2, ..Config::default() },
        source: Source { config: "name: waves\n".to_owned(), folder: None, fold: None },
        seed: 1,
        device: Device::Cpu,
        threads: Some(1),
        initial: None,
        folder: folder.path().join("waves"),
        resume: true,
    };
    // The flag ends the run early.
    let end = train::run(&run, &mut Progress, &AtomicBool::new(false))?;
    let RunEnd::Finished(finished) = end else { return Err("the run was stopped".into()) };
    assert_eq!(Model::read(run.folder.join("model.safetensors"))?, finished.model);
    Ok(())
}

struct Progress;

impl Callback for Progress {
    fn epoch(&mut self, report: &EpochReport) {
        println!("{:?}", report.figures);
    }
}

/// Rising and falling sawtooth waves.
fn waves(numbers: Range<usize>) -> Memory {
    let recordings = numbers.map(|i| {
        let value = |t: usize| ((t + i) % (6 + i / 2 % 15)) as f32 + i as f32 / 100.0;
        let input = Array::from_fn([1, 64], |t| if i % 2 == 0 { value(t) } else { -value(t) });
        Recording::new(format!("wave {i}"), input, Target::Class(i % 2))
    });
    let classes = ["rising", "falling"].map(str::to_owned).to_vec();
    Memory { classes, recordings: recordings.collect(), ..Memory::default() }
}
