//! Model files: forged headers and mutated graphs, read, written again, merged, exported and run, also on the engine.

use std::path::Path;

use anyhow::Result;
use data::{Recording, Target};
use engine::{Engine, Options};
use graph::reference::{self, Interpreter, Tensor};
use graph::testing::Tolerance;
use graph::{Array, Forward, Shape, Weights, single};
use model::{Model, Task};
use predict::Predictor;
use serde_json::Value as Json;

use super::exercise::is_finite;
use super::exports::exporting;
use super::recordings::Scratch;
use super::{Kind, base, graphs, weights};
use crate::corpus::{files, root};
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Models {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
    graphs: Vec<Vec<u8>>,
}

/// The key of the description in the file's header.
const KEY: &str = "model-factory";
/// Maximum number of multiply-adds of a model that is run.
const MOST_MACS: u64 = 2_000_000;

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let scratch = Scratch::new(scratch);
    let graphs = graphs::texts();
    let mut bases = Vec::new();
    for (i, text) in graphs.iter().enumerate() {
        let graph: graph::Graph = String::from_utf8_lossy(text).parse()?;
        let weights = Weights::initial(&graph, i as u64);
        let mut model = Model::new(graph, weights);
        model.task =
            [None, Some(Task::Classification), Some(Task::Segmentation), Some(Task::Regression)][i % 4];
        let path = scratch.folder().join("base.safetensors");
        let _ = std::fs::remove_file(&path);
        // Not every random graph has an output that is valid for the task.
        if model.write(&path).is_ok() {
            bases.push(std::fs::read(&path)?);
        }
    }
    let golden = files(&root().join("crates/model/tests/golden"), &[".safetensors"])?;
    bases.extend(golden.into_iter().filter(|file| file.len() < 300_000));
    Ok(Box::new(Models { scratch, bases, graphs }))
}

impl Models {
    /// Mutates one part of the description.
    fn forged(&self, random: &mut Random, header: &[u8]) -> Option<Vec<u8>> {
        let mut header: Json = serde_json::from_slice(header).ok()?;
        let text = header.get("__metadata__")?.get(KEY)?.as_str()?.to_owned();
        let new = if random.one_in(3) {
            let mut description: Json = serde_json::from_str(&text).ok()?;
            let graph = description.get("graph")?.as_str()?.to_owned();
            let graph = mutate::text(random, graph.as_bytes(), &self.graphs);
            description["graph"] = String::from_utf8_lossy(&graph).into_owned().into();
            serde_json::to_string(&description).ok()?
        } else {
            String::from_utf8_lossy(&mutate::text(random, text.as_bytes(), &[])).into_owned()
        };
        header["__metadata__"][KEY] = new.into();
        serde_json::to_vec(&header).ok()
    }
}

impl Kind for Models {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let bytes = base(random, &self.bases);
        if !random.one_in(4)
            && let Some((header, data)) = weights::parts(bytes)
            && let Some(header) = self.forged(random, header)
        {
            return weights::with_length(&header, data);
        }
        weights::mutated(random, bytes, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let path = self.scratch.write("case.safetensors", input);
        let Some(model) = outcome.result(Model::read(&path)) else { return outcome };
        outcome.require(Model::is_stored_in(&path), "a model that was read is stored in its file");
        outcome.require(is_finite(&model.weights), "the weights of a model that was read are finite");
        let copy = self.scratch.folder().join("copy.safetensors");
        // Removes the file of an earlier case, if there is one.
        let _ = std::fs::remove_file(&copy);
        if outcome.part(model.write(&copy)).is_some() {
            let is_equal = Model::read(&copy).is_ok_and(|read| read == model);
            outcome.require(is_equal, "a model is equal when it is written and read again");
        }
        let (merged, refusals) = model.merged();
        outcome.messages.extend(refusals.iter().map(ToString::to_string));
        let _ = std::fs::remove_file(&copy);
        outcome.part(merged.write(&copy));
        exporting(&mut outcome, &model);
        if model.graph.cost().is_ok_and(|cost| cost.macs <= MOST_MACS) {
            run(&mut outcome, &model);
        }
        outcome
    }
}

/// Predicts with a model and writes the predictions in all formats.
fn run(outcome: &mut Outcome, model: &Model) {
    let Some(interpreter) = outcome.part(Interpreter::new(model.graph.clone(), model.weights.clone())) else {
        return;
    };
    let mut predictor = Predictor::with_interpreter(model, Box::new(interpreter));
    let shape = predictor.input().dims();
    // The reference interpreter visits every element of every window.
    let is_large = model.graph.text().split(|c: char| !c.is_ascii_digit()).any(|number| number.len() > 3);
    if is_large {
        return;
    }
    run_engine(outcome, model);
    let input = Array::from_fn(shape, |i| (i as f32).sin());
    let recording = Recording::new("case", input, Target::None);
    if let Some(predictions) = outcome.part(predictor.predict(&[recording], None)) {
        outcome
            .require(!predict::csv(&predictor, &predictions).is_empty(), "predictions can be written as CSV");
        outcome
            .require(!predict::npz(&predictor, &predictions).is_empty(), "predictions can be written as npz");
        let json = predict::json(&predictor, &predictions);
        outcome.require(serde_json::from_slice::<Json>(&json).is_ok(), "predictions can be written as JSON");
    }
}

/// Runs the engine with the weights of the file, which may be of any size, and compares it with the reference on initial
/// ones.
fn run_engine(outcome: &mut Outcome, model: &Model) {
    let shapes: Vec<Shape> = model.graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    let x: Vec<Tensor> = shapes.into_iter().map(|shape| Tensor::noise("x", 1, shape)).collect();
    let forward = |model: &Model| -> Result<Vec<Array>> {
        let mut engine = Engine::new(model, Options { winograd: false, ..Options::default() })?;
        let x: Vec<Array> = x.iter().map(array).collect();
        Ok(engine.forward(&x)?)
    };
    let found = outcome.part(forward(model));
    outcome.require(found.is_some(), "the engine runs a model that was read");
    let graph = &model.graph;
    let weights = Weights::initial(graph, 0);
    let expected = outcome.part(reference::run(graph, &weights, &x));
    let found = outcome.part(forward(&Model::new(graph.clone(), weights)));
    let (Some(expected), Some(found)) = (expected, found) else { return };
    for (found, expected) in found.iter().zip(&expected) {
        if expected.data.iter().all(|number| number.is_finite()) {
            let numbers = found.data().iter().copied().map(f64::from);
            let compared = Tolerance::Close.compare(numbers, expected.data.iter().copied());
            outcome.messages.extend(compared.as_ref().err().cloned());
            outcome.require(compared.is_ok(), "the engine computes what the reference computes");
        }
    }
}

fn array(tensor: &Tensor) -> Array {
    let dims: Vec<usize> = std::iter::once(tensor.batch).chain(tensor.shape.dims()).collect();
    Array::from_fn(dims, |i| single(tensor.data[i]))
}
