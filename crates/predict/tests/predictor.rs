//! Predictions: streams and files give the same results with every interpreter, and all formats agree.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{Cursor, Read};

use data::{Recording, Target};
use graph::reference::Interpreter;
use graph::{Array, BuildError, Conv, Graph, Padding, Scope, Value, Weights};
use model::{Model, Normalization, Task};
use predict::{Predictor, classes, csv, json, npz};

/// A model for series `[2, 16]` whose channels have mean 1 and deviation 2.
fn model(
    task: Task,
    classes: &[&str],
    layers: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>,
) -> Model {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 16])?;
        let y = layers(g, x)?;
        g.output("y", y)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 7);
    Model {
        task: Some(task),
        classes: classes.iter().map(|&name| name.to_owned()).collect(),
        normalization: Normalization { mean: vec![1.0; 2], deviation: vec![2.0; 2] },
        ..Model::new(graph, weights)
    }
}

fn predictor(
    task: Task,
    classes: &[&str],
    layers: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>,
) -> Predictor {
    Predictor::new(&model(task, classes, layers)).unwrap()
}

/// The same predictions on another interpreter, which cannot stream.
fn on_reference(model: &Model) -> Predictor {
    let interpreter = Interpreter::new(model.graph.clone(), model.weights.clone()).unwrap();
    Predictor::with_interpreter(model, Box::new(interpreter))
}

fn classifier() -> Predictor {
    predictor(Task::Classification, &["rest", "walk", "run"], |g, x| {
        let x = g.conv("conv", x, Conv::new(4, 3))?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        g.linear("head", x, 3)
    })
}

fn denoiser(padding: Padding) -> Model {
    model(Task::Denoising, &[], |g, x| {
        let x = g.conv("a", x, Conv { padding, ..Conv::new(4, 5) })?;
        g.conv("b", x, Conv { padding, ..Conv::new(2, 3) })
    })
}

fn recording(samples: usize) -> Recording {
    let input = Array::from_fn([2, samples], |i| ((i * 37 % 23) as f32 - 11.0) / 5.0);
    Recording::new("a series", input, Target::None)
}

/// The lines that a stream gives for a recording, without the header.
fn stream_lines(predictor: &mut Predictor, recording: &Recording, step: Option<usize>) -> Vec<String> {
    let samples = recording.input.shape()[1];
    let values = recording.input.data();
    let lines: String = (0..samples).map(|t| format!("{},{}\n", values[t], values[samples + t])).collect();
    let mut output = Vec::new();
    predictor.predict_stream(step, lines.as_bytes(), &mut output).unwrap();
    String::from_utf8(output).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// The lines of the CSV table for a recording, without the header and the origin.
fn file_lines(predictor: &mut Predictor, recording: &Recording, step: Option<usize>) -> Vec<String> {
    let predictions = predictor.predict(std::slice::from_ref(recording), step).unwrap();
    let table = String::from_utf8(csv(predictor, &predictions)).unwrap();
    table.lines().skip(1).map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
}

#[test]
fn a_stream_gives_the_predictions_of_a_file() {
    for padding in [Padding::Same, Padding::Causal] {
        let denoiser = denoiser(padding);
        for mut predictor in [Predictor::new(&denoiser).unwrap(), on_reference(&denoiser)] {
            for samples in [1, 15, 16, 50] {
                let recording = recording(samples);
                let expected = file_lines(&mut predictor, &recording, None);
                assert_eq!(expected.len(), samples);
                assert_eq!(stream_lines(&mut predictor, &recording, None), expected);
                assert_eq!(stream_lines(&mut predictor, &recording, Some(7)), expected);
            }
        }
    }
    for step in [None, Some(5), Some(20)] {
        let (mut classifier, recording) = (classifier(), recording(50));
        assert_eq!(
            stream_lines(&mut classifier, &recording, step),
            file_lines(&mut classifier, &recording, step)
        );
    }
}

/// A long series of several pieces of the engine, and the same with pieces that overlap.
#[test]
fn the_engine_agrees_with_other_interpreters() {
    for padding in [Padding::Same, Padding::Causal] {
        let denoiser = denoiser(padding);
        let recordings = [recording(1000), recording(3)];
        let expected = on_reference(&denoiser).predict(&recordings, None).unwrap();
        let found = Predictor::new(&denoiser).unwrap().predict(&recordings, None).unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.outputs.shape(), expected.outputs.shape());
            for (found, expected) in found.outputs.data().iter().zip(expected.outputs.data()) {
                assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
            }
        }
    }
}

