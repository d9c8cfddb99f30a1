//! Trained ready runs, exported with raw input and probabilities, and run on the raw test recordings.
//!
//! Each run is trained, evaluated and exported by the command `factory`. The file normalizes its input and
//! computes probabilities, so ONNX Runtime gets the recordings as they are and must reach the same accuracy.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use data::{Config, Example, ExampleTarget, MASKED, Order, Sharing, TrainedOn};
use factory::{Factory, ready_data};
use graph::Array;
use model::{Model, Normalization};
use serde_json::Value;

use super::example;
use super::readers::{Answer, Reader, Readers};
use crate::command::output;

/// The run whose file the example of docs/onnx.md classifies with.
pub(super) const FIRST: &str = "activity-tcn";
/// Further runs: images, and a class for each sample.
pub(super) const FURTHER: [&str; 2] = ["digits-resnet", "segments-unet"];
/// Examples in a batch.
const BATCH: usize = 40;

/// Trains a ready run, exports it, runs it in ONNX Runtime and compares its accuracy with that of
/// `factory evaluate`. For [`FIRST`], also runs the example. Returns a line.
///
/// # Errors
/// If the command fails, or if the accuracy differs.
pub(super) fn verify(name: &str, factory: &Path, python: &Path, readers: &mut Readers) -> Result<String> {
    let place = tempfile::tempdir()?;
    let (run, file) = (place.path().join("run"), place.path().join("model.onnx"));
    output(Command::new(factory).args(["train", name, "--seed", "1", "--output"]).arg(&run))?;
    let evaluation = output(Command::new(factory).arg("evaluate").arg(&run).arg("--json"))?;
    let evaluation: Value = serde_json::from_slice(&evaluation)?;
    let mut export = Command::new(factory);
    export.arg("export").arg(&run).arg("--output").arg(&file).args(["--raw-input", "--probabilities"]);
    let model = Model::read(run.join("model.safetensors"))?;
    output(&mut export)?;
    let examples = raw_examples(&model)?;
    let mut runs = Vec::new();
    for batch in examples.chunks(BATCH) {
        runs.push(vec![batch_of(batch)?]);
    }
    let outputs = match readers.run(Reader::OnnxRuntime, &file, &runs)? {
        Answer::Outputs(outputs) => outputs,
        Answer::Refused(message) => bail!("ONNX Runtime: {message}"),
    };
    let outputs: Vec<Array> = outputs.into_iter().flatten().collect();
    if name == FIRST {
        let predicted = classes(outputs.first().context("no outputs")?);
        let class = predicted.first().and_then(|class| model.classes.get(*class));
        let example = examples.first().context("no test examples")?;
        example::check(python, &file, &example.input, class.context("a class without a name")?)?;
    }
    let found = accuracy(&outputs, &examples)?;
    let expected = evaluation["accuracy"].as_f64().context("no accuracy in the evaluation")?;
    let is_equal = found.to_bits() == expected.to_bits();
    ensure!(is_equal, "expected accuracy {expected}, as `factory evaluate` prints, found {found}");
    Ok(format!("accuracy {found} on {} raw test examples, as the engine", examples.len()))
}

/// The test examples in the units of the data.
fn raw_examples(model: &Model) -> Result<Vec<Example>> {
    let source = model.source.as_ref().context("a run has a config")?;
    let config = Factory::section::<Config>(&source.config, "data")?.context("a run has data")?;
    let (_, input) = model.graph.inputs().next().context("a graph has an input")?;
    let normalization = Normalization::none(input.shape.channels);
    let trained_on = TrainedOn {
        classes: &model.classes,
        normalization: &normalization,
        target_normalization: None,
        channels: &model.channels,
        columns: &model.columns,
        outputs: &model.outputs,
    };
    let examples = config.open_test(&input.shape, &ready_data::folder()?, trained_on, Sharing::alone())?;
    (0..examples.len()).map(|index| Ok(examples.example(index, Order::InOrder)?)).collect()
}

fn batch_of(examples: &[Example]) -> Result<Array> {
    let shape = examples.first().map(|example| example.input.shape()).unwrap_or_default();
    let values = examples.iter().flat_map(|example| example.input.data()).copied().collect();
    Array::new([&[examples.len()], shape].concat(), values).context("examples differ in shape")
}

/// The most probable class of each example and position, of probabilities `[N, classes, …]`.
fn classes(probabilities: &Array) -> Vec<usize> {
    let [batch, classes, space @ ..] = probabilities.shape() else { return Vec::new() };
    let positions: usize = space.iter().product();
    let mut found = Vec::new();
    for sample in 0..*batch {
        for position in 0..positions {
            let probability =
                |class: usize| probabilities.data()[(sample * classes + class) * positions + position];
            let mut best = 0;
            for class in 1..*classes {
                if probability(class) > probability(best) {
                    best = class;
                }
            }
            found.push(best);
        }
    }
    found
}

fn accuracy(outputs: &[Array], examples: &[Example]) -> Result<f64> {
    let mut truths = Vec::new();
    for example in examples {
        match &example.target {
            ExampleTarget::Class(class) => truths.push(*class),
            ExampleTarget::Positions(classes) => truths.extend(classes),
            ExampleTarget::Labels(_) | ExampleTarget::Values(_) => bail!("expected classes as targets"),
        }
    }
    let predicted: Vec<usize> = outputs.iter().flat_map(classes).collect();
    ensure!(predicted.len() == truths.len(), "expected {} classes, found {}", truths.len(), predicted.len());
    let known = truths.iter().zip(&predicted).filter(|(truth, _)| **truth != MASKED);
    let (mut correct, mut count) = (0, 0);
    for (truth, predicted) in known {
        count += 1;
        if usize::try_from(*truth) == Ok(*predicted) {
            correct += 1;
        }
    }
    Ok(f64::from(correct) / f64::from(count))
}
