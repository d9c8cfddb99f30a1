//! One random graph, checked.

use std::collections::BTreeSet;
use std::fmt;

use engine::{Engine, Level, Options};
use graph::reference::{self, Tensor};
use graph::{Array, Forward, Graph, Op, Shape, Weights, single};
use model::Model;

use crate::draw::{Drawn, draw};

/// Samples in a batch.
const BATCH: usize = 2;
/// The largest difference from the reference, relative to the largest number, or to 1 if that is larger.
const TOLERANCE: f64 = 2e-5;
/// The difference that [`Options::winograd`] states.
const WINOGRAD_TOLERANCE: f64 = 5e-5;

/// The number of checks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    graphs: u64,
    nodes: u64,
    runs: u64,
    elements: u64,
    largest: f64,
}

impl Report {
    pub(crate) fn include(&mut self, other: &Self) {
        self.graphs += other.graphs;
        self.nodes += other.nodes;
        self.runs += other.runs;
        self.elements += other.elements;
        self.largest = self.largest.max(other.largest);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { graphs, nodes, runs, elements, largest } = self;
        write!(
            f,
            "{graphs} graphs of {nodes} nodes, {runs} runs, {elements} outputs compared, largest difference {largest:.1e}"
        )
    }
}

/// Runs the graph of a seed with each instruction set at each of its sizes.
///
/// # Panics
/// If the engine panics, if outputs differ from the reference, or if a sample's bits depend on what was run before or on
/// the number of threads.
pub(crate) fn verify(seed: u64) -> Report {
    let Drawn { graph, weights, sizes } = draw(seed);
    let model = Model::new(graph.clone(), weights.clone());
    let mut report = Report { graphs: 1, nodes: graph.nodes().len() as u64, ..Report::default() };
    let mut engines = Vec::new();
    for level in Level::all() {
        for winograd in [false, true] {
            let options = Options { level: Some(level), winograd, ..Options::default() };
            let tolerance = if winograd { WINOGRAD_TOLERANCE } else { TOLERANCE };
            engines.push((tolerance, Engine::new(&model, options).expect("weights match")));
        }
    }
    let threads = 2 + usize::try_from(seed % 3).expect("a small number");
    let options = Options { threads, ..Options::default() };
    let mut divided = Engine::new(&model, options).expect("weights match");
    for shapes in &sizes {
        let x: Vec<Tensor> = shapes
            .iter()
            .enumerate()
            .map(|(i, s)| Tensor::noise(&format!("{seed} {i}"), BATCH, s.clone()))
            .collect();
        let expected = reference::run(&graph, &weights, &x).expect("the graph accepts the sizes");
        let amplification = amplification(&graph, &weights, &x);
        let x: Vec<Array> = x.iter().map(array).collect();
        for (tolerance, engine) in &mut engines {
            let level = engine.level();
            let found = engine.forward(&x).expect("the graph accepts the sizes");
            for (found, expected) in found.iter().zip(&expected) {
                let difference = difference(found, expected);
                // Also false if it is not a number.
                let is_close = difference <= *tolerance * amplification;
                assert!(is_close, "seed {seed}, {level} at {shapes:?}: difference {difference:e}\n{graph}");
                report.largest = report.largest.max(difference);
                report.elements += found.data().len() as u64;
            }
            check_memory(engine, &x, &found, &graph);
            report.runs += 1;
        }
        // The second engine is the fastest instruction set's with Winograd convolutions.
        let whole = engines[1].1.forward(&x).expect("the graph accepts the sizes");
        let found = divided.forward(&x).expect("the graph accepts the sizes");
        for (found, whole) in found.iter().zip(&whole) {
            assert_eq!(bits(found), bits(whole), "seed {seed}, {threads} threads at {shapes:?}\n{graph}");
        }
        report.runs += 1;
    }
    report
}

/// The factor by which a softmax increases differences: those of its inputs are relative to the largest, and those of its
/// outputs, which are at most 1, are as large as the inputs' are in absolute terms.
fn amplification(graph: &Graph, weights: &Weights, x: &[Tensor]) -> f64 {
    let softmaxes = graph.nodes().filter(|(_, node)| matches!(node.op, Op::Softmax));
    let inputs: BTreeSet<&str> = softmaxes.map(|(_, node)| &*graph.node(node.inputs[0]).name).collect();
    let with_inputs = graph.with_further_outputs(inputs).expect("the values are the graph's");
    let values = reference::run(&with_inputs, weights, x).expect("the graph accepts the sizes");
    let inputs = values.iter().skip(graph.outputs().len()).flat_map(|value| &value.data);
    inputs.fold(1.0, |largest: f64, number| largest.max(number.abs()))
}

/// Runs on numbers that are not finite, then on the last sample alone, which must give the same bits as before.
fn check_memory(engine: &mut Engine, x: &[Array], before: &[Array], graph: &Graph) {
    let dims = |array: &Array| [&[1], &array.shape()[1..]].concat();
    let poison: Vec<Array> = x.iter().map(|x| Array::from_fn(dims(x), |_| f32::NAN)).collect();
    engine.forward(&poison).expect("the sizes are the same");
    let last = |array: &Array| {
        let elements = array.data().len() / BATCH;
        Array::from_fn(dims(array), |i| array.data()[array.data().len() - elements + i])
    };
    let alone = engine.forward(&x.iter().map(last).collect::<Vec<_>>()).expect("the sizes are the same");
    for (alone, before) in alone.iter().zip(before) {
        assert_eq!(bits(alone), bits(&last(before)), "{} alone\n{graph}", engine.level());
    }
}

fn bits(array: &Array) -> Vec<u32> {
    array.data().iter().map(|number| number.to_bits()).collect()
}

/// The largest difference, relative to the largest expected number, or to 1 if that is larger. Infinite if one is not a
/// number.
fn difference(found: &Array, expected: &Tensor) -> f64 {
    let shape: Vec<usize> = std::iter::once(BATCH).chain(expected.shape.dims()).collect();
    assert_eq!(found.shape(), shape);
    let scale = expected.data.iter().fold(1.0, |scale: f64, number| scale.max(number.abs()));
    let mut largest = 0.0_f64;
    for (found, expected) in found.data().iter().zip(&expected.data) {
        let difference = (f64::from(*found) - expected).abs() / scale;
        if difference.is_nan() {
            return f64::INFINITY;
        }
        largest = difference.max(largest);
    }
    largest
}

fn array(tensor: &Tensor) -> Array {
    let shape = |shape: &Shape| std::iter::once(tensor.batch).chain(shape.dims()).collect::<Vec<_>>();
    Array::from_fn(shape(&tensor.shape), |i| single(tensor.data[i]))
}
