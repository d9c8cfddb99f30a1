//! Predicts as samples arrive: a line for each sample on standard input, a line for each result.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;
use std::io::{BufRead, Write};

use graph::Weights;
use model::{Model, Task};
use predict::Predictor;
use torch::Net;
use torch::tch::{Device, nn::VarStore};

#[allow(dead_code, reason = "the tests call `stream` with input of their own")]
fn main() -> Result<(), Box<dyn Error>> {
    stream(std::io::stdin().lock(), std::io::stdout().lock())
}

pub fn stream(input: impl BufRead, output: impl Write) -> Result<(), Box<dyn Error>> {
    // A causal network with an output for each sample, from `Model::read` as a rule.
    let config = tcn::Config { classes: Some(2), ..tcn::Config::sm() };
    let graph = tcn::graph(&config, [3, 100])?;
    println!("{}", graph.receptive_field());
    let weights = Weights::initial(&graph, 0);
    let model = Model { task: Some(Task::Segmentation), ..Model::new(graph, weights) };

    let store = VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights)?;
    // Each result is written as soon as the samples that it depends on have arrived.
    Predictor::new(&model, Box::new(net)).predict_stream(Some(1), input, output)?;
    Ok(())
}
