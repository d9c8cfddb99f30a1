//! Shares and folds: how many recordings they have, and that they keep groups and classes together.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::Arc;

use data::{
    Config, CrossValidation, DataError, ExampleTarget, Examples, Fold, Folds, Memory, Order, Recording,
    Sources, Splits, Target, Task, Validation, WindowConfig,
};
use expect_test::expect;
use graph::Array;

/// Recordings that differ, with these classes and groups.
fn memory(classes: &[&str], recordings: impl IntoIterator<Item = (usize, Option<String>)>) -> Arc<Memory> {
    let recording = |(i, (class, group)): (usize, (usize, Option<String>))| {
        let input = Array::from_fn([1, 4], |sample| (4 * i + sample) as f32);
        Recording { group, ..Recording::new(format!("recording {i}"), input, Target::Class(class)) }
    };
    Arc::new(Memory {
        classes: classes.iter().map(|&class| class.to_owned()).collect(),
        recordings: recordings.into_iter().enumerate().map(recording).collect(),
        ..Memory::default()
    })
}

/// `counts[class]` recordings of each class, in turn.
fn of_counts(counts: &[usize]) -> Arc<Memory> {
    let names: Vec<String> = (0..counts.len()).map(|class| format!("c{class}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let longest = counts.iter().max().copied().unwrap_or_default();
    let classes = (0..longest).flat_map(|i| (0..counts.len()).filter(move |class| i < counts[*class]));
    memory(&names, classes.map(|class| (class, None)))
}

/// Five recordings each of eight subjects. Only `s1`, `s4` and `s7` have the rare class `b`.
fn subjects() -> Arc<Memory> {
    let recording = |i: usize| {
        let subject = i / 5 + 1;
        (usize::from(i.is_multiple_of(5) && subject % 3 == 1), Some(format!("s{subject}")))
    };
    memory(&["a", "b"], (0..40).map(recording))
}

fn with_share(share: f64) -> Config {
    Config { validation: Some(Validation::Share(share)), ..Config::new(Task::Classification) }
}

fn open(config: &Config, train: Arc<Memory>) -> Result<Splits, DataError> {
    Splits::of(config, &[1, 4].into(), Sources { train, validation: None, test: None })
}

fn origins(examples: &Examples) -> BTreeSet<String> {
    (0..examples.len()).map(|i| examples.example(i, Order::InOrder).unwrap().origin).collect()
}

#[test]
fn a_share_comes_to_as_many_recordings_as_it_says() {
    for (counts, share, expected) in [
        (vec![3; 40], 0.1, 12),
        (vec![3; 40], 0.2, 24),
        (vec![10, 10, 10], 0.25, 8),
        (vec![97, 2, 1], 0.2, 20),
        (vec![1, 1, 1, 1], 0.5, 2),
        (vec![5], 0.3, 2),
    ] {
        let splits = open(&with_share(share), of_counts(&counts)).unwrap();
        let held = splits.validation.unwrap();
        let total: usize = counts.iter().sum();
        assert_eq!((held.len(), splits.train.len()), (expected, total - expected), "{share} of {counts:?}");
        for (class, count) in counts.iter().enumerate() {
            let found = held.class_counts()[class] as f64;
            assert!((found - share * *count as f64).abs() < 1.0, "{found} of {count} in {counts:?}");
            assert!(*count == 1 || splits.train.class_counts()[class] > 0, "{counts:?}");
        }
    }
}

#[test]
fn a_share_of_less_than_one_recording_is_refused() {
    let error =
        |counts: &[usize], share| open(&with_share(share), of_counts(counts)).unwrap_err().to_string();
    expect!["data.validation: expected a share that leaves both sets nonempty, found 0.2 of 1 recordings; list validation files instead"].assert_eq(&error(&[1], 0.2));
    expect!["data.validation: expected a share that leaves both sets nonempty, found 0.01 of 20 recordings; list validation files instead"].assert_eq(&error(&[10, 10], 0.01));
}

#[test]
fn a_share_keeps_groups_together_and_rare_classes_on_both_sides() {
    for share in [0.2, 0.25, 0.4] {
        let splits = open(&with_share(share), subjects()).unwrap();
        let held = splits.validation.unwrap();
        assert!(held.groups().is_disjoint(splits.train.groups()));
        assert_eq!(held.groups().len() + splits.train.groups().len(), 8);
        assert!((held.len() as f64 - share * 40.0).abs() <= 2.5, "{} at {share}", held.len());
        assert!(held.class_counts()[1] >= 1 && splits.train.class_counts()[1] >= 1);
        let group = held.example(0, Order::InOrder).unwrap().group;
        assert!(held.groups().contains(&group.unwrap()));
    }
    let of_one = memory(&["a"], (0..9).map(|_| (0, Some("s1".to_owned()))));
    let error = open(&with_share(0.3), of_one).unwrap_err().to_string();
    expect!["data.validation: expected recordings of at least 2 groups, because a share consists of whole groups, found recordings of one group"].assert_eq(&error);
    let two = memory(&["a"], (0..10).map(|i| (0, Some(format!("s{}", i / 5)))));
    expect!["validation: 5 of 10 recordings are held out instead of 1, because groups are kept together"]
        .assert_eq(&open(&with_share(0.1), two).unwrap().notes.concat());
}

#[test]
fn a_group_in_two_splits_is_refused() {
    let sources = Sources { train: subjects(), validation: None, test: None };
    let mut other = memory(&["a", "b"], (0..4).map(|i| (0, Some(format!("s{}", i + 7))))).as_ref().clone();
    for recording in &mut other.recordings {
        recording.input.data_mut()[0] += 0.5;
    }
    let sources = Sources { test: Some(Arc::new(other)), ..sources };
    let config = Config::new(Task::Classification);
    let error = Splits::of(&config, &[1, 4].into(), sources.clone()).unwrap_err().to_string();
    expect!["data.test: expected groups that are not in `train`, found 2 of 4 in both, such as `s7`; remove them, or accept them with `allow_overlap: true`"].assert_eq(&error);
    let config = Config { allow_overlap: true, ..config };
    let splits = Splits::of(&config, &[1, 4].into(), sources).unwrap();
    expect!["test: 2 of 4 groups are also in `train`, such as `s7`"].assert_eq(&splits.notes.concat());
}

fn cross_validation(config: &Config, train: Arc<Memory>) -> CrossValidation {
    CrossValidation::of(config, &[1, 4].into(), Sources { train, validation: None, test: None }).unwrap()
}

/// Checks that each recording is in the test set of exactly one fold, and in one set of each fold. Returns the splits.
fn checked(cross_validation: &CrossValidation, folds: Folds, count: usize) -> Vec<Splits> {
    let mut tested = Vec::new();
    let mut all = Vec::new();
    for fold in cross_validation.folds(folds).unwrap() {
        let splits = cross_validation.splits(&fold).unwrap();
        let sets = [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()];
        let origins: Vec<BTreeSet<String>> = sets.into_iter().flatten().map(origins).collect();
        assert_eq!(origins.iter().map(BTreeSet::len).sum::<usize>(), count);
        assert_eq!(origins.iter().flatten().collect::<BTreeSet<_>>().len(), count);
        tested.extend(self::origins(splits.test.as_ref().unwrap()));
        all.push(splits);
    }
    assert_eq!((tested.len(), tested.iter().collect::<BTreeSet<_>>().len()), (count, count));
    all
}

#[test]
fn folds_have_equal_sizes_and_proportions_of_classes() {
    let cross_validation = cross_validation(&with_share(0.25), of_counts(&[50, 10, 3]));
    for splits in checked(&cross_validation, Folds::Count(5), 63) {
        let test = splits.test.unwrap();
        assert!(matches!(test.len(), 12 | 13), "{}", test.len());
        assert_eq!(test.class_counts()[..2], [10, 2]);
        assert!(test.class_counts()[2] <= 1);
        assert_eq!(splits.validation.unwrap().len(), 13, "a quarter of the others");
    }
    let alone = self::cross_validation(&Config::new(Task::Classification), of_counts(&[4, 3]));
    assert_eq!(checked(&alone, Folds::Count(7), 7).len(), 7);
    let error = alone.folds(Folds::Count(8)).unwrap_err().to_string();
    expect!["data.folds: expected at most 7 folds, one per recording, found 8"].assert_eq(&error);
    let again = alone.splits(&"3/7".parse().unwrap()).unwrap().test.unwrap();
    assert_eq!(again.digest(), checked(&alone, Folds::Count(7), 7)[2].test.as_ref().unwrap().digest());
}

#[test]
fn folds_keep_groups_together() {
    let cross_validation = cross_validation(&with_share(0.3), subjects());
    for splits in checked(&cross_validation, Folds::Count(3), 40) {
        let (train, test) = (splits.train.groups(), splits.test.as_ref().unwrap().groups());
        let validation = splits.validation.as_ref().unwrap().groups();
        assert!(train.is_disjoint(test) && train.is_disjoint(validation) && test.is_disjoint(validation));
        assert_eq!(splits.test.as_ref().unwrap().class_counts()[1], 1, "one of three in each");
    }
    let error = cross_validation.folds(Folds::Count(9)).unwrap_err().to_string();
    expect!["data.folds: expected at most 8 folds, one per group, found 9"].assert_eq(&error);
}

#[test]
fn each_group_can_be_left_out() {
    let recording = |i: usize| (i % 2, Some((i / 2 + 2).to_string()));
    let cross_validation = cross_validation(&with_share(0.3), memory(&["a", "b"], (0..20).map(recording)));
    let folds = cross_validation.folds(Folds::Groups).unwrap();
    let names: Vec<String> = folds.iter().map(Fold::to_string).collect();
    assert_eq!(
        names.join(" "),
        "group:2 group:3 group:4 group:5 group:6 group:7 group:8 group:9 group:10 group:11"
    );
    for (fold, splits) in folds.iter().zip(checked(&cross_validation, Folds::Groups, 20)) {
        let groups: Vec<String> = splits.test.unwrap().groups().iter().cloned().collect();
        assert_eq!(*fold, Fold::Group(groups.concat()));
    }
    let error = cross_validation.splits(&Fold::Group("12".to_owned())).unwrap_err().to_string();
    assert!(error.starts_with("data.folds: unknown group `12`, expected one of 2, 3, 4, "), "{error}");
    let without = self::cross_validation(&Config::new(Task::Classification), of_counts(&[2, 2]));
    let error = without.folds(Folds::Groups).unwrap_err().to_string();
    expect!["data.folds: expected a group for each recording, found none for `recording 0`; set `group`"]
        .assert_eq(&error);
}

/// All groups have the same two recordings.
#[test]
fn equal_recordings_of_all_groups_give_a_note_or_an_error_with_advice() {
    let mut memory =
        memory(&["a", "b"], (0..8).map(|i| (i % 2, Some(format!("s{}", i / 2))))).as_ref().clone();
    for (i, recording) in memory.recordings.iter_mut().enumerate() {
        recording.input.data_mut().fill((i % 2) as f64);
    }
    let memory = Arc::new(memory);
    let splits = open(&with_share(0.25), Arc::clone(&memory)).unwrap();
    assert_eq!(splits.validation.unwrap().groups().len(), 1);
    expect!["validation: some training recordings have the same input as validation recordings, because no share keeps them together"].assert_eq(&splits.notes.concat());
    for fold in ["1/4", "group:s2"] {
        let fold = fold.parse().unwrap();
        let refused = cross_validation(&Config::new(Task::Classification), Arc::clone(&memory)).splits(&fold);
        let error = refused.unwrap_err().to_string();
        assert!(
            error.starts_with("data.test: expected recordings that are not in `train`, found 2 of 2"),
            "{error}"
        );
        let config = Config { allow_overlap: true, ..Config::new(Task::Classification) };
        assert!(cross_validation(&config, Arc::clone(&memory)).splits(&fold).is_ok());
    }
}

#[test]
fn folds_are_written_as_they_are_read() {
    for text in ["2/5", "group:s03", "group:a/b", "group:"] {
        assert_eq!(text.parse::<Fold>().unwrap().to_string(), text);
    }
    for text in ["", "5", "0/5", "6/5", "1/1", "a/b", "s03"] {
        assert!(text.parse::<Fold>().is_err(), "{text}");
    }
    assert_eq!(("10".parse(), "group".parse()), (Ok(Folds::Count(10)), Ok(Folds::Groups)));
    for text in ["1", "0", "-3", "groups", ""] {
        assert!(text.parse::<Folds>().is_err(), "{text}");
    }
}

#[test]
fn targets_of_a_regression_are_normalized_on_the_training_set() {
    let recording = |i: usize| {
        let input = Array::from_fn([1, 4], |sample| (i + 10 * sample) as f32);
        Recording::new(format!("r{i}"), input, Target::Numbers(vec![300_000.0 + 1000.0 * i as f64, 7.0]))
    };
    let recordings = |range: std::ops::Range<usize>| {
        Arc::new(Memory { recordings: range.map(recording).collect(), ..Memory::default() })
    };
    let sources = Sources { train: recordings(0..5), validation: None, test: Some(recordings(5..6)) };
    let config = Config::new(Task::Regression);
    let splits = Splits::of(&config, &[1, 4].into(), sources.clone()).unwrap();
    let normalization = splits.target_normalization.unwrap();
    assert_eq!((normalization.mean[..].to_vec(), normalization.deviation[1]), (vec![302_000.0, 7.0], 1.0));
    let target = |examples: &Examples, index| match examples.example(index, Order::InOrder).unwrap().target {
        ExampleTarget::Values(values) => values.data().to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(target(&splits.train, 2), [0.0, 0.0]);
    let test = normalization.invert(&target(splits.test.as_ref().unwrap(), 0));
    assert!((test[0] - 305_000.0).abs() < 0.1, "{test:?}");
    let config = Config { normalize_targets: data::Normalize::None, ..config };
    let splits = Splits::of(&config, &[1, 4].into(), sources).unwrap();
    assert_eq!(splits.target_normalization, None);
    assert_eq!(target(&splits.train, 2), [302_000.0, 7.0]);
}

#[test]
fn the_channels_of_signals_are_normalized() {
    let recording = |i: usize| {
        let signal = Array::from_fn([2, 4], |sample| (100 * (sample / 4) + i + sample % 4) as f32);
        let input = Array::from_fn([1, 4], |sample| (i + sample) as f32);
        Recording::new(format!("r{i}"), input, Target::Signal(signal.into()))
    };
    let train = Arc::new(Memory { recordings: (0..3).map(recording).collect(), ..Memory::default() });
    let splits = open(&Config::new(Task::Regression), train).unwrap();
    let normalization = splits.target_normalization.unwrap();
    assert_eq!(normalization.mean, [2.5, 102.5]);
    assert!((normalization.deviation[0] - normalization.deviation[1]).abs() < 1e-9);
}

#[test]
fn splits_are_described_in_one_line_each() {
    let window = Some(WindowConfig { length: 2, step: Some(1), evaluation_step: None });
    let config = Config { window, ..with_share(0.25) };
    let sources = Sources { train: subjects(), validation: None, test: None };
    let splits = Splits::of(&config, &[1, 2].into(), sources).unwrap();
    expect![[r#"
        train: 30 recordings, 90 examples, 6 groups (s1, s2, s3, s5, s6, s7); classes: a 84, b 6
        validation: 10 recordings, 20 examples, 2 groups (s4, s8); classes: a 18, b 2
    "#]]
    .assert_eq(&(splits.describe().join("\n") + "\n"));
    let splits = open(&Config::new(Task::Classification), of_counts(&[1, 2])).unwrap();
    expect![[r#"
        train: 3 recordings; classes: c0 1, c1 2
    "#]]
    .assert_eq(&(splits.describe().join("\n") + "\n"));
}
