//! Every small preset of every family, as a series and as an image, and every small ready model.

use factory::{Factory, models};
use graph::random::moving_weights;
use graph::reference::{self, Tensor};
use graph::testing::Tolerance;
use graph::{Array, Forward, Graph, Op, Shape};
use model::{Model, Normalization, Task};
use onnx::{Options, Sizes};

use crate::interpreter::{Reader, array, dims};

/// Most parameters and multiply-accumulates of a small network.
const PARAMETERS: u64 = 6_000_000;
const MACS: u64 = 40_000_000;
/// Samples in a batch.
const BATCH: usize = 2;

/// Reads the exports of all small presets of a family and returns their number.
fn family(name: &str) -> usize {
    let factory = Factory::builtin();
    let family = factory.get(name).expect("a family of this project");
    let mut count = 0;
    for preset in family.presets() {
        let build = |input: [usize; 3]| {
            let [channels, space @ ..] = input;
            let space: Vec<usize> = space.into_iter().filter(|size| *size > 0).collect();
            factory.preset(name, preset, Shape::new(channels, space), Some(5))
        };
        let series = build([3, 64, 0]).unwrap_or_else(|error| panic!("{name}/{preset}: {error}")).graph;
        count += usize::from(check(&format!("{name}/{preset} of a series"), series.clone()));
        if series.nodes().any(|(_, node)| matches!(node.op, Op::Select(_) | Op::Reverse)) {
            continue;
        }
        let image = build([3, 32, 32]).unwrap_or_else(|error| panic!("{name}/{preset}: {error}")).graph;
        count += usize::from(check(&format!("{name}/{preset} of an image"), image));
    }
    count
}

#[test]
fn exports_of_small_efficientnetv2_presets_are_read() {
    assert!(family("efficientnetv2") >= 2);
}

#[test]
fn exports_of_small_mobileone_presets_are_read() {
    assert!(family("mobileone") >= 2);
}

#[test]
fn exports_of_small_resnet_presets_are_read() {
    assert!(family("resnet") >= 2);
}

#[test]
fn exports_of_small_tcn_presets_are_read() {
    assert!(family("tcn") >= 2);
}

#[test]
fn exports_of_small_unet_presets_are_read() {
    assert!(family("unet") >= 2);
}

#[test]
fn exports_of_small_unext_presets_are_read() {
    assert!(family("unext") >= 2);
}

