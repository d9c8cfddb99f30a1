//! Predictions as JSON.

use data::Values;
use graph::Array;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::csv::label;
use super::number::Number;
use crate::classes::classes;
use crate::{Prediction, Predictor};

/// Returns a JSON object with the names of the classes and an entry for each prediction.
pub fn json(predictor: &Predictor, predictions: &[Prediction]) -> Vec<u8> {
    let entries = predictions.iter().map(|prediction| Entry::new(predictor, prediction)).collect();
    let classes = predictor.classes();
    let outputs = if classes.is_none() { Some(predictor.output_names()) } else { None };
    let document = Document { classes, outputs, predictions: entries };
    let mut bytes = serde_json::to_vec(&document).expect("plain data");
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<&'a [String]>,
    /// The names of the outputs, if they are values.
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<&'a [String]>,
    predictions: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    origin: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Nested<String>>,
    /// The names of the labels that are more probable than not.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities: Option<Nested<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Nested<Number>>,
}

impl<'a> Entry<'a> {
    fn new(predictor: &Predictor, prediction: &'a Prediction) -> Self {
        let start = if predictor.takes_series() { Some(prediction.start) } else { None };
        let mut entry = Self {
            origin: &prediction.origin,
            start,
            class: None,
            labels: None,
            probabilities: None,
            values: None,
        };
        let Some(names) = predictor.classes() else {
            entry.values = Some(Nested::from(&prediction.outputs));
            return entry;
        };
        let probabilities = predictor.probabilities(&prediction.outputs.rounded());
        if predictor.is_multi_label() {
            let labels = names.iter().zip(probabilities.data());
            let labels = labels.filter(|(_, probability)| label(**probability) == 1);
            entry.labels = Some(labels.map(|(name, _)| name.clone()).collect());
            entry.probabilities = Some(Nested::from(&probabilities));
            return entry;
        }
        let classes = classes(&probabilities).into_iter().map(|class| names[class].clone());
        entry.class = Some(Nested { shape: probabilities.shape()[1..].to_vec(), values: classes.collect() });
        entry.probabilities = Some(Nested::from(&probabilities));
        entry
    }
}

/// An array that is serialized as nested lists, or as a single value if it has no axes.
struct Nested<T> {
    shape: Vec<usize>,
    values: Vec<T>,
}

impl From<&Values> for Nested<Number> {
    fn from(values: &Values) -> Self {
        Self { shape: values.shape().to_vec(), values: values.data().iter().copied().map(Number).collect() }
    }
}

impl From<&Array> for Nested<f32> {
    fn from(array: &Array) -> Self {
        Self { shape: array.shape().to_vec(), values: array.data().to_vec() }
    }
}

impl<T: Serialize> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Slice { shape: &self.shape, values: &self.values }.serialize(serializer)
    }
}

struct Slice<'a, T> {
    shape: &'a [usize],
    values: &'a [T],
}

impl<T: Serialize> Serialize for Slice<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((count, shape)) = self.shape.split_first() else {
            return self.values[0].serialize(serializer);
        };
        let mut list = serializer.serialize_seq(Some(*count))?;
        for values in self.values.chunks((self.values.len() / count.max(&1)).max(1)) {
            list.serialize_element(&Slice { shape, values })?;
        }
        list.end()
    }
}
