//! Predicts as samples arrive: a line for each sample on standard input, a line for each result.
//!
//! `cargo run --release -p predict --example stream -- MODEL.safetensors < samples.csv`

#![allow(missing_docs, reason = "an example")]

use std::error::Error;
use std::io::{BufRead, Write};

use model::Model;
use predict::Predictor;

#[allow(dead_code, reason = "the tests call `run` with input of their own")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("expected the path of a model file")?;
    run(&Model::read(path)?, std::io::stdin().lock(), std::io::stdout().lock())
}

pub fn run(model: &Model, input: impl BufRead, output: impl Write) -> Result<(), Box<dyn Error>> {
    let mut predictor = Predictor::new(model)?;
    // Each result is written as soon as the samples that it depends on have arrived.
    predictor.predict_stream(None, input, output)?;
    Ok(())
}
