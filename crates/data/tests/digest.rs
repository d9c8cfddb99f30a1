//! The digest of a split stands for the content of all its recordings.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use data::{Config, Memory, Normalize, Recording, Sources, Splits, Target, Task};
use graph::Array;

fn recordings(target: impl Fn(usize) -> Target) -> Vec<Recording> {
    let recording = |number: usize| Recording {
        origin: format!("recording {number}"),
        input: Array::from_fn([2, 3], |i| (10 * number + i) as f32),
        target: target(number),
    };
    (0..20).map(recording).collect()
}

fn opened(config: &Config, recordings: Vec<Recording>) -> Splits {
    let memory = |recordings| Arc::new(Memory { classes: vec!["a".to_owned(), "b".to_owned()], recordings });
    let validation = Some(memory(recordings.clone()) as Arc<dyn data::Source>);
    Splits::of(config, &[2, 3].into(), Sources { train: memory(recordings), validation, test: None }).unwrap()
}

fn digest(config: &Config, recordings: Vec<Recording>) -> String {
    let splits = opened(config, recordings);
    assert_eq!(splits.validation.unwrap().digest(), splits.train.digest());
    splits.train.digest().to_owned()
}

#[test]
fn every_change_of_an_input_a_target_or_the_order_changes_the_digest() {
    let segmentation = |number: usize| Target::Positions(vec![Some(number % 2), None, Some(1)]);
    type Case = (Task, Box<dyn Fn(usize) -> Target>, Target);
    let tasks: [Case; 4] = [
        (Task::Classification, Box::new(|number| Target::Class(number % 2)), Target::Class(1)),
        (Task::Segmentation, Box::new(segmentation), Target::Positions(vec![Some(0), Some(1), Some(1)])),
        (Task::Regression, Box::new(|_| Target::Numbers(vec![1.0, 2.0])), Target::Numbers(vec![1.0, 2.5])),
        (
            Task::Denoising,
            Box::new(|_| Target::Signal(Array::from_fn([2, 3], |i| i as f32))),
            Target::Signal(Array::from_fn([2, 3], |i| 2.0 * i as f32)),
        ),
    ];
    for (task, target, other) in tasks {
        let config = Config { normalize: Normalize::None, ..Config::new(task) };
        let unchanged = recordings(&target);
        let expected = digest(&config, unchanged.clone());
        let mut changed = unchanged.clone();
        changed[16].target = other;
        assert_ne!(digest(&config, changed), expected, "{task}: a target");
        let mut changed = unchanged.clone();
        changed[7].input.data_mut()[5] += 0.001;
        assert_ne!(digest(&config, changed), expected, "{task}: a value");
        let mut changed = unchanged.clone();
        changed.swap(3, 8);
        assert_ne!(digest(&config, changed), expected, "{task}: the order");
        let mut changed = unchanged.clone();
        changed.pop();
        assert_ne!(digest(&config, changed), expected, "{task}: a recording less");
        let mut renamed = unchanged;
        renamed[0].origin = "elsewhere".to_owned();
        assert_eq!(digest(&config, renamed), expected, "{task}: only a name");
    }
}

#[test]
fn the_digest_does_not_depend_on_threads() {
    let with_threads = |threads| {
        let config = Config { threads: Some(threads), ..Config::new(Task::Classification) };
        digest(&config, recordings(|number| Target::Class(number % 2)))
    };
    assert_eq!(with_threads(1), with_threads(4));
}
