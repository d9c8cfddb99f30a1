//! Outputs that share a value or a name, and nodes that stay unmerged.

use graph::random::moving_weights;
use graph::reference;
use graph::reference::Tensor;
use graph::testing::Tolerance;
use graph::{Activation, BatchNorm, BuildError, Conv, Forward, Graph, Scope, Value};
use model::{Model, Task};
use onnx::{Exported, Options};

use crate::interpreter::{Reader, array, dims};

type Built = Result<(), BuildError>;

fn graph(build: impl FnOnce(Scope<'_>, Value) -> Built) -> Graph {
    Graph::build(|g| {
        let x = g.input("x", [2, 9])?;
        build(g, x)
    })
    .expect("a valid graph")
}

/// Compares the reader's outputs with the reference's, and returns the export.
fn read(graph: &Graph, options: &Options) -> Exported {
    let weights = moving_weights(graph, 0);
    let input = Tensor::noise("x", 3, [2, 9]);
    let expected = reference::run(graph, &weights, std::slice::from_ref(&input)).expect("a valid input");
    let mut reader = Reader::new(graph, &weights, options.clone());
    let found = reader.forward(&[array(&input)]).unwrap_or_else(|error| panic!("{error}\n{graph}"));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.shape(), dims(expected));
        let numbers = found.data().iter().copied().map(f64::from);
        let compared = Tolerance::Close.compare(numbers, expected.data.iter().copied());
        compared.unwrap_or_else(|message| panic!("{message}\n{graph}"));
    }
    onnx::export(&Model::new(graph.clone(), weights), options).expect("an export")
}

fn names(exported: &Exported) -> Vec<&str> {
    exported.outputs().iter().map(|output| output.name.as_str()).collect()
}

#[test]
fn one_value_has_two_outputs() {
    let graph = graph(|g, x| {
        let y = g.conv("conv", x, Conv::new(2, 3))?;
        g.output("first", y)?;
        g.output("second", y)
    });
    assert_eq!(names(&read(&graph, &Options::default())), ["first", "second"]);
}

#[test]
fn an_input_is_an_output() {
    let graph = graph(|g, x| {
        g.output("y", g.conv("conv", x, Conv::new(2, 3))?)?;
        g.output("same", x)
    });
    assert_eq!(names(&read(&graph, &Options::default())), ["y", "same"]);
}

#[test]
fn an_output_has_the_name_of_another_node_or_parameter() {
    let graph = graph(|g, x| {
        let y = g.conv("conv", x, Conv::new(2, 3))?;
        let z = g.activation("act", y, Activation::Tanh)?;
        g.output("conv", z)?;
        g.output("act", y)
    });
    assert_eq!(names(&read(&graph, &Options::default())), ["conv", "act"]);
}

#[test]
fn a_node_between_others_is_a_further_output_beside_probabilities() {
    let graph = graph(|g, x| {
        let x = g.conv("conv", x, Conv::new(3, 3))?;
        g.output("logits", x)
    });
    let weights = moving_weights(&graph, 0);
    let model = Model { task: Some(Task::Segmentation), ..Model::new(graph, weights) };
    let further_outputs = vec!["conv".to_owned()];
    let options = Options { probabilities: true, further_outputs, ..Options::default() };
    let exported = onnx::export(&model, &options).unwrap();
    assert_eq!(names(&exported), ["probabilities", "conv"]);
    let input = Tensor::noise("x", 1, [2, 9]);
    let found = Reader::of(model, options).forward(&[array(&input)]).unwrap();
    for position in 0..9 {
        let sum: f32 = (0..3).map(|class| found[0].data()[class * 9 + position]).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    }
    assert_eq!(found[1].shape(), [1, 3, 9]);
}

#[test]
fn a_norm_that_is_not_merged_is_named_and_kept() {
    let graph = graph(|g, x| {
        let x = g.activation("act", x, Activation::Relu)?;
        let x = g.batch_norm("norm", x, BatchNorm::default())?;
        g.output("y", g.activation("end", x, Activation::Relu)?)
    });
    let exported = read(&graph, &Options::default());
    assert_eq!(exported.refusals().len(), 1);
    assert!(exported.to_string().contains("norm = BatchNormalization(act, "), "{exported}");
}
