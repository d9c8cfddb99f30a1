//! Splits share no recording, and what a model keeps comes from the training set only.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]

mod files;

use std::collections::BTreeSet;
use std::sync::Arc;

use data::{
    ClassWeights, Config, ExampleTarget, Examples, MASKED, Memory, Order, Recording, TrainedOn, Validation,
};
use data::{Normalization, Normalize, Sharing, Sources, Splits, Stitch, Target, Task, WindowConfig};
use files::{Folder, shape};
use graph::Array;

/// Recordings of three classes in turn. The first of two channels contains the recording's number, the second
/// ten times that.
fn memory(numbers: std::ops::Range<usize>, samples: usize) -> Arc<Memory> {
    let recording = |number: usize| {
        Recording::new(
            format!("recording {number}"),
            Array::from_fn([2, samples], |i| if i < samples { number as f32 } else { 10.0 * number as f32 }),
            Target::Class(number % 3),
        )
    };
    let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
    Arc::new(Memory { classes, recordings: numbers.map(recording).collect(), ..Memory::default() })
}

fn splits(config: &Config, input: [usize; 2], test: bool) -> Splits {
    let sources = Sources {
        train: memory(0..30, 12),
        validation: None,
        test: if test { Some(memory(30..36, 12)) } else { None },
    };
    Splits::of(config, &input.into(), sources).unwrap()
}

fn plain(task: Task) -> Config {
    Config { normalize: Normalize::None, ..Config::new(task) }
}

fn origins(examples: &Examples) -> BTreeSet<String> {
    (0..examples.len()).map(|i| examples.example(i, Order::InOrder).unwrap().origin).collect()
}

#[test]
fn a_share_holds_out_whole_recordings_of_each_class() {
    let window = Some(WindowConfig { length: 4, step: Some(1), evaluation_step: None });
    let config = Config { window, validation: Some(Validation::Share(0.2)), ..plain(Task::Classification) };
    let Splits { train, validation, .. } = splits(&config, [2, 4], false);
    let validation = validation.unwrap();
    assert_eq!((train.len(), validation.len()), (24 * 9, 6 * 3), "windows of evaluation do not overlap");
    let (trained, held) = (origins(&train), origins(&validation));
    assert_eq!((trained.len(), held.len()), (24, 6));
    assert!(trained.is_disjoint(&held));
    let classes: Vec<_> = (0..18).map(|i| validation.example(i, Order::InOrder).unwrap().target).collect();
    for class in 0..3 {
        assert_eq!(classes.iter().filter(|answer| **answer == ExampleTarget::Class(class)).count(), 6);
    }
    assert_eq!(held, origins(&splits(&config, [2, 4], true).validation.unwrap()), "the same each time");
}

#[test]
fn normalization_is_fitted_to_the_training_set() {
    let config = Config { validation: Some(Validation::Share(0.2)), ..Config::new(Task::Classification) };
    let splits = splits(&config, [2, 12], true);
    let numbers: Vec<f64> = origins(&splits.train).iter().map(|name| name[10..].parse().unwrap()).collect();
    let mean = numbers.iter().sum::<f64>() / 24.0;
    let deviation = (numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 24.0).sqrt();
    let Normalization { mean: means, deviation: deviations } = &splits.normalization;
    for (channel, times) in [(0, 1.0), (1, 10.0)] {
        assert!((means[channel] - times * mean).abs() < 1e-4, "{means:?}");
        assert!((deviations[channel] - times * deviation).abs() < 1e-4, "{deviations:?}");
    }
    let example = splits.test.unwrap().example(0, Order::InOrder).unwrap().input;
    assert!(example.data()[0] > 1.0, "30 is far above the mean");
    let values = splits.normalization.invert(example.data());
    assert!((values[0] - 30.0).abs() < 1e-4 && (values[12] - 300.0).abs() < 1e-3);
}

