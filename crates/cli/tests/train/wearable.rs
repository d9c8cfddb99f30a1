//! From the raw table of a wearable to a leave-one-subject-out result and predictions on a new file, with one config.
//!
//! The table is synthetic and has the usual features: comments, units, times with a gap, several subjects with
//! recordings of unequal length, missing cells, a column that is not an input, and a rare class.

use std::fmt::Write;

use graph::Noise;

use crate::{ended, printed};

const SUBJECTS: [&str; 4] = ["anna", "ben", "cara", "dan"];
/// Samples per second.
const RATE: f64 = 25.0;

const CONFIG: &str = "\
name: wearable
input: { channels: 3, length: 100 }
classes: 3
architecture: tcn
params: { padding: same, blocks: [{ channels: 8, depth: 1, kernel: 5, dilation: 1 }, { channels: 8, depth: 1, kernel: 5, dilation: 4 }] }
data:
  task: segmentation
  train: day.csv
  format: { layout: samples, channels: [acc_x, acc_y, acc_z], ignore: [battery], target: activity, group: subject, time: time }
  classes: [rest, walk, fall]
  missing: interpolate
  pad: edge
  window: { length: 100, step: 25 }
  class_weights: balanced
train: { epochs: 8, batch_size: 16, learning_rate: 0.01, schedule: constant }
";

/// The activity of sample `i`: mostly rest and walk, and a fall of half a second now and then.
fn activity(i: usize) -> &'static str {
    match i {
        _ if (i + 150) % 400 < 12 => "fall",
        _ if (i / 125).is_multiple_of(2) => "rest",
        _ => "walk",
    }
}

/// The acceleration of sample `i` in g.
fn acceleration(i: usize, noise: Noise) -> [f64; 3] {
    let normal = |axis: u64| 0.03 * noise.normal(3 * i as u64 + axis);
    let phase = std::f64::consts::TAU * 2.0 * i as f64 / RATE;
    let [x, z] = match activity(i) {
        "walk" => [0.5 * phase.sin(), 1.0 + 0.4 * phase.cos()],
        "fall" => [2.5, -1.5],
        _ => [0.0, 1.0],
    };
    [x + normal(0), normal(1), z + normal(2)]
}

/// The rows of one subject, `samples` of them, with a gap of two minutes in the middle. The columns `subject` and
/// `activity` are left out if there is no `subject`.
fn rows(table: &mut String, subject: Option<&str>, samples: usize, noise: Noise) {
    for i in 0..samples {
        let gap = if i < samples / 2 { 0.0 } else { 120.0 };
        let seconds = i as f64 / RATE + gap;
        let (minute, second) = ((seconds / 60.0).floor(), seconds % 60.0);
        let [x, y, z] = acceleration(i, noise);
        // A cell in 97 is missing.
        let y = if i % 97 == 50 { String::new() } else { format!("{y:.4}") };
        let (subject, activity) = match subject {
            Some(subject) => (format!("{subject};"), format!(";{}", activity(i))),
            None => (String::new(), String::new()),
        };
        writeln!(
            table,
            "2026-03-01T08:{minute:02.0}:{second:06.3};{subject}{x:.4};{y};{z:.4};{}{activity}",
            90 - i / 500
        )
        .unwrap();
    }
}

fn day() -> String {
    let mut table =
        "# watch 7, firmware 1.2\ntime;subject;acc_x;acc_y;acc_z;battery;activity\n;;g;g;g;%;\n".to_owned();
    for (i, subject) in SUBJECTS.into_iter().enumerate() {
        rows(&mut table, Some(subject), 900 + 230 * i, Noise::of(subject));
    }
    table
}

#[test]
fn one_config_takes_a_raw_table_to_results_by_subject_and_predictions() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("day.csv"), day()).unwrap();
    std::fs::write(path("wearable.yaml"), CONFIG).unwrap();
    let (config, run) = (path("wearable.yaml"), path("run"));
    let output = ended(&["train", &config, "--folds", "group", "--threads", "1", "--output", &run]);
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{stderr}");

    // Conclusions about the table. Each subject has two recordings, before and after the gap.
    for note in ["separator `;`", "row 2", "1 comment line", "units", "gaps in the times"] {
        assert!(stderr.contains(note), "{note}: {stderr}");
    }
    assert!(stderr.contains("test: 2 recordings"), "{stderr}");

    let columns: Vec<&str> = stdout.lines().next().unwrap().split_whitespace().collect();
    let column = columns.iter().position(|name| *name == "macro_f1").unwrap();
    for row in SUBJECTS.map(|subject| format!("group:{subject}")).iter().map(String::as_str).chain(["mean"]) {
        let line = stdout.lines().find(|line| line.starts_with(&format!("{row} "))).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        // The rows below the folds have no number of examples.
        let cell = cells[if row == "mean" { column - 1 } else { column }];
        assert!(cell.parse::<f64>().unwrap() > 0.9, "{stdout}");
    }
    let report = std::fs::read_to_string(format!("{run}/report.html")).unwrap();
    assert!(SUBJECTS.iter().all(|subject| report.contains(subject)));
    let fold = format!("{run}/fold-1");
    let report = std::fs::read_to_string(format!("{fold}/report.html")).unwrap();
    assert!(["acc_x", "fall", "anna"].iter().all(|name| report.contains(name)));
    assert!(printed(&["evaluate", &fold]).contains("test examples"));

    // A new file has neither the subject nor the activity, and its columns are in another order.
    let (mut table, noise) = ("battery;acc_z;acc_x;acc_y\n".to_owned(), Noise::of("new"));
    for i in 0..600 {
        let [x, y, z] = acceleration(i, noise);
        writeln!(table, "88;{z:.4};{x:.4};{y:.4}").unwrap();
    }
    std::fs::write(path("new.csv"), table).unwrap();
    let predictions = printed(&["predict", &fold, &path("new.csv")]);
    let classes: Vec<&str> =
        predictions.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(classes.len(), 600, "{predictions}");
    let right = classes.iter().enumerate().filter(|(i, class)| **class == activity(*i)).count();
    assert!(right > 570, "{right} of 600");
}
