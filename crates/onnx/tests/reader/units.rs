//! Inputs in the units of the data, outputs as probabilities or in the units of the data, and further outputs.

use graph::random::moving_weights;
use graph::reference::{self, Tensor};
use graph::testing::Tolerance;
use graph::{Activation, Array, BatchNorm, BuildError, Conv, Forward, Graph, Shape, single};
use model::{Model, Normalization, Task};
use onnx::Options;

use crate::interpreter::{Reader, array, dims};

/// A network of two channels with this many outputs at each step, and an activation or none at its end.
fn series(outputs: usize, end: Option<Activation>) -> Graph {
    let build = || {
        Graph::build(|g| {
            let x = g.input("signal", [2, 12])?;
            let x = g.conv("stem", x, Conv::new(4, 3))?;
            let x = g.batch_norm("norm", x, BatchNorm::default())?;
            let x = g.activation("act", x, Activation::Tanh)?;
            let x = g.conv("head", x, Conv { bias: true, ..Conv::new(outputs, 1) })?;
            let x = match end {
                Some(end) => g.activation("end", x, end)?,
                None => x,
            };
            g.output("y", x)
        })
    };
    build().expect("a valid graph")
}

fn model(graph: Graph, task: Task) -> Model {
    let weights = moving_weights(&graph, 0);
    let normalization = Normalization { mean: vec![3.0, -1.0], deviation: vec![2.0, 0.5] };
    Model { task: Some(task), normalization, ..Model::new(graph, weights) }
}

/// The main output of the reader for data, with raw input and these options.
fn read(model: &Model, data: &Tensor, options: Options) -> Array {
    let mut reader = Reader::of(model.clone(), Options { raw_input: true, ..options });
    let outputs = reader.forward(&[array(data)]).unwrap_or_else(|error| panic!("{error}"));
    outputs.into_iter().next().expect("a main output")
}

/// The main output of the reference for each sample of data, normalized first.
fn expected(model: &Model, data: &Tensor) -> Vec<Vec<f32>> {
    let normalized =
        data.data.chunks(data.shape.elements()).flat_map(|sample| model.normalization.apply(sample));
    let input = Tensor { data: normalized.map(f64::from).collect(), ..data.clone() };
    let outputs = reference::run(&model.graph, &model.weights, &[input]).expect("a valid input");
    let samples = outputs[0].data.chunks(outputs[0].shape.elements());
    samples.map(|sample| sample.iter().copied().map(single).collect()).collect()
}

fn assert_close(found: &Array, dims: &[usize], expected: impl IntoIterator<Item = f64>) {
    assert_eq!(found.shape(), dims);
    let found = found.data().iter().copied().map(f64::from);
    let compared = Tolerance::Close.compare(found, expected);
    compared.unwrap_or_else(|message| panic!("{message}"));
}

fn data() -> Tensor {
    Tensor::noise("data", 2, [2, 12])
}

fn sigmoid(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}

fn options() -> Options {
    Options { probabilities: true, ..Options::default() }
}

#[test]
fn a_denoiser_takes_and_gives_the_units_of_the_data() {
    let model = model(series(2, None), Task::Denoising);
    let values = expected(&model, &data()).into_iter().flat_map(|sample| model.normalization.invert(&sample));
    assert_close(&read(&model, &data(), Options::default()), &[2, 2, 12], values);
}

#[test]
fn a_regression_gives_the_units_of_its_targets() {
    let targets = Normalization { mean: vec![70.0, 0.0, 1.0], deviation: vec![10.0, 1.0, 0.1] };
    let model =
        Model { target_normalization: Some(targets.clone()), ..model(series(3, None), Task::Regression) };
    let values = expected(&model, &data()).into_iter().flat_map(|sample| targets.invert(&sample));
    assert_close(&read(&model, &data(), Options::default()), &[2, 3, 12], values);
}

#[test]
fn labels_have_probabilities_of_their_own() -> Result<(), BuildError> {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.flatten("flatten", g.global_mean("mean", x)?)?;
        g.output("y", g.linear("head", x, 3)?)
    })?;
    let model = model(graph, Task::MultiLabel);
    let values = expected(&model, &data()).concat().into_iter().map(sigmoid);
    assert_close(&read(&model, &data(), options()), &[2, 3], values);
    Ok(())
}

#[test]
fn one_output_gives_the_probabilities_of_two_classes() {
    let pair = |second: Vec<f64>| [second.iter().map(|p| 1.0 - p).collect(), second].concat();
    let logits = model(series(1, None), Task::Segmentation);
    let values = expected(&logits, &data());
    let values = values.into_iter().flat_map(|sample| pair(sample.into_iter().map(sigmoid).collect()));
    assert_close(&read(&logits, &data(), options()), &[2, 2, 12], values);

    let probabilities = model(series(1, Some(Activation::Sigmoid)), Task::Segmentation);
    let values = expected(&probabilities, &data());
    let values = values.into_iter().flat_map(|sample| pair(sample.into_iter().map(f64::from).collect()));
    assert_close(&read(&probabilities, &data(), options()), &[2, 2, 12], values);
}

#[test]
fn a_network_that_ends_with_a_softmax_has_probabilities() -> Result<(), BuildError> {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.conv("head", x, Conv::new(3, 1))?;
        g.output("y", g.softmax("softmax", x)?)
    })?;
    let model = model(graph, Task::Segmentation);
    let values = expected(&model, &data()).concat().into_iter().map(f64::from);
    assert_close(&read(&model, &data(), options()), &[2, 3, 12], values);
    let text = onnx::export(&model, &options()).unwrap().to_string();
    assert_eq!(text.matches("Softmax").count(), 1, "{text}");
    Ok(())
}

#[test]
fn further_outputs_are_those_of_the_unmerged_graph() {
    let model = model(series(3, None), Task::Segmentation);
    let names = ["norm".to_owned(), "act".to_owned()];
    let graph = model.graph.with_further_outputs(&names).unwrap();
    let expected = reference::run(&graph, &model.weights, &[data()]).unwrap();
    for merged in [false, true] {
        let options = Options { merged, further_outputs: names.to_vec(), ..Options::default() };
        let mut reader = Reader::of(model.clone(), options);
        let found = reader.forward(&[array(&data())]).unwrap();
        assert_eq!(found.len(), 3);
        for (found, expected) in found.iter().zip(&expected) {
            assert_close(found, &dims(expected), expected.data.iter().copied());
        }
    }
}

#[test]
fn a_network_of_two_inputs_is_read() -> Result<(), BuildError> {
    let graph = Graph::build(|g| {
        let (x, y) = (g.input("signal", [2, 12])?, g.input("reference", [2, 12])?);
        g.output("difference", g.add("sum", &[g.conv("conv", x, Conv::new(2, 3))?, y])?)
    })?;
    let weights = moving_weights(&graph, 0);
    let inputs = [data(), Tensor::noise("reference", 2, Shape::new(2, [12]))];
    let expected = reference::run(&graph, &weights, &inputs).unwrap();
    let mut reader = Reader::new(&graph, &weights, Options::default());
    let found = reader.forward(&inputs.each_ref().map(array)).unwrap();
    assert_close(&found[0], &dims(&expected[0]), expected[0].data.iter().copied());
    Ok(())
}
