//! Missing values and series that are shorter than the input of the network.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    reason = "tests with small, exact numbers"
)]

mod files;

use std::path::Path;
use std::sync::Arc;

use data::{
    Config, Example, ExampleTarget, Filling, InputReader, MASKED, Memory, Missing, Order, Pad, Recording,
    Source, Sources, Splits, Target, Task, Values, WindowConfig,
};
use expect_test::expect;
use files::{Folder, npy, npz, shape};

const NAN: f64 = f64::NAN;

fn series(rows: &[&[f64]], target: Target) -> Recording {
    Recording::new("r", Values::new([rows.len(), rows[0].len()], rows.concat()).unwrap(), target)
}

fn memory(recordings: Vec<Recording>) -> Arc<dyn Source> {
    let classes = vec!["a".to_owned(), "b".to_owned()];
    Arc::new(Memory { classes, recordings, ..Memory::default() })
}

/// A config that leaves values as they are.
fn config(task: Task, missing: Missing, pad: Option<Pad>) -> Config {
    Config { missing, pad, normalize: data::Normalize::None, ..Config::new(task) }
}

fn open(config: &Config, input: &[usize], recordings: Vec<Recording>) -> Result<Splits, String> {
    let sources = Sources { train: memory(recordings), validation: None, test: None };
    Splits::of(config, &shape(input), sources).map_err(|error| error.to_string())
}

fn examples(splits: &Splits) -> Vec<Example> {
    (0..splits.train.len()).map(|i| splits.train.example(i, Order::InOrder).unwrap()).collect()
}

fn inputs(splits: &Splits) -> Vec<Vec<f32>> {
    examples(splits).iter().map(|example| example.input.data().to_vec()).collect()
}

#[test]
fn missing_values_are_refused_unless_the_config_fills_them() {
    let recordings = || vec![series(&[&[1.0, NAN, NAN, 4.0], &[NAN, 6.0, 7.0, NAN]], Target::Class(0))];
    let filled = |missing| {
        let splits = open(&config(Task::Classification, missing, None), &[2, 4], recordings());
        inputs(&splits.unwrap()).remove(0)
    };
    expect![
        "r: channel 1, sample 2: expected a finite number, found NaN; set `missing` to accept missing values"
    ]
    .assert_eq(&open(&Config::new(Task::Classification), &[2, 4], recordings()).unwrap_err());
    assert_eq!(filled(Missing::Hold), [1.0, 1.0, 1.0, 4.0, 6.0, 6.0, 7.0, 7.0]);
    assert_eq!(filled(Missing::Interpolate), [1.0, 2.0, 3.0, 4.0, 6.0, 6.0, 7.0, 7.0]);
    assert_eq!(filled(Missing::Zero), [1.0, 0.0, 0.0, 4.0, 0.0, 6.0, 7.0, 0.0]);
    assert_eq!(filled(Missing::Mask), [1.0, 0.0, 0.0, 4.0, 0.0, 6.0, 7.0, 0.0]);
}

#[test]
fn recordings_and_channels_without_values_are_refused() {
    let error = |rows: &[&[f64]], missing| {
        let recordings = vec![series(rows, Target::Class(0))];
        open(&config(Task::Classification, missing, Some(Pad::Zero)), &[2, 2], recordings).unwrap_err()
    };
    expect!["r: expected at least one value, found only missing ones"]
        .assert_eq(&error(&[&[NAN, NAN], &[NAN, NAN]], Missing::Mask));
    expect!["r: channel 2: expected at least one value, found only missing ones; set `missing: zero` or `missing: mask`"]
        .assert_eq(&error(&[&[1.0, NAN], &[NAN, NAN]], Missing::Hold));
    expect!["r: channel 1, sample 1: expected a finite number, found inf"]
        .assert_eq(&error(&[&[f64::INFINITY, NAN], &[1.0, NAN]], Missing::Mask));
}

#[test]
fn a_masked_value_is_the_mean_after_normalization_and_does_not_move_it() {
    let mut config = config(Task::Classification, Missing::Mask, Some(Pad::Zero));
    config.normalize = data::Normalize::Channel;
    let recordings = vec![
        series(&[&[1.0, NAN, 3.0]], Target::Class(0)),
        series(&[&[5.0, 3.0, NAN]], Target::Class(1)),
        series(&[&[3.0]], Target::Class(1)),
    ];
    let splits = open(&config, &[1, 3], recordings).unwrap();
    assert_eq!(splits.normalization.mean, [3.0]);
    assert_eq!(splits.normalization.deviation, [(8.0f64 / 5.0).sqrt()]);
    let inputs = inputs(&splits);
    assert_eq!([inputs[0][1], inputs[1][2], inputs[2][1], inputs[2][2]], [0.0; 4]);
}

