//! Files and groups that differ: in the order of their columns, in their sampling rates, or in the length of their rows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;

use std::path::Path;

use data::{Config, ExampleTarget, InputReader, Order, Sharing, Splits, TrainedOn};
use files::Folder;
use graph::Shape;

fn config(text: &str) -> Config {
    let config: Config =
        serde_yaml::from_str(&format!("{{ normalize: none, allow_overlap: true, {text} }}")).unwrap();
    config.resolved()
}

fn open(text: &str, input: &Shape, folder: &Path) -> Result<Splits, String> {
    config(text).open(input, folder).map_err(|error| error.to_string())
}

fn inputs(examples: &data::Examples) -> Vec<Vec<f32>> {
    (0..examples.len()).map(|i| examples.example(i, Order::InOrder).unwrap().input.data().to_vec()).collect()
}

#[test]
fn channels_have_the_order_of_the_first_file() {
    let files = Folder::of(&[
        ("a.csv", b"x,y,label\n1,10,p\n2,20,q\n"),
        ("b.csv", b"y,label,x\n10,p,1\n20,q,2\n"),
        ("c.csv", b"x,z,label\n1,10,p\n2,20,q\n"),
    ]);
    let text =
        "task: segmentation, format: { layout: samples, target: label }, train: [a.csv, b.csv], test: b.csv";
    let splits = open(text, &[2, 2].into(), files.path()).unwrap();
    assert_eq!(splits.channels, ["x", "y"]);
    let expected = vec![1.0, 2.0, 10.0, 20.0];
    assert_eq!(inputs(&splits.train), [expected.clone(), expected.clone()]);
    assert_eq!(inputs(&splits.test.unwrap()), [expected]);

    for text in [text.replace("b.csv]", "c.csv]"), text.replace("test: b.csv", "test: c.csv")] {
        let error = open(&text, &[2, 2].into(), files.path()).unwrap_err();
        assert!(
            error.ends_with("c.csv: expected the channels x, y as in the first file, found x, z"),
            "{error}"
        );
    }
}

#[test]
fn columns_of_recordings_have_the_order_of_the_first_file() {
    let files = Folder::of(&[
        ("a.csv", b"a,b,c,d,label\n1,2,3,4,p\n5,6,7,8,q\n"),
        ("b.csv", b"label,d,c,b,a\np,4,3,2,1\nq,8,7,6,5\n"),
    ]);
    let input = Shape::new(2, [2]);
    let text = "task: classification, format: { target: label }, train: [a.csv, b.csv], test: b.csv";
    let splits = open(text, &input, files.path()).unwrap();
    let rows = [vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0, 7.0, 8.0]];
    assert_eq!(inputs(&splits.train), [rows.clone(), rows.clone()].concat());
    assert_eq!(inputs(splits.test.as_ref().unwrap()), rows);

    let config = config(text);
    let reader = InputReader {
        config: Some((&config, files.path())),
        columns: &splits.columns,
        ..InputReader::new(&input)
    };
    let read = reader.read(&files.path().join("b.csv")).unwrap().recordings;
    assert_eq!(read[1].input.data(), [5.0, 6.0, 7.0, 8.0]);
    let trained_on = TrainedOn {
        classes: &splits.classes,
        normalization: &splits.normalization,
        target_normalization: None,
        channels: &[],
        columns: &splits.columns,
        outputs: &[],
    };
    assert_eq!(inputs(&config.open_test(&input, files.path(), trained_on, Sharing::alone()).unwrap()), rows);
}

