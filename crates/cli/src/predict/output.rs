//! Answers as a file.

use std::path::Path;

use clap::ValueEnum;
use graph::Array;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::network::{Answer, Network};
use super::npz;
use super::table::{classes, columns, name, rows};
use crate::failure::Failure;

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table: a row for each result
    Csv,
    /// An object: the classes, and a prediction for each recording or window
    Json,
    /// NumPy's arrays, in a file
    Npz,
}

impl Format {
    /// The format that a file's name asks for.
    pub(crate) fn of(file: &Path) -> Result<Self, Failure> {
        let ending = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Self::from_str(&ending, true).map_err(|_| {
            let message = "unknown kind of file; .csv, .json or .npz is needed, or --format";
            Failure::input(format!("{}: {message}", file.display()))
        })
    }

    pub(crate) fn bytes(self, network: &Network, answers: &[Answer]) -> Vec<u8> {
        match self {
            Self::Csv => csv(network, answers),
            Self::Json => json(network, answers),
            Self::Npz => npz::npz(network, answers),
        }
    }
}

/// Writes a file, whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let failure = Failure::input(format!("{}: {error}", path.display()));
        Failure { code: 1, ..failure }
    };
    graph::file::write(path, bytes).map_err(failed)
}

fn csv(network: &Network, answers: &[Answer]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |first: &str, rest: &[String]| {
        let cells = [first].into_iter().chain(rest.iter().map(String::as_str));
        writer.write_record(cells).expect("rows of equal length, in memory");
    };
    write("origin", &columns(network));
    for answer in answers {
        rows(network, answer).iter().for_each(|row| write(&answer.origin, row));
    }
    writer.into_inner().expect("in memory")
}

fn json(network: &Network, answers: &[Answer]) -> Vec<u8> {
    let prediction = |answer| Prediction::new(network, answer);
    let whole = Whole { classes: network.classes(), predictions: answers.iter().map(prediction).collect() };
    let mut bytes = serde_json::to_vec(&whole).expect("plain data");
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<&'a [String]>,
    predictions: Vec<Prediction<'a>>,
}

#[derive(Serialize)]
struct Prediction<'a> {
    origin: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Nested<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities: Option<Nested<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Nested<f32>>,
}

impl<'a> Prediction<'a> {
    fn new(network: &Network, answer: &'a Answer) -> Self {
        let start = network.is_of_series().then_some(answer.start);
        let mut own = Self { origin: &answer.origin, start, class: None, probabilities: None, values: None };
        let Some(names) = network.classes() else {
            own.values = Some(Nested::of(&answer.outputs));
            return own;
        };
        let probabilities = network.probabilities(&answer.outputs);
        let classes = classes(&probabilities).into_iter().map(|class| name(names, class));
        own.class = Some(Nested { shape: probabilities.shape()[1..].to_vec(), values: classes.collect() });
        own.probabilities = Some(Nested::of(&probabilities));
        own
    }
}

/// Values as lists of lists; of no axis, the one value.
struct Nested<T> {
    shape: Vec<usize>,
    values: Vec<T>,
}

impl Nested<f32> {
    fn of(array: &Array) -> Self {
        Self { shape: array.shape().to_vec(), values: array.data().to_vec() }
    }
}

impl<T: Serialize> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part { shape: &self.shape, values: &self.values }.serialize(serializer)
    }
}

struct Part<'a, T> {
    shape: &'a [usize],
    values: &'a [T],
}

impl<T: Serialize> Serialize for Part<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((count, shape)) = self.shape.split_first() else {
            return self.values[0].serialize(serializer);
        };
        let mut list = serializer.serialize_seq(Some(*count))?;
        for values in self.values.chunks((self.values.len() / count.max(&1)).max(1)) {
            list.serialize_element(&Part { shape, values })?;
        }
        list.end()
    }
}
