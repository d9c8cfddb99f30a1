//! Predictions as NumPy arrays.

use std::io::{Cursor, Write};

use data::npy;
use graph::single;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::csv::label;
use crate::classes::classes;
use crate::{Prediction, Predictor};

/// Returns a `.npz` file with the arrays `outputs`, `origin` and `start` and, if there are classes,
/// `probabilities`, `classes` (indices; for several labels `labels`, 0 or 1 for each class) and `class_names`. If the
/// outputs are values, `output_names` are their names. The first axis of each array, except the names, is that of the
/// predictions. If predictions differ in shape, each has its own arrays `outputs_0`, `outputs_1` and so on.
///
/// Equal predictions give equal bytes.
pub fn npz(predictor: &Predictor, predictions: &[Prediction]) -> Vec<u8> {
    let mut archive = Archive::new();
    let shapes_are_equal =
        predictions.windows(2).all(|pair| pair[0].outputs.shape() == pair[1].outputs.shape());
    if shapes_are_equal {
        archive.add_outputs(predictor, predictions, Some(predictions.len()), "");
    } else {
        for (i, prediction) in predictions.iter().enumerate() {
            archive.add_outputs(predictor, std::slice::from_ref(prediction), None, &format!("_{i}"));
        }
    }
    let origins: Vec<&str> = predictions.iter().map(|prediction| prediction.origin.as_str()).collect();
    archive.add("origin", &npy::write_strings(&origins));
    let starts: Vec<usize> = predictions.iter().map(|prediction| prediction.start).collect();
    archive.add("start", &npy::write_integers(&[starts.len()], &starts));
    let (name, names) = match predictor.classes() {
        Some(classes) => ("class_names", classes),
        None => ("output_names", predictor.output_names()),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    archive.add(name, &npy::write_strings(&names));
    archive.finish()
}

struct Archive(zip::ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn new() -> Self {
        Self(zip::ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Adds the outputs of predictions of equal shape. If `count` is given, the arrays have an additional first
    /// axis of this length.
    fn add_outputs(
        &mut self,
        predictor: &Predictor,
        predictions: &[Prediction],
        count: Option<usize>,
        suffix: &str,
    ) {
        let Some(first) = predictions.first() else { return };
        let with_count = |shape: &[usize]| match count {
            Some(count) => [&[count], shape].concat(),
            None => shape.to_vec(),
        };
        let outputs = predictions.iter().flat_map(|prediction| prediction.outputs.data());
        let shape = with_count(first.outputs.shape());
        let name = format!("outputs{suffix}");
        if predictor.classes().is_none() {
            let outputs: Vec<f64> = outputs.copied().collect();
            self.add(&name, &npy::write_doubles(&shape, &outputs));
            return;
        }
        let outputs: Vec<f32> = outputs.copied().map(single).collect();
        self.add(&name, &npy::write_floats(&shape, &outputs));
        let (mut values, mut indices, mut shape) = (Vec::new(), Vec::new(), Vec::new());
        for prediction in predictions {
            let probabilities = predictor.probabilities(&prediction.outputs.rounded());
            values.extend_from_slice(probabilities.data());
            if predictor.is_multi_label() {
                indices.extend(probabilities.data().iter().copied().map(label));
            } else {
                indices.extend(classes(&probabilities));
            }
            shape = probabilities.shape().to_vec();
        }
        self.add(&format!("probabilities{suffix}"), &npy::write_floats(&with_count(&shape), &values));
        if predictor.is_multi_label() {
            self.add(&format!("labels{suffix}"), &npy::write_integers(&with_count(&shape), &indices));
            return;
        }
        self.add(&format!("classes{suffix}"), &npy::write_integers(&with_count(&shape[1..]), &indices));
    }

    fn add(&mut self, name: &str, array: &[u8]) {
        // A fixed modification time, so that the same arrays always give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .large_file(true);
        let in_memory = "written to memory, under a unique name";
        self.0.start_file(format!("{name}.npy"), options).expect(in_memory);
        self.0.write_all(array).expect(in_memory);
    }

    fn finish(self) -> Vec<u8> {
        self.0.finish().expect("written to memory").into_inner()
    }
}
