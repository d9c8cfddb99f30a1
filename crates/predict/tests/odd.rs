//! Odd names, recordings, steps and streams: every output stays well-formed, and every refusal is one line.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{BufReader, Cursor, Read};

use data::{Recording, Target};
use graph::{Array, Conv, Graph, Padding, Weights};
use model::{Model, Task};
use predict::{Predictor, csv, json, npz};

const NAMES: [&str; 6] = ["", "a,\"b\"\n", "\u{1b}[2J", "\u{202e}evil", "\u{0}", "p_0"];

/// A network for series `[2, 16]` with six classes, for each series or for each sample.
fn predictor(is_dense: bool, classes: &[&str]) -> Predictor {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 16])?;
        let x = g.conv("conv", x, Conv { padding: Padding::Same, ..Conv::new(6, 3) })?;
        let x = if is_dense {
            x
        } else {
            let x = g.global_mean("mean", x)?;
            g.flatten("flatten", x)?
        };
        g.output("y", x)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 7);
    let task = if is_dense { Task::Segmentation } else { Task::Classification };
    let model = Model {
        task: Some(task),
        classes: classes.iter().map(|&name| name.to_owned()).collect(),
        ..Model::new(graph, weights)
    };
    Predictor::new(&model).unwrap()
}

fn recording(shape: &[usize]) -> Recording {
    let input = Array::from_fn(shape, |i| ((i * 37 % 23) as f32 - 11.0) / 5.0);
    Recording::new("night\n\u{1b}[2J.csv", input, Target::None)
}

#[test]
fn names_are_kept_exactly_in_every_format() {
    for is_dense in [false, true] {
        let mut predictor = predictor(is_dense, &NAMES);
        let predictions = predictor.predict(&[recording(&[2, 40]), recording(&[2, 16])], None).unwrap();
        let table = csv(&predictor, &predictions);
        let mut reader = csv::Reader::from_reader(&table[..]);
        let header = reader.headers().unwrap().clone();
        if !is_dense {
            let names: Vec<String> = NAMES.iter().map(|name| format!("p_{name}")).collect();
            assert_eq!(header.iter().skip(3).collect::<Vec<_>>(), names);
        }
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert!(!rows.is_empty());
        for row in &rows {
            assert_eq!(&row[0], "night\n\u{1b}[2J.csv");
            assert!(NAMES.contains(&&row[2]), "{row:?}");
        }
        let document: serde_json::Value = serde_json::from_slice(&json(&predictor, &predictions)).unwrap();
        assert_eq!(document["classes"], serde_json::json!(NAMES));
        assert_eq!(document["predictions"][0]["origin"], "night\n\u{1b}[2J.csv");
        let archive = npz(&predictor, &predictions);
        assert!(
            zip::ZipArchive::new(Cursor::new(archive)).unwrap().index_for_name("class_names.npy").is_some()
        );
    }
}

/// A model in memory may have any list of class names; the network's outputs determine their number.
#[test]
fn names_that_are_missing_are_indices() {
    for names in [&["a", "b"][..], &["a", "b", "c", "d", "e", "f", "g", "h"]] {
        let mut predictor = predictor(false, names);
        let classes = predictor.classes().unwrap();
        assert_eq!((classes.len(), &classes[..2]), (6, &["a".to_owned(), "b".to_owned()][..]));
        let predictions = predictor.predict(&[recording(&[2, 16])], None).unwrap();
        assert!(!csv(&predictor, &predictions).is_empty() && !json(&predictor, &predictions).is_empty());
    }
}

#[test]
fn one_long_name_does_not_multiply_the_size_of_an_archive() {
    let long = "x".repeat(1 << 20);
    let mut predictor = predictor(false, &["a", "b", "c", "d", "e", &long]);
    let predictions = predictor.predict(&[recording(&[2, 16])], None).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(npz(&predictor, &predictions))).unwrap();
    let mut bytes = Vec::new();
    archive.by_name("class_names.npy").unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes.len() < 6 * 4 * 1000 + 200, "{} bytes", bytes.len());
}

#[test]
fn recordings_of_other_axes_are_refused_in_one_line() {
    let mut predictor = predictor(false, &NAMES);
    for shape in [&[16][..], &[3, 16], &[2, 4, 4], &[], &[0, 16]] {
        let error =
            predictor.predict(&[recording(&[2, 16]), recording(shape)], None).unwrap_err().to_string();
        let expected =
            format!(r"night\n\u{{1b}}[2J.csv: expected an input of shape [2, 16], found {shape:?}");
        assert_eq!(error, expected);
    }
    let error = predictor.predict(&[recording(&[2, 0])], None).unwrap_err().to_string();
    assert_eq!(error, r"night\n\u{1b}[2J.csv: expected at least one sample, found none");
}

