//! Files in, files out.

use engine::{Engine, Options};
use graph::{Array, Forward};

use crate::arrays::Entry;
use crate::models::{
    self, ACTIVITY, CAUSAL, DENOISER, EXCITED, NUMBERS, PICTURES, PIXELS, normalized, series,
};
use crate::place::Place;

/// The outputs of the library for inputs `[N, C, …]` in the data's own units.
fn library(config: &str, inputs: &Array, merge: bool) -> Array {
    let model = models::model(config);
    let mut engine = Engine::new(&model, Options { merge, ..Options::default() }).unwrap();
    engine.forward(&[normalized(&model, inputs)]).unwrap().remove(0)
}

/// `[2, C, T]`, and its second half.
fn two(channels: usize, samples: usize) -> Array {
    let one = series(channels, samples);
    Array::from_fn([2, channels, samples], |i| {
        let value = one.data()[i % one.data().len()];
        if i < one.data().len() { value } else { 1.0 - 0.5 * value }
    })
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
    logits.iter().map(|logit| logit.exp() / sum).collect()
}

#[track_caller]
fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{i}: {found}, not {expected}");
    }
}

/// The cells of a table's rows, its header apart.
fn cells(table: &str) -> (String, Vec<Vec<String>>) {
    let mut lines = table.lines();
    let header = lines.next().unwrap().to_owned();
    // The one class with a comma in its name stands in quotes.
    let row = |line: &str| {
        let line = line.replace("\"down, slowly\"", "slowly");
        line.split(',').map(str::to_owned).collect()
    };
    (header, lines.map(row).collect())
}

/// Outputs of the command are those of the library, bit for bit, merged and not.
#[test]
fn outputs_are_the_librarys() {
    for (config, channels) in [(ACTIVITY, 2), (CAUSAL, 2), (EXCITED, 2), (NUMBERS, 2)] {
        let place = Place::new(config);
        let inputs = two(channels, 40);
        place.input("in.safetensors", &inputs);
        // The model by its folder.
        place.prints(". in.safetensors -o out.npz", "");
        let expected = library(config, &inputs, true);
        let found = Entry::read(&place.path("out.npz"), "outputs");
        assert_eq!(found.shape, expected.shape());
        assert_eq!(found.floats(), expected.data(), "{config}");
    }
    let place = Place::new(ACTIVITY);
    let inputs = two(2, 40);
    place.input("in.safetensors", &inputs);
    // By its file.
    place.prints("model.safetensors in.safetensors --unmerged -o out.npz", "");
    let found = Entry::read(&place.path("out.npz"), "outputs").floats();
    assert_eq!(found, library(ACTIVITY, &inputs, false).data());
    assert_ne!(found, library(ACTIVITY, &inputs, true).data());
}

#[test]
fn classes_of_recordings() {
    let place = Place::new(ACTIVITY);
    let inputs = two(2, 40);
    place.input("in.safetensors", &inputs);
    let logits = library(ACTIVITY, &inputs, true);
    let (header, rows) = cells(&place.prints(". in.safetensors", ""));
    assert_eq!(header, "origin,start,class,p_up,\"p_down, slowly\",p_flat");
    assert_eq!(rows.len(), 2);
    let names = ["up", "slowly", "flat"];
    let mut indices = Vec::new();
    for (i, (row, logits)) in rows.iter().zip(logits.data().chunks(3)).enumerate() {
        let probabilities = softmax(logits);
        assert_eq!(row[..2], [format!("in.safetensors: recording {}", i + 1), "0".to_owned()]);
        let best = (0..3).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap();
        assert_eq!(row[2], names[best]);
        indices.push(best);
        close(&row[3..].iter().map(|cell| cell.parse().unwrap()).collect::<Vec<f32>>(), &probabilities);
    }

    place.prints(". in.safetensors -o out.npz", "");
    let entry = |name| Entry::read(&place.path("out.npz"), name);
    assert_eq!(entry("class_names").texts(), ["up", "down, slowly", "flat"]);
    assert_eq!(entry("origin").texts(), ["in.safetensors: recording 1", "in.safetensors: recording 2"]);
    assert_eq!(entry("start").integers(), [0, 0]);
    let classes: Vec<usize> =
        entry("classes").integers().iter().map(|c| usize::try_from(*c).unwrap()).collect();
    assert_eq!(classes, indices);
    assert_eq!(entry("probabilities").shape, [2, 3]);

    place.prints(". in.safetensors -o out.json", "");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("out.json")).unwrap()).unwrap();
    assert_eq!(json["classes"], serde_json::json!(["up", "down, slowly", "flat"]));
    let second = &json["predictions"][1];
    assert_eq!((&second["origin"], &second["start"]), (&"in.safetensors: recording 2".into(), &0.into()));
    assert_eq!(second["class"], json["classes"][indices[1]]);
    assert_eq!(second["probabilities"].as_array().unwrap().len(), 3);
}

