//! Every number in the section `data` is checked before a file is read: what is accepted gives finite examples.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::{Config, Order, Splits, Targets};
use files::{Folder, shape};

/// A section with all of its numbers set, for series or for images, each to a usual value.
const SECTIONS: [(&str, &[usize]); 4] = [
    (
        "task: classification
train: { file: a.csv, from: 0, to: 40, target: 8 }
classes: [a, b]
class_weights: [1, 2]
validation: 0.25
threads: 2
augment: { jitter: 0.5, scale: 0.5, shift: 2, channel_dropout: 0.5, mask: 0.5, wander: 0.5 }
",
        &[2, 4],
    ),
    (
        "task: segmentation
train: a.csv
stitch: { seed: 3 }
window: { length: 8, step: 4, evaluation_step: 4 }
test: a.csv
allow_overlap: true
",
        &[2, 8],
    ),
    (
        "task: denoising
train: { file: a.csv, target: 8 }
window: { length: 4, step: 2 }
noise: { snr: 3, white: 1, wander: 0.5, sampling_rate: 50, wander_band: [0.25, 0.75], seed: 7 }
",
        &[2, 4],
    ),
    (
        "task: classification
train: { file: a.csv, target: 8 }
augment: { shift: 1, crop: 0 }
",
        &[1, 2, 4],
    ),
];

const EXTREMES: [&str; 22] = [
    "0",
    "-0.0",
    "-1",
    "1",
    "1.5",
    "1e-320",
    "1e-40",
    "1e-7",
    "-1e308",
    "1e308",
    "1e39",
    "1e38",
    "1e7",
    "1000",
    "16777217",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    ".nan",
    ".inf",
    "-.inf",
    "0.999999",
];

