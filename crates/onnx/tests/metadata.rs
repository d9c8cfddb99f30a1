//! The meaning of input and output in the metadata.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::{Conv, Graph, Weights};
use model::{Model, Normalization, Task};
use onnx::Options;

/// The lines of `input` and `output` for a signal of one channel.
fn meaning(task: Task, deviation: f64, raw_input: bool) -> [String; 2] {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [1, 20])?;
        g.output("y", g.conv("conv", x, Conv::new(1, 3))?)
    })
    .unwrap();
    let mut model = Model::new(graph.clone(), Weights::initial(&graph, 0));
    model.task = Some(task);
    model.normalization = Normalization { mean: vec![0.0], deviation: vec![deviation] };
    let text = onnx::export(&model, &Options { raw_input, ..Options::default() }).unwrap().to_string();
    ["input", "output"].map(|key| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("metadata {key}: ")));
        line.unwrap().trim_matches('"').to_owned()
    })
}

#[test]
fn outputs_of_a_denoiser_are_normalized_as_its_input_is() {
    assert_eq!(meaning(Task::Denoising, 2.0, false), ["normalized", "normalized values"]);
    assert_eq!(meaning(Task::Denoising, 2.0, true), ["raw", "values"]);
    assert_eq!(meaning(Task::Denoising, 1.0, false), ["normalized", "values"]);
    assert_eq!(meaning(Task::Regression, 2.0, false), ["normalized", "values"]);
}
