//! The `data` section of a config: the forms in which it can be written, and errors with their paths.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::too_many_lines, reason = "tables of cases")]

use data::{
    AddedNoise, Augment, ClassWeights, Column, Columns, Config, File, Split, TableLayout, Validation,
};
use data::{Normalize, Stitch, Task, WindowConfig};
use graph::Shape;

fn read(text: &str) -> Result<Config, String> {
    let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    serde_path_to_error::deserialize(value).map_err(|error| error.to_string())
}

/// Checks that a config is read as expected, and again after it was written.
fn check(text: &str, expected: &Config) {
    let config = read(text).unwrap();
    assert_eq!(config, *expected, "{text}");
    assert_eq!(read(&serde_yaml::to_string(&config).unwrap()).unwrap(), *expected, "{text}");
}

#[test]
fn all_forms_are_read() {
    let plain = Config { train: "a.ts".into(), ..Config::new(Task::Classification) };
    check("{ task: classification, train: a.ts }", &plain);
    let files = Split(vec![File::new("a.ts"), File { from: Some(3), ..File::new("b.npy") }]);
    let list = "{ task: segmentation, train: [a.ts, { file: b.npy, from: 3 }], validation: b.ts, test: [c.ts], \
                folder: d, stitch: { seed: 1 }, window: { length: 9, step: 3 }, normalize: none, \
                class_weights: balanced, classes: [x, y], threads: 2 }";
    check(
        list,
        &Config {
            folder: Some("d".into()),
            train: files,
            validation: Some(Validation::Files("b.ts".into())),
            test: Some("c.ts".into()),
            classes: Some(["x", "y"].into_iter().collect()),
            stitch: Some(Stitch { seed: 1 }),
            window: Some(WindowConfig { length: 9, step: Some(3), evaluation_step: None }),
            normalize: Normalize::None,
            class_weights: Some(ClassWeights::Balanced),
            threads: Some(2),
            ..Config::new(Task::Segmentation)
        },
    );
    let target = Columns(vec![Column::Name("y".to_owned()), Column::Number(2)]);
    let file = File { target: Some(target), layout: Some(TableLayout::Samples), ..File::new("t.csv") };
    check(
        "{ task: regression, train: { file: t.csv, target: [y, 2], layout: samples }, validation: 0.2, \
         augment: { jitter: 0.1, shift: 3 } }",
        &Config {
            train: file.into(),
            validation: Some(Validation::Share(0.2)),
            augment: Augment { jitter: Some(0.1), shift: Some(3), ..Augment::default() },
            ..Config::new(Task::Regression)
        },
    );
    let noise = AddedNoise {
        snr: 0.0,
        white: 1.0,
        wander: 0.5,
        sampling_rate: Some(360.0),
        wander_band: [0.05, 0.7],
        center: false,
        seed: 0,
    };
    check(
        "{ task: denoising, train: { file: t.csv, target: 3 }, noise: { snr: 0, wander: 0.5, sampling_rate: 360 }, \
         class_weights: [1, 0.5] }",
        &Config {
            train: File { target: Some(Columns(vec![Column::Number(3)])), ..File::new("t.csv") }.into(),
            noise: Some(noise),
            class_weights: Some(ClassWeights::List(vec![1.0, 0.5])),
            ..Config::new(Task::Denoising)
        },
    );
}