#[test]
fn exports_of_small_ready_models_are_read() {
    let factory = Factory::builtin();
    let count = models::names()
        .filter(|name| {
            let built = factory.build_ready(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            check(name, built.graph)
        })
        .count();
    println!("{count} small models");
    assert!(count >= 10, "{count} models are small");
}

/// Compares exports of a network with the reference, with each option; returns whether the network is small.
fn check(name: &str, graph: Graph) -> bool {
    let cost = graph.cost().unwrap_or_else(|error| panic!("{name}: {error}"));
    if cost.trainable > PARAMETERS || cost.macs > MACS {
        return false;
    }
    let weights = moving_weights(&graph, 0);
    let is_series = graph.inputs().all(|(_, node)| node.shape.rank() == 1);
    let case = Case::new(name, Model::new(graph, weights));
    let default = Options::default();
    case.compare(
        "as trained",
        &Options { merged: false, sizes: Sizes::Static { batch: BATCH }, ..default.clone() },
    );
    case.compare("merged", &default);
    if is_series {
        case.compare("as an image", &Options { as_image: true, ..default.clone() });
    }
    case.compare_in_units(&Options { raw_input: true, probabilities: true, ..default });
    case.compare_sizes();
    true
}

/// A network and what the reference computes with it.
struct Case {
    name: String,
    model: Model,
    input: Tensor,
    outputs: Vec<Tensor>,
}

impl Case {
    fn new(name: &str, mut model: Model) -> Self {
        let (_, input) = model.graph.inputs().next().expect("a network has an input");
        let input = Tensor::noise(name, BATCH, input.shape.clone());
        let outputs = reference::run(&model.graph, &model.weights, std::slice::from_ref(&input));
        let outputs = outputs.unwrap_or_else(|error| panic!("{name}: {error}"));
        let is_vector = model.graph.output_shape().rank() == 0;
        model.task = Some(if is_vector { Task::Classification } else { Task::Segmentation });
        let channels = input.shape.channels;
        model.normalization = Normalization { mean: vec![0.5; channels], deviation: vec![2.0; channels] };
        Self { name: name.to_owned(), model, input, outputs }
    }

    /// Compares an export that changes neither input nor outputs.
    fn compare(&self, form: &str, options: &Options) {
        let mut reader = Reader::of(self.model.clone(), options.clone());
        self.compare_with(form, &mut reader, &array(&self.input), &self.outputs);
    }

    /// Compares an export whose input is in the units of the data and whose main output is probabilities.
    fn compare_in_units(&self, options: &Options) {
        let raw =
            Tensor { data: self.input.data.iter().map(|x| x * 2.0 + 0.5).collect(), ..self.input.clone() };
        let mut outputs = self.outputs.clone();
        outputs[0] = probabilities(&self.model.graph, &outputs[0]);
        let mut reader = Reader::of(self.model.clone(), options.clone());
        self.compare_with("raw input, probabilities", &mut reader, &array(&raw), &outputs);
    }

    /// Compares one export with dynamic sizes at the size of the network and at a larger one, unless the graph is
    /// bound to its size.
    fn compare_sizes(&self) {
        let options = Options { sizes: Sizes::Dynamic, ..Options::default() };
        if let Err(error) = onnx::export(&self.model, &options) {
            let is_bound =
                self.model.graph.nodes().any(|(_, node)| matches!(node.op, Op::PositionNorm { .. }));
            assert!(is_bound, "{}: {error}", self.name);
            return;
        }
        let mut reader = Reader::of(self.model.clone(), options);
        self.compare_with("dynamic", &mut reader, &array(&self.input), &self.outputs);
        let space: Vec<usize> = self.input.shape.space.iter().map(|size| size + 32).collect();
        let larger = Tensor::noise(&self.name, 1, Shape::new(self.input.shape.channels, space));
        let outputs = reference::run(&self.model.graph, &self.model.weights, std::slice::from_ref(&larger));
        let outputs = outputs.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        self.compare_with("dynamic, larger", &mut reader, &array(&larger), &outputs);
    }

    fn compare_with(&self, form: &str, reader: &mut Reader, input: &Array, expected: &[Tensor]) {
        let place = format!("{}, {form}", self.name);
        let found =
            reader.forward(std::slice::from_ref(input)).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(found.len(), expected.len(), "{place}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.shape(), dims(expected), "{place}");
            let numbers = found.data().iter().copied().map(f64::from);
            let compared = Tolerance::Accumulated.compare(numbers, expected.data.iter().copied());
            compared.unwrap_or_else(|message| panic!("{place}: {message}"));
        }
    }
}

/// The probabilities of the classes at each position, for the main output of `graph`.
fn probabilities(graph: &Graph, main: &Tensor) -> Tensor {
    let op = &graph.node(graph.main_output().value).op;
    assert!(!matches!(op, Op::Activation(_)), "a network of logits or with a softmax");
    let channels = main.shape.channels;
    if channels == 1 {
        return pair(main);
    }
    if let Op::Softmax = op {
        return main.clone();
    }
    let positions: usize = main.shape.space.iter().product();
    let mut data = main.data.clone();
    for sample in data.chunks_mut(main.shape.elements()) {
        for position in 0..positions {
            let logits: Vec<f64> =
                (0..channels).map(|channel| sample[channel * positions + position]).collect();
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let exponentials: Vec<f64> = logits.iter().map(|logit| (logit - largest).exp()).collect();
            let sum: f64 = exponentials.iter().sum();
            for (channel, exponential) in exponentials.iter().enumerate() {
                sample[channel * positions + position] = exponential / sum;
            }
        }
    }
    Tensor { data, ..main.clone() }
}

/// The probabilities of two classes, for the logit of the second.
fn pair(main: &Tensor) -> Tensor {
    let mut data = Vec::new();
    for sample in main.data.chunks(main.shape.elements()) {
        let second: Vec<f64> = sample.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
        data.extend(second.iter().map(|p| 1.0 - p));
        data.extend(second);
    }
    Tensor { batch: main.batch, shape: Shape::new(2, main.shape.space.clone()), data }
}