#[test]
fn labels_and_outputs_have_the_order_of_the_first_file_or_of_the_classes() {
    let files =
        Folder::of(&[("a.csv", b"v,w,p,q\n1,2,0,1\n3,4,1,1\n"), ("b.csv", b"q,v,w,p\n1,1,2,0\n1,3,4,1\n")]);
    let targets = |examples: &data::Examples| -> Vec<ExampleTarget> {
        (0..examples.len()).map(|i| examples.example(i, Order::InOrder).unwrap().target).collect()
    };
    let text =
        "task: multi_label, train: { file: a.csv, target: [p, q] }, test: { file: b.csv, target: [q, p] }";
    let input = Shape::new(1, [2]);
    let splits = open(text, &input, files.path()).unwrap();
    assert_eq!(splits.classes, ["p", "q"]);
    let expected = [vec![false, true], vec![true, true]].map(ExampleTarget::Labels);
    assert_eq!(targets(&splits.train), expected);
    assert_eq!(targets(splits.test.as_ref().unwrap()), expected);
    let reversed = open(&format!("{text}, classes: [q, p]"), &input, files.path()).unwrap();
    assert_eq!(targets(&reversed.train), [vec![true, false], vec![true, true]].map(ExampleTarget::Labels));

    let text = text.replace("multi_label", "regression, normalize_targets: none");
    let splits = open(&text, &input, files.path()).unwrap();
    assert_eq!(splits.outputs, ["p", "q"]);
    assert_eq!(targets(&splits.train), targets(splits.test.as_ref().unwrap()));
}

#[test]
fn groups_have_one_sampling_rate() {
    let mut table = "time,group,x,label\n".to_owned();
    for i in 0..12 {
        table += &format!("{},a,{i},p\n", 0.5 * i as f64);
    }
    for i in 0..20 {
        table += &format!("{},b,{i},q\n", 2.0 * i as f64);
    }
    let files = Folder::of(&[("a.csv", table.as_bytes())]);
    let text = "task: segmentation, window: { length: 4 }, train: a.csv, \
                format: { layout: samples, target: label, group: group, time: time }";
    let error = open(text, &[1, 4].into(), files.path()).unwrap_err();
    let expected = "a.csv: expected one sampling rate, found 2 Hz in the group `a` and 0.5 Hz in the group `b`; \
                    resample the series, or leave out `time`";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn samples_that_are_not_measured_are_noted() {
    let table = format!("x,label\n{}", "1,p\n2,q\n".repeat(11));
    let files = Folder::of(&[("a.csv", table.as_bytes())]);
    let text = "task: segmentation, window: { length: 4 }, format: { layout: samples, target: label }, \
                train: a.csv, test: a.csv";
    let splits = open(text, &[1, 4].into(), files.path()).unwrap();
    let note = "test: 2 samples are not measured, after the last whole window of a recording";
    assert!(splits.notes.iter().any(|found| found == note), "{:?}", splits.notes);
    let trained_on = TrainedOn {
        classes: &splits.classes,
        normalization: &splits.normalization,
        target_normalization: None,
        channels: &splits.channels,
        columns: &[],
        outputs: &[],
    };
    let test = config(text).open_test(&[1, 4].into(), files.path(), trained_on, Sharing::alone()).unwrap();
    assert_eq!(test.notes().last().map(String::as_str), Some(note));
}

#[test]
fn a_row_for_prediction_is_not_shorter_than_those_of_training() {
    let files = Folder::of(&[("s.csv", b"v\n1\n2\n3\n4\n5\n"), ("a.csv", b"1,2,3,4,5,p\n6,7,8,9,1,q\n")]);
    let config = config("task: classification, train: a.csv, window: { length: 4 }");
    let input = Shape::new(1, [4]);
    let reader = InputReader { config: Some((&config, files.path())), ..InputReader::new(&input) };
    let error = reader.read(&files.path().join("s.csv")).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "expected at least 4 samples, found 1; set `--layout samples` if each row is a sample"
        ),
        "{error}"
    );
    assert_eq!(reader.read(&files.path().join("a.csv")).unwrap().recordings.len(), 2);
}