#[test]
fn masked_samples_have_no_label() {
    let config = config(Task::Segmentation, Missing::Mask, None);
    let rows: &[&[f64]] = &[&[1.0, NAN, 3.0], &[4.0, 5.0, 6.0]];
    let labels = Target::Positions(vec![Some(0), Some(1), None]);
    let splits = open(&config, &[2, 3], vec![series(rows, labels), series(rows, Target::Class(1))]).unwrap();
    let found: Vec<ExampleTarget> = examples(&splits).into_iter().map(|example| example.target).collect();
    assert_eq!(found[0], ExampleTarget::Positions(vec![0, MASKED, MASKED]));
    assert_eq!(found[1], ExampleTarget::Positions(vec![1, MASKED, 1]));
    assert_eq!(splits.train.class_counts(), [1, 2]);
    let signal = Target::Signal(Values::new([1, 3], vec![7.0, 8.0, NAN]).unwrap());
    let mut config = Config { task: Task::Regression, ..config };
    config.normalize_targets = data::Normalize::None;
    let splits = open(&config, &[2, 3], vec![series(rows, signal)]).unwrap();
    let ExampleTarget::Values(target) = &examples(&splits)[0].target else { panic!() };
    assert_eq!(target.data()[0], 7.0);
    assert!(target.data()[1].is_nan() && target.data()[2].is_nan());
}

/// The gaps of a window are filled from the whole recording.
#[test]
fn windows_are_those_of_the_filled_recording() {
    let row = [NAN, 2.0, NAN, NAN, NAN, NAN, NAN, 8.0, 9.0, NAN, NAN, NAN];
    for (missing, expected) in [
        (Missing::Hold, [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 8.0, 9.0, 9.0, 9.0, 9.0]),
        (Missing::Interpolate, [2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.0, 9.0, 9.0]),
        (Missing::Zero, [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 9.0, 0.0, 0.0, 0.0]),
    ] {
        let mut config = config(Task::Classification, missing, None);
        config.window = Some(WindowConfig { length: 2, step: Some(1), evaluation_step: None });
        let splits = open(&config, &[1, 2], vec![series(&[&row], Target::Class(0))]).unwrap();
        let expected: Vec<Vec<f32>> = expected.windows(2).map(<[f32]>::to_vec).collect();
        assert_eq!(inputs(&splits), expected, "{missing:?}");
    }
}

#[test]
fn gaps_are_not_filled_from_other_recordings_that_are_joined() {
    let config = Config {
        stitch: Some(data::Stitch { seed: 0 }),
        window: Some(WindowConfig { length: 2, step: None, evaluation_step: None }),
        ..config(Task::Segmentation, Missing::Hold, Some(Pad::Edge))
    };
    let recordings =
        vec![series(&[&[NAN, 1.0]], Target::Class(0)), series(&[&[NAN, 5.0, NAN]], Target::Class(1))];
    let splits = open(&config, &[1, 2], recordings).unwrap();
    let mut found = inputs(&splits);
    found.sort_by(|a, b| a[0].total_cmp(&b[0]));
    // Missing samples at the end do not belong to the series.
    assert_eq!(found, [[1.0, 1.0], [5.0, 5.0]]);
}