#[test]
fn a_constant_channel_has_deviation_1() {
    let mut still = memory(0..3, 4).as_ref().clone();
    for recording in &mut still.recordings {
        recording.input.data_mut()[4..].fill(7.0);
    }
    let sources = Sources { train: Arc::new(still), validation: None, test: None };
    let splits = Splits::of(&Config::new(Task::Classification), &[2, 4].into(), sources).unwrap();
    assert_eq!((splits.normalization.mean[1], splits.normalization.deviation[1]), (7.0, 1.0));
}

/// Divided by such a number, values would be infinite.
#[test]
fn a_channel_whose_deviation_is_subnormal_has_deviation_1() {
    let mut small = memory(0..3, 4).as_ref().clone();
    for recording in &mut small.recordings {
        for value in &mut recording.input.data_mut()[4..] {
            *value *= 1e-40;
        }
    }
    let sources = Sources { train: Arc::new(small), validation: None, test: None };
    let splits = Splits::of(&Config::new(Task::Classification), &[2, 4].into(), sources).unwrap();
    assert_eq!(splits.normalization.deviation[1..], [1.0]);
}

/// The recording is finite, but its normalized values are not.
#[test]
fn an_example_that_is_not_finite_names_its_recording() {
    let scaled = |factor: f64| {
        let mut memory = memory(0..3, 4).as_ref().clone();
        for recording in &mut memory.recordings {
            for value in recording.input.data_mut() {
                *value = (*value + 1.0) * factor;
            }
        }
        Arc::new(memory)
    };
    let sources = Sources { train: scaled(1e-30), validation: None, test: Some(scaled(1e30)) };
    let splits = Splits::of(&Config::new(Task::Classification), &[2, 4].into(), sources).unwrap();
    assert!(splits.train.example(2, Order::InOrder).is_ok());
    let test = splits.test.unwrap();
    let recording = test.len() - 1;
    let error = test.example(recording, Order::InOrder).unwrap_err().to_string();
    assert!(
        error.ends_with("expected finite values after normalization and augmentation, found inf"),
        "{error}"
    );
}

#[test]
fn joined_samples_have_the_class_of_their_recording() {
    let window = Some(WindowConfig { length: 5, step: Some(1), evaluation_step: None });
    let stitch = Some(Stitch { seed: 3 });
    let config = Config { window, stitch, ..plain(Task::Segmentation) };
    let splits = splits(&config, [2, 5], true);
    for (examples, samples, numbers) in
        [(&splits.train, 360, 0..30), (splits.test.as_ref().unwrap(), 72, 30..36)]
    {
        let mut seen = Vec::new();
        for index in 0..examples.len() {
            let example = examples.example(index, Order::InOrder).unwrap();
            let ExampleTarget::Positions(classes) = example.target else { panic!("a class for each sample") };
            for (number, class) in example.input.data()[..5].iter().zip(classes) {
                assert_eq!(class, i64::from(*number as u8 % 3));
                seen.push(*number as usize);
            }
        }
        assert!(
            numbers.clone().all(|number| seen.contains(&number)) && seen.iter().all(|n| numbers.contains(n))
        );
        seen.dedup();
        assert_ne!(seen, numbers.collect::<Vec<_>>(), "an order drawn from the seed");
        assert!(examples.recordings() == 1 && samples > 0);
    }
    let other = Config { stitch: Some(Stitch { seed: 4 }), ..config };
    let again = self::splits(&other, [2, 5], true);
    assert_ne!(again.train.example(0, Order::InOrder), splits.train.example(0, Order::InOrder));
}

#[test]
fn class_weights_are_balanced_or_listed() {
    let mut memory = memory(0..10, 4).as_ref().clone();
    memory
        .recordings
        .retain(|recording| recording.target != Target::Class(2) || recording.origin.ends_with('2'));
    let config = |weights| Config { class_weights: Some(weights), ..plain(Task::Classification) };
    let class_weights = |weights| {
        let sources = Sources { train: Arc::new(memory.clone()), validation: None, test: None };
        Splits::of(&config(weights), &[2, 4].into(), sources).unwrap().class_weights.unwrap()
    };
    // Four of a, three of b, one of c.
    assert_eq!(
        class_weights(ClassWeights::Balanced),
        [8.0 / 12.0, 8.0 / 9.0, 8.0 / 3.0].map(|weight: f64| weight as f32)
    );
    assert_eq!(class_weights(ClassWeights::List(vec![1.0, 2.0, 3.0])), [1.0, 2.0, 3.0]);
}

