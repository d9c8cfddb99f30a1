//! Reports of data with names, groups and units.

use std::fmt::Write;
use std::path::Path;

use crate::printed;

/// Values that look random, the same in each run.
fn noise(i: usize) -> f64 {
    ((i + 1) * 48_271 % 65_537) as f64 / 65_537.0 - 0.5
}

/// Trains in `folder` and returns the report.
fn report(folder: &Path, config: &str) -> String {
    let (file, run) = (folder.join("c.yaml"), folder.join("run"));
    std::fs::write(&file, config).unwrap();
    let words = ["train", file.to_str().unwrap(), "--threads", "1", "--output", run.to_str().unwrap()];
    printed(&words);
    std::fs::read_to_string(run.join("report.html")).unwrap()
}

#[track_caller]
fn contains(report: &str, texts: &[&str]) {
    for text in texts {
        assert!(report.contains(text), "`{text}` is missing");
    }
}

#[test]
fn a_report_of_a_regression_has_outputs_groups_and_the_worst_examples() {
    let folder = tempfile::tempdir().unwrap();
    for (name, count) in [("train.csv", 32_usize), ("test.csv", 24)] {
        let mut table = "a,b,c,d,subject,rate,length\n".to_owned();
        for i in 0..count {
            let x = |k: usize| noise(4 * i + k + 1000 * count);
            let (rate, length) = (80.0 + 20.0 * x(0), 0.7 + 0.2 * x(1));
            writeln!(table, "{},{},{},{},{name}{},{rate},{length}", x(0), x(1), x(2), x(3), i % 3).unwrap();
        }
        std::fs::write(folder.path().join(name), table).unwrap();
    }
    let report = report(
        folder.path(),
        "name: t\n\
         input: { channels: 1, length: 4 }\n\
         classes: 2\n\
         architecture: resnet\n\
         params: { stages: [{ channels: 4, depth: 1, kernel: 3 }] }\n\
         data:\n\
         \x20 task: regression\n\
         \x20 format: { group: subject, target: [rate, length] }\n\
         \x20 train: train.csv\n\
         \x20 test: test.csv\n\
         train: { epochs: 1, batch_size: 8 }\n",
    );
    contains(
        &report,
        &["Errors by output", "rate: predicted against true", "length: predicted against true"],
    );
    contains(&report, &["By group", "test.csv2", "among the worst: loss", "typical: the median loss"]);
    contains(&report, &["mean of the training targets", "Evaluated on test data.", "group test.csv"]);
}

#[test]
fn a_report_of_samples_has_names_of_channels_and_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "acc_x,acc_y,activity\n".to_owned();
    for i in 0..512_usize {
        let activity = ["rest", "walk"][i / 64 % 2];
        writeln!(table, "{},{},{activity}", noise(2 * i), noise(2 * i + 1)).unwrap();
    }
    std::fs::write(folder.path().join("day.csv"), table).unwrap();
    let report = report(
        folder.path(),
        "name: t\n\
         input: { channels: 2, length: 32 }\n\
         classes: 2\n\
         architecture: tcn\n\
         params: { padding: same, blocks: [{ channels: 4, depth: 1, kernel: 3, dilation: 1 }] }\n\
         data:\n\
         \x20 task: segmentation\n\
         \x20 sampling_rate: 50\n\
         \x20 format: { layout: samples, target: activity }\n\
         \x20 train: { file: day.csv, to: 256 }\n\
         \x20 test: { file: day.csv, from: 256 }\n\
         \x20 window: { length: 32 }\n\
         train: { epochs: 1, batch_size: 4 }\n",
    );
    contains(&report, &["acc_x", "acc_y", "time in s", "IoU", "from 0.64 s", "ROC", "most frequent class"]);
    assert!(!report.contains("channel 0"));
}

#[test]
fn a_report_without_test_data_is_of_the_validation_set_and_compares_with_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "a,b,c,d,label\n".to_owned();
    for i in 0..60_usize {
        let x = |k: usize| noise(4 * i + k);
        let label = if i % 6 == 0 { "rare" } else { "usual" };
        writeln!(table, "{},{},{},{},{label}", x(0), x(1), x(2), x(3)).unwrap();
    }
    std::fs::write(folder.path().join("t.csv"), table).unwrap();
    let report = report(
        folder.path(),
        "name: t\n\
         input: { channels: 1, length: 4 }\n\
         classes: 2\n\
         architecture: resnet\n\
         params: { stages: [{ channels: 4, depth: 1, kernel: 3 }] }\n\
         data:\n\
         \x20 task: classification\n\
         \x20 train: t.csv\n\
         \x20 validation: 0.2\n\
         train: { epochs: 1, batch_size: 8 }\n",
    );
    contains(
        &report,
        &["Evaluated on validation data.", "No better than a baseline.", "most frequent class (usual)"],
    );
}