/// The places of the numbers in a section.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut found = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices() {
        let before = if i == 0 { ' ' } else { text.as_bytes()[i - 1].into() };
        match start {
            None if c.is_ascii_digit() && !before.is_alphanumeric() => start = Some(i),
            Some(first) if !is_number(c) => {
                found.push(first..i);
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn folder() -> Folder {
    let mut text = String::new();
    for i in 0..40 {
        let values: Vec<String> = (0..8).map(|j| ((i * 7 + j * 3) % 11).to_string()).collect();
        text += &format!("{},{}\n", values.join(","), ["a", "b"][i % 2]);
    }
    Folder::of(&[("a.csv", text.as_bytes())])
}

fn assert_finite(splits: &Splits, case: &str) {
    for examples in
        [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()].into_iter().flatten()
    {
        for order in [Order::InOrder, Order::Shuffled { seed: 0, epoch: 0 }] {
            for batch in examples.batches(order, 16, 0) {
                let batch = batch.unwrap();
                assert!(batch.input.data().iter().all(|value| value.is_finite()), "{case}");
                if let Targets::Values(values) = &batch.target {
                    assert!(values.data().iter().all(|value| value.is_finite()), "{case}");
                }
            }
        }
    }
    if let Some(weights) = &splits.class_weights {
        assert!(
            weights.iter().all(|weight| weight.is_finite()) && weights.iter().any(|weight| *weight > 0.0)
        );
    }
}

#[test]
fn every_number_is_refused_before_files_are_read_or_gives_finite_examples() {
    let folder = folder();
    let (mut refused, mut accepted) = (0, 0);
    for (section, input) in SECTIONS {
        assert_finite(&folder.open(section, input).unwrap(), section);
        for place in numbers(section) {
            for extreme in EXTREMES {
                let text = format!("{}{extreme}{}", &section[..place.start], &section[place.end..]);
                let Ok(config) = serde_yaml::from_str::<Config>(&text) else {
                    refused += 1;
                    continue;
                };
                if let Err(error) = config.validate(&shape(input)) {
                    let error = error.to_string();
                    assert!(error.len() < 200, "{error}");
                    refused += 1;
                    continue;
                }
                match config.open(&shape(input), folder.path()) {
                    Ok(splits) => assert_finite(&splits, &text),
                    // Some numbers can only be compared with the files.
                    Err(error) => {
                        let error = folder.tidy(&error);
                        let of_files = ["a.csv: ", "data.validation: expected a share that leaves"];
                        assert!(of_files.iter().any(|start| error.starts_with(start)), "{text}: {error}");
                    }
                }
                accepted += 1;
            }
        }
    }
    assert!(refused > 100 && accepted > 100, "{refused} refused, {accepted} accepted");
}

#[test]
fn errors_name_the_field() {
    let denoising = "task: denoising\ntrain: a\n";
    let classes = "task: classification\ntrain: a\n";
    let cases = [
        (
            denoising,
            "noise: { snr: 0, sampling_rate: -1 }",
            "noise.sampling_rate: expected a positive number, found -1",
        ),
        (
            denoising,
            "noise: { snr: 0, sampling_rate: 0 }",
            "noise.sampling_rate: expected a positive number, found 0",
        ),
        (denoising, "noise: { snr: 0, sampling_rate: 1e308 }", ""),
        (denoising, "noise: { snr: 0, white: 1e-9 }", ""),
        (denoising, "noise: { snr: 0, white: 1e300 }", ""),
        (denoising, "noise: { snr: 0, wander_band: [-1, 1] }", ""),
        (classes, "class_weights: [1, 1e30]", ""),
        (classes, "class_weights: [0, 0]", ""),
        (classes, "classes: [a, b]\nclass_weights: [1]", ""),
        (classes, "classes: [a, \"b\\e[2J\"]", ""),
        (classes, "augment: { jitter: 1e308 }", ""),
        (classes, "window: { length: 8, step: 18446744073709551615 }", ""),
        ("task: classification\n", "train: { file: a, from: 3, to: 3 }", ""),
        (classes, "test: [b, { file: c, from: 3, to: 1 }]", ""),
        (classes, "test: { file: c, target: [x, 0, x] }", ""),
        (classes, "test: [b, c, b]", ""),
        (classes, "test: [{ file: c, from: 1, to: 5 }, { file: c, to: 2 }]", ""),
    ];
    let mut found = String::new();
    for (section, rest, expected) in cases {
        let config: Config = serde_yaml::from_str(&format!("{section}{rest}\n")).unwrap();
        let error = config.validate(&shape(&[2, 8])).unwrap_err().to_string();
        if expected.is_empty() {
            found += &format!("{error}\n");
        } else {
            assert_eq!(error, expected);
        }
    }
    expect_test::expect![[r#"
        noise.sampling_rate: expected 1e-9 to 1000000000 samples per second, found 1e308
        noise.white: expected 0, or at least 1e-6, found 1e-9
        noise.white: expected at most 1000000, found 1e300
        noise.wander_band: expected a band above 0 and up to 500000000 Hz, found -1 to 1 Hz
        class_weights[1]: expected at most 1000000, found 1e30
        class_weights: expected at least one positive weight, found none
        class_weights: expected 2 weights, one per class, found 1
        classes[1]: expected a name without control characters, found `b\u{1b}[2J`
        augment.jitter: expected at most 1000, found 1e308
        window.step: expected at most 16777216, found 18446744073709551615
        train.to: expected more than `from`, 3, found 3
        test[1].to: expected more than `from`, 3, found 1
        test.target[2]: the column `x` appears twice
        test[2]: overlaps with entry 0; list each recording once
        test[1]: overlaps with entry 0; list each recording once
    "#]]
    .assert_eq(&found);
}

#[test]
fn too_many_classes_are_refused() {
    let config = Config {
        classes: Some((0..70_000).map(|i| i.to_string()).collect()),
        ..Config::new(data::Task::Classification)
    };
    let error = config.validate(&shape(&[2, 8])).unwrap_err().to_string();
    assert!(error.starts_with("classes: expected at most 65536 classes, found 70000"), "{error}");
}
