//! Exports a model in every form, and compares each reader with libtorch.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use graph::Array;
use model::Model;
use onnx::{ExportError, Options, Sizes};

use super::readers::{Answer, Reader, Readers};
use super::report::{Cell, Form, FormReport, ModelReport, Outcome};
use super::subject::{Run, Runs, Subject};

/// Largest accepted difference from libtorch, relative to the largest magnitude of the output.
pub const TOLERANCE: f64 = 1e-4;

/// Exports the model in every form and runs the files in every reader.
///
/// # Errors
/// If the model cannot be run on libtorch, or Python cannot be run. Readers that differ are part of the
/// report.
pub(super) fn verify(subject: &Subject, readers: &mut Readers) -> Result<ModelReport> {
    let start = Instant::now();
    let model = subject.model()?;
    let runs = subject.runs(&model)?;
    let forms = check(&model, &runs, readers)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(ModelReport { name: subject.name.clone(), parameters: subject.parameters, forms, seconds })
}

/// Exports a model in every form and compares the readers with the expected outputs.
///
/// # Errors
/// If Python cannot be run.
pub(super) fn check(model: &Model, runs: &Runs, readers: &mut Readers) -> Result<Vec<FormReport>> {
    let rank = model.graph.inputs().next().map_or(0, |(_, node)| node.shape.rank());
    let mut forms = Vec::new();
    for form in Form::all(rank) {
        forms.push(FormReport { form, result: check_form(model, form, runs, readers)? });
    }
    Ok(forms)
}

/// Checks one form. `Err` in the result is a sentence: why the model is not exported in this form.
fn check_form(
    model: &Model,
    form: Form,
    runs: &Runs,
    readers: &mut Readers,
) -> Result<Result<Vec<Cell>, Outcome>> {
    let options =
        Options { merged: form.merged, sizes: form.sizes, as_image: form.as_image, ..Options::default() };
    let has_one_size = form.sizes == Sizes::Dynamic && runs.has_one_size;
    let exported = match onnx::export(model, &options) {
        Err(error @ ExportError::Node { .. }) if has_one_size => {
            return Ok(Err(Outcome::OneSize(error.to_string())));
        }
        Ok(_) if has_one_size => {
            let message = "expected a refusal, because the graph accepts one size only";
            return Ok(Err(Outcome::Failed(message.to_owned())));
        }
        Err(error) => return Ok(Err(Outcome::Failed(error.to_string()))),
        Ok(exported) => exported,
    };
    let runs: Vec<&Run> = match form.sizes {
        Sizes::Static { .. } => vec![&runs.one],
        Sizes::DynamicBatch => vec![&runs.one, &runs.batch],
        Sizes::Dynamic => [&runs.one].into_iter().chain(&runs.resized).collect(),
    };
    let runs: Vec<Run> = if form.as_image {
        runs.iter().map(|run| Run { inputs: images(&run.inputs), outputs: images(&run.outputs) }).collect()
    } else {
        runs.into_iter().cloned().collect()
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("model.onnx");
    fs::write(&file, exported.to_bytes())?;
    let limits = exported.limits();
    let mut cells = Vec::new();
    for reader in Reader::ALL {
        let limit = limits.iter().find(|limit| limit.reader.starts_with(reader.name()));
        let outcome = match (read(reader, &file, &runs, readers)?, limit) {
            (Ok(difference), None) => Outcome::Agrees(difference),
            (Ok(difference), Some(limit)) => {
                Outcome::AgreesBeyondLimit { difference, reason: limit.reason.clone() }
            }
            (Err(message), None) => Outcome::Failed(message),
            (Err(_), Some(limit)) => {
                Outcome::Limited { reason: limit.reason.clone(), source: limit.source.to_owned() }
            }
        };
        cells.push(Cell { reader, outcome });
    }
    Ok(Ok(cells))
}

/// Series as images of height 1; other arrays as they are.
fn images(arrays: &[Array]) -> Vec<Array> {
    let image = |array: &Array| match *array.shape() {
        [batch, channels, length] => Array::new([batch, channels, 1, length], array.data().to_vec()),
        _ => None,
    };
    arrays.iter().map(|array| image(array).unwrap_or_else(|| array.clone())).collect()
}

/// Runs a file in a reader and returns the largest difference from libtorch, or what is wrong in a sentence.
fn read(reader: Reader, file: &Path, runs: &[Run], readers: &mut Readers) -> Result<Result<f64, String>> {
    let inputs: Vec<Vec<Array>> = runs.iter().map(|run| run.inputs.clone()).collect();
    let outputs = match readers.run(reader, file, &inputs)? {
        Answer::Outputs(_) if reader == Reader::Checker => return Ok(Ok(0.0)),
        Answer::Outputs(outputs) => outputs,
        Answer::Refused(message) => return Ok(Err(message)),
    };
    let mut largest: f64 = 0.0;
    for (run, found) in runs.iter().zip(&outputs) {
        match difference(found, &run.outputs) {
            Ok(difference) if difference <= TOLERANCE => largest = largest.max(difference),
            Ok(difference) => {
                let shape = run.inputs.first().map(|input| input.shape().to_vec()).unwrap_or_default();
                return Ok(Err(format!("at {shape:?}: differs by {difference:.1e} of the largest output")));
            }
            Err(message) => return Ok(Err(message)),
        }
    }
    Ok(Ok(largest))
}

/// The largest difference of an output, relative to its largest expected magnitude. NaN counts as infinite.
///
/// # Errors
/// In a sentence: another number of outputs, or another shape.
fn difference(found: &[Array], expected: &[Array]) -> Result<f64, String> {
    if found.len() != expected.len() {
        return Err(format!("expected {} outputs, found {}", expected.len(), found.len()));
    }
    let mut largest: f64 = 0.0;
    for (found, expected) in found.iter().zip(expected) {
        if found.shape() != expected.shape() {
            return Err(format!("expected an output {:?}, found {:?}", expected.shape(), found.shape()));
        }
        let mut magnitude: f64 = f64::MIN_POSITIVE;
        let mut difference: f64 = 0.0;
        for (found, expected) in found.data().iter().zip(expected.data()) {
            let (found, expected) = (f64::from(*found), f64::from(*expected));
            magnitude = magnitude.max(expected.abs());
            let here = (found - expected).abs();
            difference = if here.is_nan() { f64::INFINITY } else { difference.max(here) };
        }
        largest = largest.max(difference / magnitude);
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(values: &[f32]) -> Vec<Array> {
        vec![Array::new([values.len()], values.to_vec()).unwrap()]
    }

    #[test]
    fn differences_are_relative_to_the_largest_magnitude() {
        let expected = array(&[1.0, -4.0]);
        let check = |found: &[f32], result: f64| {
            assert_eq!(difference(&array(found), &expected).unwrap().to_bits(), result.to_bits());
        };
        check(&[1.0, -4.0], 0.0);
        check(&[1.5, -4.0], 0.125);
        check(&[f32::NAN, -4.0], f64::INFINITY);
        check(&[f32::NAN, f32::INFINITY], f64::INFINITY);
    }

    #[test]
    fn other_outputs() {
        let message = |found: &[Array]| difference(found, &array(&[1.0, 2.0])).unwrap_err();
        assert_eq!(message(&[]), "expected 1 outputs, found 0");
        assert_eq!(message(&array(&[1.0])), "expected an output [2], found [1]");
    }
}
