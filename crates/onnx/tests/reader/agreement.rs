//! Every operation × padding × rank × (stride, dilation, groups), on random graphs.

use std::collections::BTreeMap;

use graph::random::{Problem, cells, problem};
use graph::testing::{agreement, check};
use graph::{Graph, Shape};
use model::Model;
use onnx::{ExportError, Options, Sizes};

use crate::interpreter::Reader;

/// Number of larger sizes among which a graph that is not dynamic refuses at least one.
const LARGER: usize = 1000;

/// The graphs of the agreement suite are merged by the suite itself.
fn options(sizes: Sizes) -> Options {
    Options { merged: false, sizes, ..Options::default() }
}

#[test]
fn exports_of_each_size_agree_with_the_reference() {
    let coverage = agreement(&mut |graph, weights| {
        Ok(Box::new(Reader::new(graph, weights, options(Sizes::Static { batch: 2 }))))
    });
    println!("{coverage}");
}

#[test]
fn one_export_agrees_with_the_reference_at_every_size() {
    let mut refused = BTreeMap::new();
    let mut count = 0;
    for cell in 0..cells().len() {
        for seed in 0..2 {
            let problem = problem(cell, seed);
            if let Some(node) = node_that_is_not_dynamic(&problem) {
                *refused.entry(operation_of_refused(&problem.graph, &node)).or_insert(0) += 1;
                continue;
            }
            count += 1;
            check(&problem, &mut |graph, weights| {
                Ok(Box::new(Reader::new(graph, weights, options(Sizes::Dynamic))))
            });
        }
    }
    println!("{count} graphs; refused: {refused:?}");
    assert!(count > 10 * refused.values().sum::<usize>());
}

#[test]
fn exports_of_series_as_images_agree_with_the_reference() {
    let mut count = 0;
    for cell in 0..cells().len() {
        let problem = problem(cell, 0);
        if problem.graph.inputs().any(|(_, node)| node.shape.rank() != 1) {
            continue;
        }
        count += 1;
        for sizes in [Sizes::DynamicBatch, Sizes::Dynamic] {
            if sizes == Sizes::Dynamic && node_that_is_not_dynamic(&problem).is_some() {
                continue;
            }
            check(&problem, &mut |graph, weights| {
                let options = Options { as_image: true, ..options(sizes) };
                Ok(Box::new(Reader::new(graph, weights, options)))
            });
        }
    }
    println!("{count} graphs");
}

/// The node that the refusal of dynamic sizes names.
fn node_that_is_not_dynamic(problem: &Problem) -> Option<String> {
    let model = Model::new(problem.graph.clone(), problem.weights.clone());
    match onnx::export(&model, &options(Sizes::Dynamic)) {
        Ok(_) => None,
        Err(ExportError::Node { node, .. }) => Some(node),
        Err(error) => panic!("{error}\n{}", problem.graph),
    }
}

/// The operation of a node that is refused. Panics unless the graph itself refuses larger sizes at this node.
fn operation_of_refused(graph: &Graph, node: &str) -> &'static str {
    let (_, input) = graph.inputs().next().expect("a random graph has an input");
    let is_cause = (1..LARGER).any(|surplus| {
        let space: Vec<usize> = input.shape.space.iter().map(|size| size + surplus).collect();
        let shapes = graph.shapes_for(&[Shape::new(input.shape.channels, space)]);
        shapes.is_err_and(|error| error.node() == node)
    });
    assert!(is_cause, "{node} accepts larger sizes in\n{graph}");
    let value = graph.find(node).unwrap_or_else(|| panic!("`{node}` is not in\n{graph}"));
    graph.node(value).op.name()
}
