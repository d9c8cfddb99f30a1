//! Random graphs with odd weights at odd sizes: cost, plan, merging, export, source.

use std::path::Path;

use anyhow::Result;
use graph::plan::Plan;
use graph::random::{cells, problem};
use graph::reference::{self, Tensor};
use graph::testing::Tolerance;
use graph::{Array, Graph, Shape, Weights, merge};
use model::Model;

use super::exercise::{self, is_finite};
use super::exports::{exporting, exporting_graph};
use super::{Kind, tape};
use crate::outcome::Outcome;
use crate::random::{Random, Tape};

struct Graphs {
    bases: Vec<Vec<u8>>,
    cells: usize,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Graphs { bases: tape::bases(32), cells: cells().len() }))
}

/// Sizes at the limits of arithmetic and memory.
const SIZES: [usize; 12] =
    [1, 0, 2, 3, 7, 1000, 1 << 24, (1 << 24) + 1, 1 << 40, usize::MAX / 2, usize::MAX - 1, usize::MAX];

/// Weights that are small, large, negative or zero.
const VALUES: [f32; 12] = [
    0.0,
    1.0,
    -1.0,
    1e-45,
    f32::MIN_POSITIVE,
    1e-20,
    1e20,
    f32::MAX,
    -f32::MAX,
    f32::NAN,
    f32::INFINITY,
    1e-8,
];

impl Kind for Graphs {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        tape::mutated(random, &self.bases, 80)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let mut tape = Tape::new(input);
        let cell = tape.below(self.cells);
        let problem = problem(cell, tape.number());
        outcome.accept();
        exercise::text(&mut outcome, &problem.graph);
        sizes(&mut outcome, &mut tape, &problem.graph);
        let (weights, is_odd) = weights(&mut tape, problem.weights);
        exercise::merging(&mut outcome, &problem.graph, &weights);
        if is_odd {
            exporting(&mut outcome, &Model::new(problem.graph.clone(), weights));
        } else {
            exporting_graph(&mut outcome, &problem.graph, &weights);
            compare(&mut outcome, &problem.graph, &weights, &problem.sizes);
        }
        if tape.one_in(3) {
            source(&mut outcome, &problem.graph);
        }
        outcome
    }
}

/// Computes cost and plan at sizes for which the graph was not built.
fn sizes(outcome: &mut Outcome, tape: &mut Tape<'_>, graph: &Graph) {
    let Some((_, input)) = graph.inputs().next() else { return };
    let shape = input.shape.clone();
    for _ in 0..4 {
        let channels = if tape.one_in(8) { tape.pick(&SIZES) } else { shape.channels };
        let space: Vec<usize> = shape.space.iter().map(|_| tape.pick(&SIZES)).collect();
        let size = Shape::new(channels, space);
        let cost = outcome.part(graph.cost_at(std::slice::from_ref(&size)));
        let plan = outcome.part(Plan::new(graph, std::slice::from_ref(&size)));
        outcome.require(cost.is_some() || plan.is_none(), "what has a plan has a cost");
    }
}

/// Replaces some weights; returns whether a result could no longer be compared.
fn weights(tape: &mut Tape<'_>, mut weights: Weights) -> (Weights, bool) {
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    let mut is_odd = false;
    if names.is_empty() {
        return (weights, false);
    }
    for _ in 0..tape.below(4) {
        let name = tape.pick(&names);
        let Some(old) = weights.remove(&name) else { continue };
        is_odd = true;
        match tape.below(6) {
            0 => {}
            1 => weights.insert(name, Array::from_fn([tape.below(9)], |_| 1.0)),
            2 => {
                let value = tape.pick(&VALUES);
                weights.insert(name, Array::from_fn(old.shape(), |_| value));
            }
            _ => {
                let mut new = old.clone();
                let count = new.data().len();
                let (value, at) = (tape.pick(&VALUES), tape.below(count));
                if let Some(element) = new.data_mut().get_mut(at) {
                    *element = value;
                }
                weights.insert(name, new);
            }
        }
    }
    (weights, is_odd)
}

/// Checks that merging does not change the function.
fn compare(outcome: &mut Outcome, graph: &Graph, weights: &Weights, sizes: &[Shape]) {
    let merged = merge(graph, weights);
    for size in sizes.iter().take(2) {
        let x = [Tensor::noise("x", 2, size.clone())];
        let before = reference::run(graph, weights, &x);
        let after = reference::run(&merged.graph, &merged.weights, &x);
        let (Some(before), Some(after)) = (outcome.part(before), outcome.part(after)) else { continue };
        for (before, after) in before.iter().zip(&after) {
            let same = Tolerance::Close.compare(after.data.iter().copied(), before.data.iter().copied());
            outcome.require(same.is_ok(), "a merged graph computes the same");
        }
    }
    outcome.require(is_finite(weights), "ordinary weights are finite");
}

/// Checks that the generated source is valid Rust.
fn source(outcome: &mut Outcome, graph: &Graph) {
    let source = emit::rust(graph, "a graph", "cargo run");
    outcome.require(syn::parse_file(&source).is_ok(), "the source of a graph is Rust");
}