#[test]
fn equal_recordings_stay_together_if_the_classes_need_not_be_in_exact_proportion() {
    let mut table = String::new();
    for i in 0..40 {
        let value = i % 20;
        table += &format!("{value},{},{}\n", value * value, ["p", "q"][value % 2]);
    }
    let files = Folder::of(&[("a.csv", table.as_bytes())]);
    let text = "task: classification, train: a.csv, validation: 0.25";
    let splits = open(text, &[1, 2].into(), files.path()).unwrap();
    let (kept, held_out) = (inputs(&splits.train), inputs(&splits.validation.unwrap()));
    assert!(held_out.iter().all(|input| !kept.contains(input)), "{:?}", splits.notes);
    assert!(held_out.len().abs_diff(10) <= 2, "{}", held_out.len());
}

#[test]
fn a_header_without_the_columns_of_the_model_is_refused_for_prediction() {
    let files = Folder::of(&[
        ("a.csv", b"x,y,label\n1,2,p\n3,4,q\n"),
        ("b.csv", b"y,z\n1,2\n"),
        ("c.csv", b"Y;X\n1;2\n"),
    ]);
    let config = config("task: segmentation, train: a.csv, format: { layout: samples, target: label }");
    let (input, channels) = (Shape::new(2, [1]), ["x".to_owned(), "y".to_owned()]);
    let reader = InputReader {
        config: Some((&config, files.path())),
        channels: &channels,
        ..InputReader::new(&input)
    };
    for (name, found) in [("b.csv", "y, z"), ("c.csv", "Y, X")] {
        let error = reader.read(&files.path().join(name)).unwrap_err().to_string();
        assert!(
            error.contains(&format!("expected the columns x, y of the model, found {found}; ")),
            "{error}"
        );
    }
    let settings = serde_yaml::from_str("{ channels: [X, Y] }").unwrap();
    let read = InputReader { settings, ..reader }.read(&files.path().join("c.csv")).unwrap();
    assert_eq!(read.recordings[0].input.data(), [2.0, 1.0]);
}

#[test]
fn from_and_to_count_the_samples_of_a_table_that_gaps_divide() {
    let times = [0, 1, 2, 10, 11, 12, 13];
    let rows: String = times.iter().map(|time| format!("{time},{},p\n", 10 * time)).collect();
    let files = Folder::of(&[("a.csv", format!("time,x,label\n{rows}").as_bytes())]);
    let text = "task: segmentation, window: { length: 2 }, train: { file: a.csv, to: 5 }, test: { file: a.csv, from: 5 }, \
                format: { layout: samples, time: time, target: label }";
    let splits = open(text, &[1, 2].into(), files.path()).unwrap();
    assert_eq!(inputs(&splits.train), [[0.0, 10.0], [100.0, 110.0]]);
    assert_eq!(inputs(&splits.test.unwrap()), [[120.0, 130.0]]);
}

#[test]
fn a_table_with_a_header_has_clean_signals_for_denoising() {
    let files = Folder::of(&[("a.csv", b"noisy,clean\n1,2\n3,4\n")]);
    let text = "task: denoising, train: a.csv, format: { layout: samples, target: clean }";
    let splits = open(text, &[1, 2].into(), files.path()).unwrap();
    assert_eq!((splits.channels, splits.outputs), (vec!["noisy".to_owned()], Vec::new()));
}

#[test]
fn files_of_the_ucr_archive_have_no_column_of_groups() {
    let files = Folder::of(&[("a.ts", b"@classLabel true p q\n@data\n1,2:p\n3,4:q\n")]);
    let text = "task: classification, train: { file: a.ts, group: subject }";
    let error = open(text, &[1, 2].into(), files.path()).unwrap_err();
    assert!(
        error.ends_with("`group`: expected `file` or `folder` for .ts files, found `subject`"),
        "{error}"
    );
}

#[test]
fn a_class_without_training_examples_is_noted() {
    let files = Folder::of(&[("a.csv", b"1,2,p\n3,4,p\n"), ("b.csv", b"5,6,q\n")]);
    let text = "task: classification, train: a.csv, test: b.csv, classes: [p, q]";
    let splits = open(text, &[1, 2].into(), files.path()).unwrap();
    assert_eq!(splits.notes, ["train: no training examples of q"]);
}