/// A long series is cut into windows, and what is left over has no result; a short one goes in whole.
#[test]
fn windows_of_a_long_series() {
    let place = Place::new(ACTIVITY);
    let whole = series(2, 110);
    place.input("long.safetensors", &whole);
    let starts = |arguments: &str| -> Vec<String> {
        let (_, rows) = cells(&place.prints(arguments, ""));
        rows.into_iter().map(|row| row[1].clone()).collect()
    };
    assert_eq!(starts(". long.safetensors"), ["0", "40"]);
    assert_eq!(starts(". long.safetensors --step 30"), ["0", "30", "60"]);
    place.input("short.safetensors", &series(2, 25));
    assert_eq!(starts(". short.safetensors long.safetensors"), ["0", "0", "40"]);

    place.prints(". long.safetensors -o out.npz", "");
    let second = Array::from_fn([1, 2, 40], |i| whole.data()[i / 40 * 110 + 40 + i % 40]);
    let expected = library(ACTIVITY, &second, true);
    close(&Entry::read(&place.path("out.npz"), "outputs").floats()[3..], expected.data());
}

/// A series of any length has a result for each sample, those of one run of the network.
#[test]
fn classes_of_samples() {
    let place = Place::new(CAUSAL);
    let whole = series(2, 150);
    place.input("in.safetensors", &whole);
    let logits = library(CAUSAL, &Array::new([1, 2, 150], whole.data().to_vec()).unwrap(), true);
    let (header, rows) = cells(&place.prints(". in.safetensors", ""));
    assert_eq!(header, "origin,position,class,probability");
    assert_eq!(rows.len(), 150);
    for (t, row) in rows.iter().enumerate() {
        let own = softmax(&[0, 1, 2].map(|class| logits.data()[class * 150 + t]));
        let largest = own.iter().copied().fold(0.0, f32::max);
        assert_eq!(row[..2], ["in.safetensors".to_owned(), t.to_string()]);
        close(&[row[3].parse().unwrap()], &[largest]);
    }
    place.prints(". in.safetensors --format json -o out.txt", "");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("out.txt")).unwrap()).unwrap();
    let prediction = &json["predictions"][0];
    assert_eq!(prediction["class"].as_array().unwrap().len(), 150);
    assert_eq!(prediction["probabilities"][2].as_array().unwrap().len(), 150);
}

/// Signals come back in the data's own units, each recording with its own length.
#[test]
fn denoised_signals() {
    let place = Place::new(DENOISER);
    let (long, short) = (series(1, 150), series(1, 64));
    place.input("long.safetensors", &long);
    place.input("short.safetensors", &short);
    place.prints(". long.safetensors short.safetensors -o out.npz", "");
    let own_units = |series: &Array| {
        let shape = [1, 1, series.data().len()];
        let outputs = library(DENOISER, &Array::new(shape, series.data().to_vec()).unwrap(), true);
        outputs.data().iter().map(|value| value * 2.0 + 0.5).collect::<Vec<f32>>()
    };
    for (name, series) in [("outputs_0", &long), ("outputs_1", &short)] {
        let entry = Entry::read(&place.path("out.npz"), name);
        assert_eq!(entry.shape, series.shape());
        close(&entry.floats(), &own_units(series));
    }
    let (header, rows) = cells(&place.prints(". short.safetensors", ""));
    assert_eq!(header, "origin,position,value_1");
    assert_eq!(rows.len(), 64);
    let values: Vec<f32> = rows.iter().map(|row| row[2].parse().unwrap()).collect();
    close(&values, &own_units(&short));
}

#[test]
fn numbers() {
    let place = Place::new(NUMBERS);
    let inputs = two(2, 40);
    place.input("in.safetensors", &inputs);
    place.prints(". in.safetensors -o out.csv", "");
    let (header, rows) = cells(&std::fs::read_to_string(place.path("out.csv")).unwrap());
    assert_eq!(header, "origin,start,value_1,value_2");
    let values: Vec<f32> = rows.iter().flat_map(|row| &row[2..]).map(|cell| cell.parse().unwrap()).collect();
    close(&values, library(NUMBERS, &inputs, true).data());
}

#[test]
fn pictures() {
    let photographs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/data");
    let place = Place::new(PICTURES);
    let (code, table, notes) = place.run(&format!(". {photographs}"), "");
    assert!(code == 0 && notes.contains("files were not read"), "{notes}");
    let (header, rows) = cells(&table);
    assert_eq!(header, "origin,class,p_up,\"p_down, slowly\",p_flat");
    let names = rows.iter().map(|row| row[0].rsplit('/').next().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["china.jpg", "flower.jpg"]);

    let place = Place::new(PIXELS);
    let (header, rows) = cells(&place.prints(&format!(". {photographs}/china.jpg"), ""));
    assert_eq!(header, "origin,row,column,class,probability");
    assert_eq!(rows.len(), 16 * 16);
    assert_eq!(rows[17][1..3], ["1", "1"]);
}
