//! Settings for reading files that contradict each other or have no effect are refused by name, before a file is read.
#![allow(clippy::unwrap_used, reason = "tests")]

use data::{Config, Task};
use expect_test::expect;

fn config(text: &str) -> Config {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn settings_without_effect_are_refused_by_name() {
    let series: &[usize] = &[2, 8];
    let image: &[usize] = &[1, 8, 8];
    let cases = [
        ("classification", "train: a.csv, format: { file: b.csv }", series),
        ("classification", "train: a.csv, format: { from: 3 }", series),
        ("classification", "train: a.csv, format: { decimal: x }", series),
        ("classification", "train: { file: a.csv, separator: '5' }", series),
        ("classification", "train: { file: a.csv, separator: ',' }, format: { decimal: ',' }", series),
        ("classification", "train: { file: a.csv, channels: [x, y, x] }", series),
        ("classification", "train: [b.csv, { file: a.csv, channels: [x, y], ignore: y }]", series),
        ("classification", "train: { file: a.csv, group: s }, format: { target: s }", series),
        ("classification", "train: { file: a.csv, header: false, target: y }", series),
        ("classification", "train: a.csv, ignore_classes: [3, 0.0], classes: { 0: rest, 1: walk }", series),
        ("regression", "train: a.csv, ignore_classes: 255", series),
        ("classification", "train: a.csv, normalize_targets: none", series),
        ("classification", "train: a.csv, sampling_rate: -1", series),
        ("classification", "train: a.csv, sampling_rate: 1e300", series),
        ("classification", "train: a, sampling_rate: 25", image),
        ("denoising", "train: a.npy, sampling_rate: 25, noise: { snr: 0, sampling_rate: 360 }", series),
        ("classification", "train: a.csv, cache_size: 18446744073709551615", series),
    ];
    let mut found = String::new();
    for (task, rest, input) in cases {
        let input = graph::Shape::new(input[0], &input[1..]);
        let error = config(&format!("{{ task: {task}, {rest} }}")).validate(&input).expect_err(rest);
        found += &format!("{error}\n");
    }
    expect![[r#"
        format.file: supported only for a file of `train`, `validation` or `test`
        format.from: supported only for a file of `train`, `validation` or `test`
        format.decimal: expected `.` or `,`, found `x`
        train.separator: expected a character that is not part of numbers, found `5`
        train.separator: expected a character other than `decimal`, found `,`
        train.channels[2]: the column `x` appears twice
        train[1].ignore: the column `y` is also in `channels`
        train.group: the column `s` is also in `target`
        train.target: expected a column number with `header: false`, found `y`
        ignore_classes[1]: the label `0` is also in `classes`
        ignore_classes: supported only for classification and segmentation
        normalize_targets: supported only for regression
        sampling_rate: expected a positive number, found -1
        sampling_rate: expected 1e-9 to 1000000000 samples per second, found 1e300
        sampling_rate: supported only for series, but the input is an image
        sampling_rate: expected 360 as in `noise.sampling_rate`, found 25
        cache_size: expected at most 1073741824 MB, found 18446744073709551615
    "#]]
    .assert_eq(&found);
}

#[test]
fn settings_that_go_together_are_accepted() {
    for text in [
        "{ task: segmentation, format: { layout: samples, time: t, group: s, channels: [x, y], target: z, ignore: n }, \
         train: a.csv, test: b.csv, sampling_rate: 25, missing: hold, pad: zero, cache_size: 0, ignore_classes: 255 }",
        "{ task: classification, train: { file: a.csv, group: file, header: false, target: 0, separator: ';', decimal: ',' } }",
        "{ task: regression, train: { file: a.csv, separator: ' ', target: [a, b] }, normalize_targets: none }",
    ] {
        config(text).validate(&[2, 8].into()).unwrap();
    }
}

#[test]
fn several_target_columns_are_several_labels() {
    for (text, expected) in [
        ("{ task: classification, train: { file: a.csv, target: [4, 5] } }", Task::MultiLabel),
        ("{ task: classification, train: a.csv, format: { target: [x, y] } }", Task::MultiLabel),
        ("{ task: classification, train: a.csv, test: { file: b.csv, target: [x, y] } }", Task::MultiLabel),
        ("{ task: classification, train: { file: a.csv, target: [4] } }", Task::Classification),
        ("{ task: regression, train: { file: a.csv, target: [4, 5] } }", Task::Regression),
        ("{ task: segmentation, train: { file: a.csv, target: [4, 5] } }", Task::Segmentation),
    ] {
        assert_eq!(config(text).resolved().task, expected, "{text}");
    }
}