/// A causal network predicts from a line before the next one is read; one that looks ahead waits for the samples that
/// it reads.
#[test]
fn predictions_come_as_soon_as_they_are_known() {
    for (padding, delay) in [(Padding::Causal, 0), (Padding::Same, 3)] {
        let mut predictor = Predictor::new(&denoiser(padding)).unwrap();
        let mut output = Vec::new();
        let error =
            predictor.predict_stream(None, "1,2\n".repeat(9).as_bytes().chain(&b"x\n"[..]), &mut output);
        assert!(error.is_err());
        assert_eq!(String::from_utf8(output).unwrap().lines().count(), 1 + 9 - delay);
    }
}

#[test]
fn all_formats_agree() {
    let mut classifier = classifier();
    let predictions = classifier.predict(&[recording(50)], None).unwrap();
    assert_eq!(predictions.iter().map(|prediction| prediction.start).collect::<Vec<_>>(), [0, 16, 32]);
    let document: serde_json::Value = serde_json::from_slice(&json(&classifier, &predictions)).unwrap();
    assert_eq!(document["classes"], serde_json::json!(["rest", "walk", "run"]));
    let mut archive = zip::ZipArchive::new(Cursor::new(npz(&classifier, &predictions))).unwrap();
    let mut bytes = Vec::new();
    archive.by_name("probabilities.npy").unwrap().read_to_end(&mut bytes).unwrap();
    let stored = data::npy::read(&bytes).unwrap();
    assert_eq!(stored.shape(), [3, 3]);
    for (i, prediction) in predictions.iter().enumerate() {
        let probabilities = classifier.probabilities(&prediction.outputs.rounded());
        assert!((probabilities.data().iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(stored.data()[3 * i..][..3], *probabilities.data());
        let class = classes(&probabilities)[0];
        assert_eq!(document["predictions"][i]["class"], ["rest", "walk", "run"][class]);
        assert_eq!(document["predictions"][i]["start"], 16 * i);
    }
}

/// A model without class names predicts with the indices as names, in files and streams.
#[test]
fn a_model_without_class_names() {
    let mut unnamed = predictor(Task::Classification, &[], |g, x| {
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        g.linear("head", x, 3)
    });
    assert_eq!(unnamed.classes().unwrap(), ["0", "1", "2"]);
    let recording = recording(32);
    let predictions = unnamed.predict(std::slice::from_ref(&recording), None).unwrap();
    let table = String::from_utf8(csv(&unnamed, &predictions)).unwrap();
    assert_eq!(table.lines().next(), Some("origin,start,class,p_0,p_1,p_2"));
    assert_eq!(stream_lines(&mut unnamed, &recording, None), file_lines(&mut unnamed, &recording, None));
    let single = predictor(Task::Segmentation, &[], |g, x| g.conv("head", x, Conv::new(1, 1)));
    assert_eq!(single.classes().unwrap(), ["0", "1"]);
}

/// The header is written with the first prediction, so that a bad first line leaves no output.
#[test]
fn a_stream_without_predictions_has_no_output() {
    for (input, expected) in [
        ("", "line 1: expected at least one sample, found none"),
        ("1,two\n", "line 1: expected a finite number, found `two`"),
    ] {
        let mut output = Vec::new();
        let error = classifier().predict_stream(None, input.as_bytes(), &mut output).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(output.is_empty());
    }
}

#[test]
fn values_are_in_the_units_of_the_data() {
    // A network that returns its input.
    let mut identity = predictor(Task::Denoising, &[], |g, x| g.slice("all", x, 0, 2));
    let recording = recording(20);
    let outputs = identity.predict(std::slice::from_ref(&recording), None).unwrap().remove(0).outputs;
    for (output, input) in outputs.data().iter().zip(recording.input.data()) {
        assert!((output - input).abs() < 1e-6, "expected {input}, found {output}");
    }
}

/// A network with two outputs, the means of its channels.
fn means(task: Task, change: impl FnOnce(&mut Model)) -> Predictor {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 16])?;
        let x = g.global_mean("mean", x)?;
        let y = g.flatten("flatten", x)?;
        g.output("y", y)
    })
    .unwrap();
    let mut model = Model { task: Some(task), ..Model::new(graph.clone(), Weights::initial(&graph, 0)) };
    change(&mut model);
    Predictor::new(&model).unwrap()
}

fn constant(first: f64, second: f64) -> Recording {
    let input = data::Values::from_fn([2, 16], |i| if i < 16 { first } else { second });
    Recording::new("a constant", input, Target::None)
}

