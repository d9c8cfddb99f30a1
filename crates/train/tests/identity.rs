//! Only the same run can be continued, and a refusal lists what differs.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::{
    checkpoints, config, data_config, graph, refused, result, resumed, run, splits_of, turn, until, waves,
    whole,
};
use data::{Memory, Target};
use graph::Weights;
use model::Source;
use tempfile::tempdir;
use train::{
    AdamW, BestMetric, Config, Focal, LossConfig, OptimizerConfig, Run, ScheduleConfig, Sgd, Smoothing,
    StepDecay,
};

fn source(config: &str) -> Source {
    Source { config: config.to_owned(), folder: None, fold: None }
}

/// The run with changed recordings.
fn with_data(run: Run, change: impl FnOnce(&mut Memory, &mut Memory)) -> Run {
    let (mut train, mut validation) = (waves(0..48), waves(1000..1030));
    change(&mut train, &mut validation);
    let splits = splits_of(&data_config(), train, Some(validation));
    Run { splits, ..run }
}

fn swap_targets(memory: &mut Memory, first: usize, second: usize) {
    let target = memory.recordings[first].target.clone();
    memory.recordings[first].target = std::mem::replace(&mut memory.recordings[second].target, target);
}

#[test]
fn a_refused_resume_names_what_differs() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let before = (checkpoints(folder.path()), fs::read(folder.path().join("metrics.jsonl")).unwrap());
    let again = || resumed(config(), folder.path());
    let set = |config: Config| resumed(config, folder.path());
    let sgd = OptimizerConfig::Sgd(Sgd::default());
    let adamw = OptimizerConfig::AdamW(AdamW { eps: 1e-6, ..AdamW::default() });
    let data = |config: &data::Config| splits_of(config, waves(0..48), Some(waves(1000..1030)));
    let mut other_jitter = data_config();
    other_jitter.augment.jitter = Some(0.2);
    let mut other_classes = again();
    other_classes.splits.classes[1] = "square".to_owned();
    let other_graph = graph().text().replace("0.1", "0.2").parse::<graph::Graph>().unwrap();
    let others: Vec<(Run, &str)> = vec![
        (set(Config { learning_rate: 0.02, ..config() }), "train.learning_rate: was 0.01, now 0.02"),
        (set(Config { clip_norm: None, ..config() }), "train.clip_norm: was 1.0, now unset"),
        (set(Config { optimizer: sgd, ..config() }), "train.optimizer: was adamw, now sgd"),
        (set(Config { optimizer: adamw, ..config() }), "train.optimizer.adamw.eps: was 1e-8, now 1e-6"),
        (Run { seed: 8, ..again() }, "seed: was 7, now 8"),
        (with_data(again(), |train, _| swap_targets(train, 30, 31)), "data.train: different recordings"),
        (with_data(again(), |train, _| train.recordings.reverse()), "data.train: different recordings"),
        (
            with_data(again(), |_, validation| validation.recordings[29].input.data_mut()[63] += 1e-6),
            "data.validation: different recordings",
        ),
        (
            Run { splits: splits_of(&data_config(), waves(0..48), None), ..again() },
            "data.validation: was present, now absent",
        ),
        (Run { splits: data(&other_jitter), ..again() }, "data.augment.jitter: was 0.1, now 0.2"),
        (other_classes, "data.classes: "),
        (Run { initial: Some(Weights::initial(&graph(), 1)), ..again() }, "weights: was random, now given"),
        (Run { graph: other_graph, ..again() }, "network: was `"),
    ];
    let start = format!("{}: the run in this folder differs: ", folder.path().display());
    for (other, expected) in others {
        let error = refused(&other).to_string();
        let differences = error.strip_prefix(&start).unwrap_or_else(|| panic!("{error}"));
        let differences = differences
            .strip_suffix("; restore the original settings and data, or use another folder")
            .unwrap();
        assert!(differences.starts_with(expected), "{error}");
        assert!(!differences.contains("; ") && !error.contains("checkpoint"), "{error}");
    }
    let after = (checkpoints(folder.path()), fs::read(folder.path().join("metrics.jsonl")).unwrap());
    assert!(after == before);
}

#[test]
fn every_given_weight_counts() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    let weights = Weights::initial(&graph(), 3);
    until(&Run { initial: Some(weights.clone()), ..run(config(), folder.path()) }, 8);
    let (name, mut array) =
        weights.iter().last().map(|(name, array)| (name.to_owned(), array.clone())).unwrap();
    *array.data_mut().last_mut().unwrap() += 1.0;
    let mut others = weights.clone();
    others.insert(name, array);
    let error = refused(&Run { initial: Some(others), ..resumed(config(), folder.path()) }).to_string();
    assert!(error.contains(" differs: weights: different initial weights; "), "{error}");
    whole(&Run { initial: Some(weights), ..resumed(config(), folder.path()) });
}