/// Weights of the examples with a label, relative to those without it.
#[test]
fn balanced_weights_of_several_labels_compare_examples_with_and_without_each() {
    let recording = |i: usize| {
        let input = Array::from_fn([1, 2], |sample| (i + sample) as f32);
        Recording::new(format!("r{i}"), input, Target::Labels(vec![i < 2, i < 6]))
    };
    let open = |recordings: std::ops::Range<usize>| {
        let recordings = recordings.map(recording).collect();
        let classes = ["a", "b"].map(str::to_owned).to_vec();
        let train = Arc::new(Memory { classes, recordings, ..Memory::default() });
        let config = Config { class_weights: Some(ClassWeights::Balanced), ..Config::new(Task::MultiLabel) };
        Splits::of(&config, &[1, 2].into(), Sources { train, validation: None, test: None })
    };
    assert_eq!(open(0..8).unwrap().class_weights.unwrap(), [3.0, 2.0 / 6.0].map(|weight: f64| weight as f32));
    let error = open(0..6).unwrap_err().to_string();
    assert_eq!(
        error,
        "data.class_weights: the class `b` has all training examples; list the weights explicitly"
    );
}

#[test]
fn windows_have_their_most_frequent_class() {
    let folder = Folder::of(&[("t.csv", b"1,x\n2,x\n3,y\n4,y\n5,y\n6,?\n7,\n8,\n9,\n")]);
    let text = "train: { file: t.csv, layout: samples }\nwindow: { length: 3, step: 3 }\nnormalize: none\n";
    let open = |task| folder.open(&format!("task: {task}\n{text}class_weights: balanced"), &[1, 3]).unwrap();
    let classes = open("classification");
    let answers = |splits: &Splits| -> Vec<_> {
        (0..splits.train.len()).map(|i| splits.train.example(i, Order::InOrder).unwrap().target).collect()
    };
    assert_eq!(answers(&classes), [ExampleTarget::Class(0), ExampleTarget::Class(1)]);
    let samples = open("segmentation");
    assert_eq!(answers(&samples), [vec![0, 0, 1], vec![1, 1, MASKED]].map(ExampleTarget::Positions));
    assert_eq!(samples.class_weights.unwrap(), [5.0 / 4.0, 5.0 / 6.0].map(|weight: f64| weight as f32));
}

#[test]
fn a_trained_models_classes_and_normalization_apply_to_test_data() {
    let folder = Folder::of(&[("t.csv", b"1,2,b\n3,4,a\n")]);
    let config: Config =
        serde_yaml::from_str("{ task: classification, train: none.csv, test: t.csv }").unwrap();
    let classes = ["a", "b"].map(str::to_owned);
    let normalization = Normalization { mean: vec![1.0], deviation: vec![2.0] };
    let fitted = TrainedOn {
        classes: &classes,
        normalization: &normalization,
        target_normalization: None,
        channels: &[],
        columns: &[],
        outputs: &[],
    };
    let test = config.open_test(&shape(&[1, 2]), folder.path(), fitted, Sharing::alone()).unwrap();
    let example = test.example(0, Order::InOrder).unwrap();
    assert_eq!((example.input.data(), example.target), (&[0.0, 0.5][..], ExampleTarget::Class(1)));
    let classes = ["a", "x"].map(str::to_owned);
    let fitted = TrainedOn {
        classes: &classes,
        normalization: &normalization,
        target_normalization: None,
        channels: &[],
        columns: &[],
        outputs: &[],
    };
    let error = config.open_test(&shape(&[1, 2]), folder.path(), fitted, Sharing::alone()).unwrap_err();
    assert_eq!(folder.tidy(&error), "t.csv: row 1: unknown class `b`, expected one of a, x");
    let error = Config::new(Task::Classification)
        .open_test(&shape(&[1, 2]), "".as_ref(), fitted, Sharing::alone())
        .unwrap_err();
    assert_eq!(error.to_string(), "data.test: missing; list the test files");
}