#[test]
fn shorter_series_are_extended_at_their_end() {
    let recordings = || {
        vec![
            series(&[&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]], Target::Class(0)),
            series(&[&[1.0, 2.0, 3.0, 4.0], &[4.0, 5.0, 6.0, 7.0]], Target::Class(1)),
            // As in the UCR archive, NaN at the end of all channels means that the series has ended.
            series(&[&[9.0, NAN, NAN, NAN, NAN], &[8.0, NAN, NAN, NAN, NAN]], Target::Class(1)),
        ]
    };
    for (pad, expected) in [
        (Pad::Zero, [[1., 2., 3., 0., 4., 5., 6., 0.], [9., 0., 0., 0., 8., 0., 0., 0.]]),
        (Pad::Edge, [[1., 2., 3., 3., 4., 5., 6., 6.], [9., 9., 9., 9., 8., 8., 8., 8.]]),
    ] {
        let found = inputs(
            &open(&config(Task::Classification, Missing::Refuse, Some(pad)), &[2, 4], recordings()).unwrap(),
        );
        assert_eq!([&found[0][..], &found[2][..]], expected, "{pad:?}");
        assert_eq!(found[1], [1., 2., 3., 4., 4., 5., 6., 7.]);
    }
    let plain = config(Task::Classification, Missing::Refuse, None);
    expect!["r: expected 4 samples, found 3; set `pad` to extend shorter series"]
        .assert_eq(&open(&plain, &[2, 4], recordings()).unwrap_err());
    let mut windows = plain;
    windows.window = Some(WindowConfig { length: 4, step: None, evaluation_step: None });
    expect!["r: expected at least 4 samples for a window, found 3; set `pad` to extend shorter series"]
        .assert_eq(&open(&windows, &[2, 4], recordings()).unwrap_err());
    // A series that is longer needs `window`.
    let longer = vec![series(&[&[1.0; 9], &[2.0; 9]], Target::Class(0))];
    let padded = config(Task::Classification, Missing::Refuse, Some(Pad::Edge));
    expect!["r: expected 4 samples, found 9; set `window` to cut longer series"]
        .assert_eq(&open(&padded, &[2, 4], longer).unwrap_err());
    // Missing values elsewhere do not end a series.
    let gap = vec![series(&[&[1.0, NAN], &[2.0, 3.0]], Target::Class(0))];
    expect![
        "r: channel 1, sample 2: expected a finite number, found NaN; set `missing` to accept missing values"
    ]
    .assert_eq(&open(&padded, &[2, 4], gap).unwrap_err());
}

#[test]
fn appended_samples_have_no_label() {
    let config = |task| {
        let mut config = config(task, Missing::Refuse, Some(Pad::Edge));
        config.window = Some(WindowConfig { length: 4, step: Some(2), evaluation_step: None });
        config
    };
    let labels = Target::Positions(vec![Some(1), None]);
    let long = Target::Positions(vec![Some(0); 7]);
    let recordings = vec![
        series(&[&[1.0, 2.0]], labels),
        series(&[&[1.0, 2.0]], Target::Class(1)),
        series(&[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, NAN]], long),
    ];
    let splits = open(&config(Task::Segmentation), &[1, 4], recordings).unwrap();
    let found: Vec<ExampleTarget> = examples(&splits).into_iter().map(|example| example.target).collect();
    let positions = |classes: [i64; 4]| ExampleTarget::Positions(classes.to_vec());
    let expected = [[1, MASKED, MASKED, MASKED], [1, 1, MASKED, MASKED], [0; 4], [0; 4]].map(positions);
    assert_eq!(found, expected);
    assert_eq!(splits.train.class_counts(), [6, 3]);
    let signal = || Target::Signal(Values::new([1, 2], vec![7.0, 8.0]).unwrap());
    for task in [Task::Regression, Task::Denoising] {
        let mut config = config(task);
        if task == Task::Regression {
            config.normalize_targets = data::Normalize::None;
        }
        let splits = open(&config, &[1, 4], vec![series(&[&[1.0, 2.0]], signal())]).unwrap();
        let example = &examples(&splits)[0];
        let ExampleTarget::Values(target) = &example.target else { panic!() };
        assert_eq!(target.data()[..2], [7.0, 8.0]);
        assert!(target.data()[2].is_nan() && target.data()[3].is_nan());
        assert_eq!(example.input.data(), [1.0, 2.0, 2.0, 2.0]);
    }
}

#[test]
fn noise_is_removed_only_where_there_are_samples() {
    let mut config = config(Task::Denoising, Missing::Mask, Some(Pad::Zero));
    let noise = "{ snr: 0, center: true }";
    config.noise = Some(serde_yaml::from_str(noise).unwrap());
    let recordings = vec![series(&[&[1.0, 2.0, NAN, 3.0]], Target::None)];
    let example = examples(&open(&config, &[1, 6], recordings).unwrap()).remove(0);
    let ExampleTarget::Values(target) = &example.target else { panic!() };
    // Centered without the missing samples.
    assert_eq!(
        target.data().iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
        [false, false, true, false, true, true]
    );
    assert_eq!([target.data()[0], target.data()[1], target.data()[3]], [-1.0, 0.0, 1.0]);
    assert_eq!([example.input.data()[2], example.input.data()[4], example.input.data()[5]], [0.0; 3]);
    assert!(example.input.data().iter().all(|x| x.is_finite()));
}