#[test]
fn a_refusal_lists_at_most_a_dozen_differences() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let other = Config {
        batch_size: 4,
        accumulation_steps: 2,
        loss: Some(LossConfig::Focal(Focal::default())),
        optimizer: OptimizerConfig::Sgd(Sgd::default()),
        learning_rate: 0.1,
        weight_decay: 0.5,
        schedule: ScheduleConfig::Constant,
        warmup: 1.0,
        clip_norm: Some(2.0),
        ema: None,
        patience: Some(1),
        ..config()
    };
    let other = with_data(Run { seed: 8, ..resumed(other, folder.path()) }, |train, validation| {
        std::mem::swap(train, validation);
    });
    let error = refused(&other).to_string();
    let shown =
        error.split_once(" differs: ").unwrap().1.split("; ").filter(|part| part.contains(':')).count();
    assert!(
        shown > 5 && error.contains(&format!("; and {} more; restore the original", 14 - shown)),
        "{error}"
    );
    assert!(shown <= 12 && error.len() < 500 && error.lines().count() == 1, "{error}");
}

/// Comments, formatting, spelled-out defaults, and keys that change nothing.
#[test]
fn settings_without_effect_do_not_count() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    until(&run(config(), folder.path()), 8);
    let config = Config {
        keep_checkpoints: 1,
        checkpoint_steps: Some(4),
        loss: Some(LossConfig::CrossEntropy(Smoothing::default())),
        best: Some(BestMetric::Accuracy),
        ..config()
    };
    let data = data::Config {
        threads: Some(1),
        cache_size: Some(7),
        allow_overlap: true,
        format: Some(data::File { layout: Some(data::TableLayout::Samples), ..data::File::default() }),
        folder: Some("elsewhere".into()),
        classes: Some((0..common::CLASSES).map(|class| format!("wave {class}")).collect()),
        ..data_config()
    };
    let mut train = waves(0..48);
    train.recordings[5].origin = "renamed".to_owned();
    let changed = |run: Run| Run {
        splits: splits_of(&data, train.clone(), Some(waves(1000..1030))),
        source: source("# a comment\nname: others\n"),
        ..run
    };
    whole(&changed(run(config.clone(), whole_folder.path())));
    whole(&changed(resumed(config, folder.path())));
    assert!(result(folder.path()) == result(whole_folder.path()));
}

/// They affect the report, although not the model.
#[test]
fn different_test_recordings_are_a_different_run() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let mut other = resumed(config(), folder.path());
    other.splits.test = Some(common::splits(10).train);
    let error = refused(&other).to_string();
    assert!(error.contains(" differs: data.test: different recordings; "), "{error}");
}

#[test]
fn a_run_can_be_extended_if_its_schedule_allows_it() {
    let _turn = turn();
    let step = ScheduleConfig::Step(StepDecay { epochs: 2, factor: 0.5 });
    for (schedule, patience) in [(ScheduleConfig::Constant, None), (step, None), (step, Some(4))] {
        let with = |epochs| Config { epochs, schedule, patience, warmup: 1.0, ..config() };
        let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
        let end = whole(&run(with(7), whole_folder.path()));
        whole(&run(with(3), folder.path()));
        until(&resumed(with(5), folder.path()), 20);
        assert_eq!(whole(&resumed(with(7), folder.path())), end, "{schedule:?}");
        assert!(result(folder.path()) == result(whole_folder.path()), "{schedule:?}");
        let error = refused(&resumed(with(6), folder.path())).to_string();
        assert!(error.contains(" differs: train.epochs: was 7, now 6; restore the original"), "{error}");
    }
}

#[test]
fn otherwise_the_refusal_of_more_epochs_gives_advice() {
    let _turn = turn();
    for schedule in [ScheduleConfig::Cosine, ScheduleConfig::OneCycle] {
        let with = |epochs| Config { epochs, schedule, ..config() };
        let folder = tempdir().unwrap();
        whole(&run(with(2), folder.path()));
        let error = refused(&resumed(with(4), folder.path())).to_string();
        let model = folder.path().join("model.safetensors");
        let expected = format!(
            "{}: the run in this folder differs: train.epochs: was 2, now 4; \
             to start a new run from its weights, use another folder and --weights {}",
            folder.path().display(),
            model.display()
        );
        assert_eq!(error, expected);
        // The advice works.
        let other = tempdir().unwrap();
        let initial = Some(Weights::read(model).unwrap());
        whole(&Run { initial, ..run(with(2), other.path()) });
    }
}

#[test]
fn a_checkpoint_of_another_format_is_refused_by_name() {
    const KEY: &str = "model-factory-checkpoint";
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let last = checkpoints(folder.path()).pop().unwrap();
    let (state, _) = model::read_annotated(&last, KEY).unwrap();
    for (header, format) in [(r#"{"step":8,"identity":"0"}"#, 1), (r#"{"format":3,"steps":[8]}"#, 3)] {
        model::write_annotated(&last, &state, KEY, header).unwrap();
        let error = refused(&resumed(config(), folder.path())).to_string();
        let expected = format!(
            "{}: expected a checkpoint of format 2, found format {format}; \
             resume with the version that began the run, or use another folder",
            last.display()
        );
        assert_eq!(error, expected);
    }
}

/// One class per sample instead of one per recording, with the same inputs.
#[test]
fn different_kinds_of_targets_count() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    let other = with_data(resumed(config(), folder.path()), |train, _| {
        for recording in &mut train.recordings {
            let Target::Class(class) = recording.target else { panic!() };
            recording.target = Target::Positions(vec![Some(class); 32]);
        }
    });
    let error = refused(&other).to_string();
    assert!(error.contains(" differs: data.train: different recordings; "), "{error}");
}