#[test]
fn images_of_other_sizes_are_not_put_into_one_batch() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [1, 8, 8])?;
        let x = g.conv("conv", x, Conv::new(2, [3, 3]))?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        g.output("y", x)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 7);
    let model = Model { task: Some(Task::Classification), ..Model::new(graph, weights) };
    let mut predictor = Predictor::new(&model).unwrap();
    let images = [recording(&[1, 8, 8]), recording(&[1, 9, 12]), recording(&[1, 9, 12])];
    let together = predictor.predict(&images, None).unwrap();
    assert_eq!(together[2], predictor.predict(&images[2..], None).unwrap()[0]);
    let error = predictor.predict_stream(None, &b"1\n"[..], Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "stream: expected a network whose input is a series, found [N, 1, 8, 8]");
}

#[test]
fn every_step_size_terminates() {
    for is_dense in [false, true] {
        let mut predictor = predictor(is_dense, &NAMES);
        for step in [0, 1, 1 << 40, usize::MAX] {
            let recording = recording(&[2, 40]);
            let predictions = predictor.predict(std::slice::from_ref(&recording), Some(step)).unwrap();
            assert!(!predictions.is_empty() && predictions.len() <= 40, "{step}");
            let mut output = Vec::new();
            predictor.predict_stream(Some(step), "1,2\n".repeat(40).as_bytes(), &mut output).unwrap();
            assert!(!output.is_empty());
        }
    }
}

/// An endless line is refused as soon as it is longer than any sample, not when memory is full.
#[test]
fn a_line_without_an_end_is_refused() {
    let mut predictor = predictor(false, &NAMES);
    let endless = BufReader::new(std::io::repeat(b'1'));
    let error = predictor.predict_stream(None, endless, Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "line 1: expected a line of at most 65664 bytes, found a longer one");
    let long = format!("1,{}\n", "x".repeat(60_000));
    let error = predictor.predict_stream(None, long.as_bytes(), Vec::new()).unwrap_err().to_string();
    assert_eq!(error, format!("line 1: expected a finite number, found `{}…`", "x".repeat(60)));
    let padded = format!("1,{}2\n", " ".repeat(60_000));
    let error = predictor.predict_stream(None, padded.as_bytes(), Vec::new());
    assert!(error.is_ok());
}

#[test]
fn a_stream_of_control_characters_is_refused_in_one_line() {
    let mut predictor = predictor(true, &NAMES);
    for line in ["\u{1b}[2J,1\n", "1,2\u{202e}\n", "1;2\n", "\u{0}\n", "1,2\u{feff}\n"] {
        let error = predictor.predict_stream(None, line.as_bytes(), Vec::new()).unwrap_err().to_string();
        assert!(error.len() < 500 && !error.contains(char::is_control), "{error}");
    }
}

/// A map that is smaller than the image still has rows and columns.
#[test]
fn a_map_of_another_size_is_a_table_too() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [1, 8, 8])?;
        let x = g.conv("conv", x, Conv { stride: 2.into(), ..Conv::new(2, [3, 3]) })?;
        g.output("y", x)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 7);
    let model = Model { task: Some(Task::Regression), ..Model::new(graph, weights) };
    let mut predictor = Predictor::new(&model).unwrap();
    let predictions = predictor.predict(&[recording(&[1, 8, 8])], None).unwrap();
    let text = String::from_utf8(predict::csv(&predictor, &predictions)).unwrap();
    assert!(text.starts_with("origin,row,column,value_1,value_2\n"), "{text}");
    let [_, height, width] = *predictions[0].outputs.shape() else { panic!("a map") };
    // Every row has as many cells as the header, or the reader refuses it.
    let rows =
        csv::Reader::from_reader(text.as_bytes()).into_records().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(rows.len(), height * width, "{text}");
}

/// The inputs are finite, but their sums are not.
#[test]
fn outputs_that_are_not_finite_are_refused() {
    let mut predictor = predictor(false, &NAMES);
    let huge = Recording::new("t.csv: row 3", Array::from_fn([2, 16], |_| 3e38), Target::None);
    let error = predictor.predict(&[huge], None).unwrap_err().to_string();
    assert!(error.starts_with("t.csv: row 3: expected finite outputs of the network, found "), "{error}");
    let line = "3e38,3e38\n".repeat(16);
    let error = predictor.predict_stream(None, BufReader::new(line.as_bytes()), Vec::new()).unwrap_err();
    assert!(error.to_string().starts_with("line 16: expected finite outputs"), "{error}");
}
