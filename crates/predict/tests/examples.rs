//! The examples run.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(unreachable_pub, reason = "a test calls the functions of examples")]

use graph::{Conv, Graph, Padding, Weights};
use model::{Model, Task};

#[path = "../examples/predict.rs"]
mod predict_recordings;
#[path = "../examples/stream.rs"]
mod stream;

#[test]
fn a_model_file_predicts() {
    predict_recordings::main().unwrap();
}

#[test]
fn results_are_written_as_samples_arrive() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 100])?;
        let x = g.conv("conv", x, Conv { padding: Padding::Causal, ..Conv::new(2, 9) })?;
        g.output("y", x)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 0);
    let model = Model { task: Some(Task::Segmentation), ..Model::new(graph, weights) };
    let samples: String = (0..120).map(|t| format!("{t},{},{}\n", t % 7, t % 5)).collect();
    let mut output = Vec::new();
    stream::run(&model, samples.as_bytes(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output.lines().count(), 1 + 120, "{output}");
}