#[test]
fn errors_when_reading() {
    let cases = [
        (
            "{ task: sorting, train: a }",
            "task: unknown variant `sorting`, expected one of `classification`, \
          `multi_label`, `segmentation`, `regression`, `denoising`",
        ),
        ("{ task: regression }", "missing field `train`"),
        (
            "{ task: regression, train: 3 }",
            "train: invalid type: integer `3`, expected a file name, a mapping \
          with the key `file`, or a list of them",
        ),
        (
            "{ task: regression, train: 0.5 }",
            "train: invalid type: floating point `0.5`, expected a file name, \
          a mapping with the key `file`, or a list of them",
        ),
        (
            "{ task: regression, train: { file: a, rows: 3 } }",
            "train.rows: unknown field `rows`, expected one of \
          `file`, `from`, `to`, `layout`, `channels`, `ignore`, `group`, `time`, `separator`, `decimal`, `header`, \
          `skip`, `input`, `target`",
        ),
        (
            "{ task: regression, train: [a, { file: b, to: -1 }] }",
            "train[1].to: invalid value: integer `-1`, \
          expected usize",
        ),
        (
            "{ task: regression, train: { file: a, target: -1 } }",
            "train.target: invalid type: integer `-1`, \
          expected a column name, an index from 0, or a list of them",
        ),
        (
            "{ task: regression, train: { file: a, target: [] } }",
            "train.target: invalid length 0, expected a column name, an index from 0, or a list of them",
        ),
        (
            "{ task: regression, train: a, validation: true }",
            "validation: invalid type: boolean `true`, expected \
          a share of the training recordings, a file name, a mapping with the key `file`, or a list of them",
        ),
        (
            "{ task: regression, train: a, augment: { gitter: 1 } }",
            "augment.gitter: unknown field `gitter`, \
          expected one of `jitter`, `scale`, `shift`, `channel_dropout`, `mask`, `wander`, `flip`, `crop`",
        ),
        (
            "{ task: regression, train: a, class_weights: even }",
            "class_weights: invalid value: string \"even\", \
          expected `balanced` or a list of numbers",
        ),
        (
            "{ task: regression, train: a, window: 3 }",
            "window: invalid type: integer `3`, expected struct WindowConfig",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn errors_when_validating() {
    let series: &[usize] = &[2, 100];
    let image: &[usize] = &[3, 8, 10];
    let cases = [
        ("classification", "validation: 1", series, "validation: expected a share between 0 and 1, found 1"),
        ("classification", "threads: 0", series, "threads: expected 1 to 256, found 0"),
        (
            "regression",
            "class_weights: balanced",
            series,
            "class_weights: supported only for classification and segmentation",
        ),
        (
            "segmentation",
            "class_weights: [1, -1]",
            series,
            "class_weights[1]: expected a finite, non-negative number, found -1",
        ),
        ("denoising", "classes: [a]", series, "classes: supported only for classification and segmentation"),
        ("segmentation", "classes: []", series, "classes: expected at least one class, found an empty list"),
        ("segmentation", "classes: [a, b, a]", series, "classes[2]: the class `a` appears twice"),
        ("segmentation", "stitch: {}", image, "stitch: supported only for series, but the input is an image"),
        (
            "segmentation",
            "window: { length: 8 }",
            image,
            "window: supported only for series, but the input is an image",
        ),
        (
            "segmentation",
            "window: { length: 50 }",
            series,
            "window.length: expected 100, the length of the network's input, found 50",
        ),
        (
            "segmentation",
            "window: { length: 100, step: 0 }",
            series,
            "window.step: expected at least 1, found 0",
        ),
        (
            "regression",
            "noise: { snr: 0 }",
            series,
            "noise: supported only for denoising; use `augment.jitter` for noise in training",
        ),
        (
            "denoising",
            "noise: { snr: 0 }",
            image,
            "noise: supported only for series, but the input is an image",
        ),
        ("denoising", "noise: { snr: .nan }", series, "noise.snr: expected -200 to 200 dB, found NaN"),
        (
            "denoising",
            "noise: { snr: 0, white: -1 }",
            series,
            "noise.white: expected a finite, non-negative number, found -1",
        ),
        (
            "denoising",
            "noise: { snr: 0, white: 0 }",
            series,
            "noise: expected a positive `white` or `wander`, found 0 for both",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1 }",
            series,
            "noise.sampling_rate: missing; set it to the sampling rate in Hz, which `wander` requires",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1, sampling_rate: 0 }",
            series,
            "noise.sampling_rate: expected a positive number, found 0",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1, sampling_rate: 1 }",
            series,
            "noise.wander_band: expected a band above 0 and up to 0.5 Hz, found 0.05 to 0.7 Hz",
        ),
        (
            "regression",
            "augment: { jitter: -1 }",
            series,
            "augment.jitter: expected a finite, non-negative number, found -1",
        ),
        (
            "regression",
            "augment: { scale: .inf }",
            series,
            "augment.scale: expected a finite, non-negative number, found inf",
        ),
        ("regression", "augment: { mask: 1 }", series, "augment.mask: expected a number in [0, 1), found 1"),
        (
            "regression",
            "augment: { channel_dropout: 0.1 }",
            &[1, 100],
            "augment.channel_dropout: expected an input of at least 2 channels, found 1",
        ),
        (
            "regression",
            "augment: { flip: true }",
            series,
            "augment.flip: supported only for images, but the input is a series",
        ),
        (
            "regression",
            "augment: { crop: 2 }",
            series,
            "augment.crop: supported only for images, but the input is a series",
        ),
        (
            "regression",
            "augment: { wander: 0.1 }",
            image,
            "augment.wander: supported only for series, but the input is an image",
        ),
        (
            "regression",
            "augment: { shift: 100 }",
            series,
            "augment.shift: expected less than the size of the input, 100, found 100",
        ),
        (
            "regression",
            "augment: { crop: 4 }",
            image,
            "augment.crop: expected less than half the size of the input, 8, found 4",
        ),
        (
            "regression",
            "{}",
            &[4],
            "task: expected a series or an image as the network's input, found [N, 4]",
        ),
    ];
    for (task, rest, input, expected) in cases {
        let rest = if rest == "{}" { "" } else { rest };
        let config = read(&format!("task: {task}\ntrain: a\n{rest}")).unwrap();
        let error = config.validate(&Shape::new(input[0], &input[1..])).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = config.open(&Shape::new(input[0], &input[1..]), "".as_ref()).unwrap_err();
        assert_eq!(error.to_string(), format!("data.{expected}"));
    }
}
