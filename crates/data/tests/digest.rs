//! The digest of a split depends on the content of all of its recordings.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use std::sync::Arc;

use data::{Config, Memory, Normalize, Recording, Sources, Splits, Target, Task};
use files::{Folder, floats, npy};
use graph::Array;

fn recordings(target: impl Fn(usize) -> Target) -> Vec<Recording> {
    let recording = |number: usize| {
        Recording::new(
            format!("recording {number}"),
            Array::from_fn([2, 3], |i| (10 * number + i) as f32),
            target(number),
        )
    };
    (0..20).map(recording).collect()
}

fn opened(config: &Config, recordings: Vec<Recording>) -> Splits {
    let memory = |recordings| {
        Arc::new(Memory { classes: vec!["a".to_owned(), "b".to_owned()], recordings, ..Memory::default() })
    };
    // Both sets have the same recordings.
    let config = &Config { allow_overlap: true, ..config.clone() };
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
            Box::new(|_| Target::Signal(Array::from_fn([2, 3], |i| i as f32).into())),
            Target::Signal(Array::from_fn([2, 3], |i| 2.0 * i as f32).into()),
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

const TS: &str = "@dimensions 1\n@seriesLength 3\n@classLabel true run walk\n@data\n1,2,3:walk\n9,8,9:run\n";

/// Only the labels of two recordings are swapped, and the order of samples is reversed: no number of
/// recordings, mean or deviation changes.
#[test]
fn files_count_by_their_content() {
    let config = |name: &str| format!("{{ task: classification, train: {name}, normalize: none }}");
    let swapped = TS.replace(":walk\n9,8,9:run", ":run\n9,8,9:walk");
    let reversed = TS.replace("1,2,3", "3,2,1");
    let formatted = TS.replace("1,2,3", "1.0,2.00,3e0");
    let folder = Folder::of(&[
        ("a.ts", TS.as_bytes()),
        ("copy.ts", TS.as_bytes()),
        ("formatted.ts", formatted.as_bytes()),
        ("swapped.ts", swapped.as_bytes()),
        ("reversed.ts", reversed.as_bytes()),
    ]);
    let digest = |name: &str| folder.open(&config(name), &[1, 3]).unwrap().train.digest().to_owned();
    assert_eq!(digest("copy.ts"), digest("a.ts"));
    assert_eq!(digest("formatted.ts"), digest("a.ts"));
    assert_ne!(digest("swapped.ts"), digest("a.ts"));
    assert_ne!(digest("reversed.ts"), digest("a.ts"));
    assert_ne!(digest("[a.ts, copy.ts]"), digest("a.ts"));
}

#[test]
fn images_count_by_their_pixels() {
    let png = |last: u8| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let pixel = |x, y| image::Luma([if (x, y) == (1, 1) { last } else { 7 }]);
        image::GrayImage::from_fn(2, 2, pixel).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let digest = |name: &str, last: u8| {
        let files = [(format!("train/a/{name}"), png(last)), ("train/b/1.png".to_owned(), png(0))];
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        let config = "{ task: classification, train: train }";
        Folder::of(&files).open(config, &[1, 2, 2]).unwrap().train.digest().to_owned()
    };
    assert_eq!(digest("1.png", 9), digest("other.png", 9));
    assert_ne!(digest("1.png", 9), digest("1.png", 10));
}

/// The last sample is in no window of length 2.
#[test]
fn recordings_count_as_a_whole() {
    let digest = |last: f32, window: &str| {
        let array = npy("<f4", "(1, 5)", &floats(&[1.0, 2.0, 3.0, 4.0, last]));
        let config = format!(
            "{{ task: denoising, train: a.npy, noise: {{ snr: 0 }}, window: {window}, normalize: none }}"
        );
        let folder = Folder::of(&[("a.npy", &array)]);
        folder.open(&config, &[1, 2]).unwrap().train.digest().to_owned()
    };
    assert_eq!(digest(5.0, "{ length: 2 }"), digest(5.0, "{ length: 2, step: 1 }"));
    assert_ne!(digest(5.0, "{ length: 2 }"), digest(6.0, "{ length: 2 }"));
}