/// Missing samples move with the rest, and keep having neither a label nor a value.
#[test]
fn augmentation_keeps_what_is_missing_missing() {
    let open = |augment: &str| {
        let config = Config {
            augment: serde_yaml::from_str(augment).unwrap(),
            ..config(Task::Segmentation, Missing::Mask, Some(Pad::Zero))
        };
        let row = [1.0, 2.0, 3.0, NAN, 5.0, 6.0];
        let labels = (1..=6).map(|value| Some(value % 2)).collect();
        open(&config, &[2, 8], vec![series(&[&row, &row], Target::Positions(labels))]).unwrap()
    };
    let example = |splits: &Splits, epoch| {
        let example = splits.train.example(0, Order::Shuffled { seed: 0, epoch }).unwrap();
        let ExampleTarget::Positions(classes) = example.target else { panic!() };
        (example.input.data().to_vec(), classes)
    };
    let (shifted, all) =
        (open("{ shift: 2 }"), open("{ jitter: 1, scale: 0.5, shift: 2, wander: 1, channel_dropout: 0.5 }"));
    for epoch in 0..50 {
        let (input, classes) = example(&shifted, epoch);
        for (value, class) in input.iter().zip(&classes) {
            let is_missing = *value == 0.0;
            assert!(*class == MASKED || !is_missing && *class == *value as i64 % 2, "{input:?} {classes:?}");
        }
        assert!(classes.iter().filter(|class| **class != MASKED).count() >= 3, "{classes:?}");
        let (input, same) = example(&all, epoch);
        assert_eq!(same, classes);
        assert!(input.iter().all(|value| value.is_finite()));
        // The gap and the appended samples have no noise.
        let zeros = input[..8].iter().filter(|value| **value == 0.0).count();
        assert!(zeros >= 1, "{input:?}");
    }
}

#[test]
fn prediction_fills_and_extends_as_training_does() {
    let values: Vec<u8> =
        [1.0f32, f32::NAN, 3.0, f32::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
    let archive = npz(&[
        ("input", npy("<f4", "(1, 1, 4)", &values)),
        ("target", npy("<i8", "(1,)", &0i64.to_le_bytes())),
    ]);
    let folder = Folder::of(&[("a.npz", &archive)]);
    let text = "task: classification\nnormalize: none\nmissing: interpolate\npad: edge\ntrain: a.npz";
    let config: Config = serde_yaml::from_str(text).unwrap();
    let input = shape(&[1, 6]);
    let splits = config.open(&input, folder.path()).unwrap();
    assert_eq!(inputs(&splits)[0], [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    let reader = InputReader { config: Some((&config, Path::new("/"))), ..InputReader::new(&input) };
    let read = reader.read(&folder.path().join("a.npz")).unwrap().recordings.remove(0);
    let filling = Filling::of(&config, &input);
    assert_eq!(read.input.shape(), [1, 6]);
    assert_eq!(filling.samples(&read.input), 3);
    let mut normalized = read.input.rounded();
    filling.finish(&mut normalized);
    assert_eq!(normalized.data(), inputs(&splits)[0]);
    // Without a config, missing values are refused.
    let error = InputReader::new(&input).read(&folder.path().join("a.npz")).unwrap_err();
    expect!["a.npz: recording 1: channel 1, sample 2: expected a finite number, found NaN; set `missing` to accept missing values"].assert_eq(&folder.tidy(&error));
}

#[test]
fn settings_for_series_are_refused_for_images() {
    let error = |text: &str| {
        let config: Config =
            serde_yaml::from_str(&format!("task: classification\ntrain: p\n{text}")).unwrap();
        config.validate(&shape(&[1, 4, 4])).unwrap_err().to_string()
    };
    expect!["pad: supported only for series, but the input is an image"].assert_eq(&error("pad: zero"));
    expect!["missing: expected `refuse`, `zero` or `mask` for images, found another setting"]
        .assert_eq(&error("missing: hold"));
}
