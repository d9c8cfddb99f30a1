//! The `data` section of a config: what it reads to, what it refuses, and by which path.
#![allow(clippy::unwrap_used, reason = "tests")]

use data::{AddedNoise, Augment, ClassWeights, Column, Columns, Config, File, Held, Layout, Part};
use data::{Standardize, Stitch, Task, Window};
use graph::Shape;

fn read(text: &str) -> Result<Config, String> {
    let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    serde_path_to_error::deserialize(value).map_err(|error| error.to_string())
}

/// A config reads to itself after it is written.
fn check(text: &str, expected: &Config) {
    let config = read(text).unwrap();
    assert_eq!(config, *expected, "{text}");
    assert_eq!(read(&serde_yaml::to_string(&config).unwrap()).unwrap(), *expected, "{text}");
}

#[test]
fn forms() {
    let plain = Config { train: "a.ts".into(), ..Config::new(Task::Classification) };
    check("{ task: classification, train: a.ts }", &plain);
    let files = Part(vec![File::new("a.ts"), File { from: Some(3), ..File::new("b.npy") }]);
    let list = "{ task: segmentation, train: [a.ts, { file: b.npy, from: 3 }], validation: b.ts, test: [c.ts], \
                folder: d, stitch: { seed: 1 }, window: { length: 9, step: 3 }, standardize: none, \
                class_weights: balanced, classes: [x, y], threads: 2 }";
    check(
        list,
        &Config {
            folder: Some("d".into()),
            train: files,
            validation: Some(Held::Files("b.ts".into())),
            test: Some("c.ts".into()),
            classes: Some(vec!["x".to_owned(), "y".to_owned()]),
            stitch: Some(Stitch { seed: 1 }),
            window: Some(Window { length: 9, step: Some(3), evaluation_step: None }),
            standardize: Standardize::None,
            class_weights: Some(ClassWeights::Balanced),
            threads: Some(2),
            ..Config::new(Task::Segmentation)
        },
    );
    let target = Columns(vec![Column::Name("y".to_owned()), Column::Number(2)]);
    let file = File { target: Some(target), layout: Some(Layout::Samples), ..File::new("t.csv") };
    check(
        "{ task: regression, train: { file: t.csv, target: [y, 2], layout: samples }, validation: 0.2, \
         augment: { jitter: 0.1, shift: 3 } }",
        &Config {
            train: file.into(),
            validation: Some(Held::Share(0.2)),
            augment: Augment { jitter: Some(0.1), shift: Some(3), ..Augment::default() },
            ..Config::new(Task::Regression)
        },
    );
    let noise = AddedNoise {
        snr: 0.0,
        white: 1.0,
        wander: 0.5,
        rate: Some(360.0),
        wander_band: [0.05, 0.7],
        center: false,
        seed: 0,
    };
    check(
        "{ task: denoising, train: { file: t.csv, target: 3 }, noise: { snr: 0, wander: 0.5, rate: 360 }, \
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
fn refused_when_read() {
    let cases = [
        (
            "{ task: sorting, train: a }",
            "task: unknown variant `sorting`, expected one of `classification`, \
          `segmentation`, `regression`, `denoising`",
        ),
        ("{ task: regression }", "missing field `train`"),
        (
            "{ task: regression, train: 3 }",
            "train: invalid type: integer `3`, expected a file's name, a mapping \
          with the key `file`, or a list of them",
        ),
        (
            "{ task: regression, train: 0.5 }",
            "train: invalid type: floating point `0.5`, expected a file's name, \
          a mapping with the key `file`, or a list of them",
        ),
        (
            "{ task: regression, train: { file: a, rows: 3 } }",
            "train.rows: unknown field `rows`, expected one of \
          `file`, `from`, `to`, `layout`, `input`, `target`",
        ),
        (
            "{ task: regression, train: [a, { file: b, to: -1 }] }",
            "train[1].to: invalid value: integer `-1`, \
          expected usize",
        ),
        (
            "{ task: regression, train: { file: a, target: -1 } }",
            "train.target: invalid type: integer `-1`, \
          expected a column's name, its number from 0, or a list of them",
        ),
        (
            "{ task: regression, train: { file: a, target: [] } }",
            "train.target: invalid length 0, expected a column's name, its number from 0, or a list of them",
        ),
        (
            "{ task: regression, train: a, validation: true }",
            "validation: invalid type: boolean `true`, expected \
          a share of the training recordings, a file's name, a mapping with the key `file`, or a list of them",
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
            "window: invalid type: integer `3`, expected struct Window",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn refused_when_checked() {
    let series: &[usize] = &[2, 100];
    let image: &[usize] = &[3, 8, 10];
    let cases = [
        ("classification", "validation: 1", series, "validation: 1; a share above 0 and below 1 is needed"),
        ("classification", "threads: 0", series, "threads: 0; 1 to 256 are supported"),
        ("regression", "class_weights: balanced", series, "class_weights: the task has no classes"),
        (
            "segmentation",
            "class_weights: [1, -1]",
            series,
            "class_weights[1]: -1; a finite number from 0 is needed",
        ),
        ("denoising", "classes: [a]", series, "classes: the task has no classes"),
        ("segmentation", "classes: []", series, "classes: the list is empty; at least one class is needed"),
        ("segmentation", "classes: [a, b, a]", series, "classes[2]: `a` is there twice"),
        (
            "segmentation",
            "stitch: {}",
            image,
            "stitch: the input is an image; only series can be laid end to end",
        ),
        (
            "segmentation",
            "window: { length: 8 }",
            image,
            "window: the input is an image; only series are cut into windows",
        ),
        (
            "segmentation",
            "window: { length: 50 }",
            series,
            "window.length: 50; the network's input has 100 samples",
        ),
        ("segmentation", "window: { length: 100, step: 0 }", series, "window.step: 0; at least 1 is needed"),
        (
            "regression",
            "noise: { snr: 0 }",
            series,
            "noise: the task is not denoising; noise in training is `augment.jitter`",
        ),
        (
            "denoising",
            "noise: { snr: 0 }",
            image,
            "noise: the input is an image; noise is added to series only",
        ),
        ("denoising", "noise: { snr: .nan }", series, "noise.snr: NaN; -200 to 200 dB are supported"),
        (
            "denoising",
            "noise: { snr: 0, white: -1 }",
            series,
            "noise.white: -1; a finite number from 0 is needed",
        ),
        (
            "denoising",
            "noise: { snr: 0, white: 0 }",
            series,
            "noise: white and wander are both 0; at least one must be above",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1 }",
            series,
            "noise.rate: missing; wander needs the number of samples per second",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1, rate: 0 }",
            series,
            "noise.rate: 0; a finite number above 0 is needed",
        ),
        (
            "denoising",
            "noise: { snr: 0, wander: 1, rate: 1 }",
            series,
            "noise.wander_band: 0.05 to 0.7 Hz; a band above 0 and up to 0.5 Hz is needed",
        ),
        (
            "regression",
            "augment: { jitter: -1 }",
            series,
            "augment.jitter: -1; a finite number from 0 is needed",
        ),
        (
            "regression",
            "augment: { scale: .inf }",
            series,
            "augment.scale: inf; a finite number from 0 is needed",
        ),
        ("regression", "augment: { mask: 1 }", series, "augment.mask: 1; 0 to below 1 is needed"),
        (
            "regression",
            "augment: { channel_dropout: 0.1 }",
            &[1, 100],
            "augment.channel_dropout: the input has 1 channel; at least 2 are needed",
        ),
        (
            "regression",
            "augment: { flip: true }",
            series,
            "augment.flip: the input is a series; it is for images only",
        ),
        (
            "regression",
            "augment: { crop: 2 }",
            series,
            "augment.crop: the input is a series; it is for images only",
        ),
        (
            "regression",
            "augment: { wander: 0.1 }",
            image,
            "augment.wander: the input is an image; it is for series only",
        ),
        (
            "regression",
            "augment: { shift: 100 }",
            series,
            "augment.shift: 100; less than the input's 100 is needed",
        ),
        (
            "regression",
            "augment: { crop: 4 }",
            image,
            "augment.crop: 4; less than half of the input's 8 is needed",
        ),
        ("regression", "{}", &[4], "task: an input of [N, 4]; a series or an image is needed"),
    ];
    for (task, rest, input, expected) in cases {
        let rest = if rest == "{}" { "" } else { rest };
        let config = read(&format!("task: {task}\ntrain: a\n{rest}")).unwrap();
        let error = config.validate(&Shape::new(input[0], &input[1..])).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = config.open(&Shape::new(input[0], &input[1..]), None).unwrap_err();
        assert_eq!(error.to_string(), format!("data.{expected}"));
    }
}
