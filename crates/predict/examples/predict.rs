//! Runs a model file on recordings, without libtorch.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;
use std::path::Path;

use data::{Recording, Target};
use graph::Array;
use model::Model;
use predict::Predictor;

pub fn main() -> Result<(), Box<dyn Error>> {
    // `factory train` writes such files. The engine folds norms and branches and runs the network.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/golden");
    let model = Model::read(folder.join("efficientnetv2.safetensors"))?;
    let mut predictor = Predictor::new(&model)?;

    // A recording in the units of the data; it is normalized as in training.
    let input = Array::from_fn(predictor.input().dims(), |i| (i as f32 / 10.0).sin());
    let recording = Recording::new("a recording", input, Target::None);
    for prediction in predictor.predict(&[recording], None)? {
        println!("{}: {:?}", prediction.origin, prediction.outputs.data());
    }
    Ok(())
}