fn entry(archive: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// In f32, the numbers would be rounded to multiples of 0.5.
#[test]
fn regression_outputs_have_names_and_are_f64_in_the_units_of_the_targets() {
    let mut regressor = means(Task::Regression, |model| {
        model.outputs = vec!["east".to_owned(), "north".to_owned()];
        model.target_normalization =
            Some(Normalization { mean: vec![5_312_345.25, -0.5], deviation: vec![0.125, 2.0] });
    });
    let predictions = regressor.predict(&[constant(1.0, 0.25)], None).unwrap();
    assert_eq!(predictions[0].outputs.data(), [5_312_345.375, 0.0]);
    let table = String::from_utf8(csv(&regressor, &predictions)).unwrap();
    assert_eq!(table, "origin,start,east,north\na constant,0,5312345.375,0\n");
    let document: serde_json::Value = serde_json::from_slice(&json(&regressor, &predictions)).unwrap();
    assert_eq!(document["outputs"], serde_json::json!(["east", "north"]));
    assert_eq!(document["predictions"][0]["values"], serde_json::json!([5_312_345.375, 0.0]));
    let archive = npz(&regressor, &predictions);
    let bytes = entry(&archive, "outputs.npy");
    assert!(String::from_utf8_lossy(&bytes).contains("'<f8'"));
    assert_eq!(bytes[bytes.len() - 16..bytes.len() - 8], 5_312_345.375f64.to_le_bytes());
    assert!(!entry(&archive, "output_names.npy").is_empty());
    assert_eq!(stream_lines(&mut regressor, &constant(1.0, 0.25), None), ["0,5312345.375,0"]);
}

#[test]
fn a_recording_can_have_several_labels() {
    let mut labeler = means(Task::MultiLabel, |model| {
        model.classes = vec!["apnea".to_owned(), "arousal".to_owned()];
    });
    let recordings = [constant(1.0, -30.0), constant(30.0, 30.0), constant(0.0, -2.0)];
    let predictions = labeler.predict(&recordings, None).unwrap();
    let table = String::from_utf8(csv(&labeler, &predictions)).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "origin,start,apnea,arousal,p_apnea,p_arousal");
    assert!(lines[1].starts_with("a constant,0,1,0,0.731058"), "{}", lines[1]);
    assert_eq!(lines[2], "a constant,0,1,1,1,1");
    let document: serde_json::Value = serde_json::from_slice(&json(&labeler, &predictions)).unwrap();
    let labels: Vec<_> = (0..3).map(|i| &document["predictions"][i]["labels"]).collect();
    assert_eq!(serde_json::json!(labels), serde_json::json!([["apnea"], ["apnea", "arousal"], []]));
    let labels = data::npy::read(&entry(&npz(&labeler, &predictions), "labels.npy")).unwrap();
    assert_eq!(labels.shape(), [3, 2]);
}

/// Denoised channels have the names of the input's.
#[test]
fn denoised_channels_keep_their_names() {
    let identity = means(Task::Denoising, |model| model.channels = vec!["x".to_owned(), "y".to_owned()]);
    assert_eq!(identity.output_names(), ["x", "y"]);
    assert_eq!(Predictor::new(&denoiser(Padding::Same)).unwrap().output_names(), ["value_1", "value_2"]);
}

/// Numbers are f64 until they are normalized. Only a number that is not finite in f32 after that is refused.
#[test]
fn a_number_that_is_too_large_after_normalization_is_refused() {
    let mut centered = means(Task::Regression, |model| {
        model.normalization = Normalization { mean: vec![1e99, 0.0], deviation: vec![1e98, 1.0] };
    });
    let predictions = centered.predict(&[constant(1.1e99, 0.0)], None).unwrap();
    assert!((predictions[0].outputs.data()[0] - 1.0).abs() < 1e-6);
    let error = centered.predict(&[constant(0.0, 1e99)], None).unwrap_err().to_string();
    assert_eq!(error, "a constant: expected numbers near those that the model was trained on, found 1e99");
    let error = centered.predict_stream(None, &b"0,1\n0,-1e99\n"[..], Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "line 2: expected numbers near those that the model was trained on, found -1e99");
}

#[test]
fn a_stream_may_begin_with_a_header() {
    let mut named = means(Task::Regression, |model| model.channels = vec!["x".to_owned(), "y".to_owned()]);
    let text = format!("time,y,x\n{}", "9,2,1\n".repeat(16));
    let mut output = Vec::new();
    named.predict_stream(None, text.as_bytes(), &mut output).unwrap();
    assert_eq!(String::from_utf8(output).unwrap(), "start,value_1,value_2\n0,1,2\n");
    let error = named.predict_stream(None, &b"time,y,x\n"[..], Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "line 2: expected at least one sample, found none");
}
