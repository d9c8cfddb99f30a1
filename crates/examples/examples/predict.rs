//! Reads a model file, folds its branches and norms, and predicts the classes of recordings.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;
use std::path::Path;

use data::{Recording, Target};
use graph::Array;
use model::Model;
use predict::Predictor;
use torch::Net;
use torch::tch::{Device, nn::VarStore};

pub fn main() -> Result<(), Box<dyn Error>> {
    // `factory train` writes such files. Reading one needs no architecture and no libtorch.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/golden");
    let model = Model::read(folder.join("efficientnetv2.safetensors"))?;
    let (merged, refusals) = model.merged();
    println!("{} nodes, {} merged", model.graph.nodes().len(), merged.graph.nodes().len());
    for refusal in refusals {
        println!("not merged: {refusal}");
    }

    // libtorch runs the graph; `graph::reference::Interpreter` does it without, slowly.
    let store = VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), merged.graph.clone(), &merged.weights)?;
    let mut predictor = Predictor::new(&merged, Box::new(net));

    // A recording in the units of the data; it is normalized as in training.
    let shape = predictor.input().dims();
    let input = Array::from_fn(shape, |i| (i as f32 / 10.0).sin());
    let recording = Recording::new("a recording", input, Target::None);
    for prediction in predictor.predict(&[recording], None)? {
        println!("{}: {:?}", prediction.origin, prediction.outputs.data());
    }
    Ok(())
}
