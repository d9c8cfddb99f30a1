//! Graphs with the maximum number of nodes take little time, even in the worst shape for each analysis.
//! The tests do not measure time, but one that takes minutes has failed.

#![allow(clippy::unwrap_used, reason = "a helper fails its test by panicking")]

use graph::plan::Plan;
use graph::{
    Activation, BatchNorm, BuildError, Conv, DropUnit, Graph, LARGEST_NODE_COUNT, Padding, Pool, Scope,
    Shape, UpsampleMode, Value, Weights, merge,
};

/// Nodes of each graph, without inputs and outputs.
const NODES: usize = LARGEST_NODE_COUNT - 10;

type Built = Result<Value, BuildError>;

/// Builds the graph and runs every analysis over it. Returns the elements of its plan.
fn analyze(shape: [usize; 2], model: impl FnOnce(Scope<'_>, Value) -> Built) -> usize {
    let graph = Graph::build(|g| {
        let x = g.input("x", shape)?;
        let y = model(g, x)?;
        g.output("y", y)
    });
    let graph = graph.unwrap();
    assert!(graph.nodes().len() > NODES / 2);
    assert_eq!(graph.text().parse::<Graph>().unwrap(), graph);
    graph.verify().unwrap();
    let shape: Shape = shape.into();
    let cost = graph.cost_at(std::slice::from_ref(&shape)).unwrap();
    let plan = Plan::new(&graph, &[shape]).unwrap();
    assert_eq!(cost.peak_elements, plan.elements() as u64);
    graph.receptive_field();
    graph.shortest_series(graph.series_stride().unwrap_or(1));
    merge(&graph, &Weights::initial(&graph, 0)).graph.verify().unwrap();
    plan.elements()
}

#[test]
fn values_that_are_all_alive_at_once() {
    let elements = analyze([1, 4], |g, x| {
        let values: Result<Vec<Value>, _> =
            (0..NODES).map(|i| g.activation(i, x, Activation::Relu)).collect();
        g.add("sum", &values?)
    });
    // The last activation is computed over the input, and the sum over one of its terms.
    assert_eq!(elements, 4 * NODES);
}

#[test]
fn parts_of_one_value() {
    let elements = analyze([NODES / 2, 4], |g, x| {
        let part = |i: usize| {
            let part = g.slice(format!("part{i}"), x, i, 1)?;
            g.activation(i, part, Activation::Relu)
        };
        let parts: Result<Vec<Value>, _> = (0..NODES / 2).map(part).collect();
        g.concat("all", &parts?)
    });
    assert!(elements <= 3 * 4 * (NODES / 2), "{elements}");
}

#[test]
fn concatenations_of_concatenations() {
    for part_is_first in [true, false] {
        // Each is placed after, or before, all existing ones.
        analyze([1, 2], |g, mut x| {
            for i in 0..NODES / 4 {
                let part = g.slice(format!("part{i}"), x, 0, 1)?;
                let part = g.activation(i, part, Activation::Relu)?;
                x = g.concat(format!("all{i}"), &if part_is_first { [part, x] } else { [x, part] })?;
                if g.channels(x) > 3000 {
                    x = g.slice(format!("less{i}"), x, 0, 1)?;
                }
            }
            Ok(x)
        });
    }
}

#[test]
fn dense_connections() {
    const READ: usize = 30;
    analyze([1, 4], |g, x| {
        let mut values = vec![x];
        for i in 0..NODES / 2 {
            let latest = &values[values.len().saturating_sub(READ)..];
            let all = g.concat(format!("all{i}"), latest)?;
            values.push(g.conv(i, all, Conv::new(1, 1))?);
        }
        g.concat("all", &values)
    });
}

#[test]
fn many_readers_of_one_value() {
    analyze([1, 4], |g, x| {
        let x = g.conv("conv", x, Conv::new(1, 1))?;
        let mut values = Vec::new();
        for i in 0..NODES / 2 {
            values.push(g.batch_norm(format!("norm{i}"), x, BatchNorm::default())?);
            values.push(g.dropout(format!("drop{i}"), x, 0.5, DropUnit::Element)?);
        }
        g.concat("all", &values)
    });
    // One node that reads a value many times, through a long chain of dropouts.
    let graph = Graph::build(|g| {
        let mut x = g.input("x", [1, 4])?;
        for i in 0..NODES {
            x = g.dropout(i, x, 0.5, DropUnit::Element)?;
        }
        let y = g.add("sum", &vec![x; 10 * NODES])?;
        g.output("y", y)
    });
    assert_eq!(merge(&graph.unwrap(), &Weights::default()).graph.nodes().len(), 2);
}

#[test]
fn positions_that_differ_by_phase() {
    let halves = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
    for align_corners in [false, true] {
        analyze([1, 5000], |g, mut x| {
            for i in 0..NODES / 2 {
                x = g.upsample(format!("up{i}"), x, 2, UpsampleMode::Linear { align_corners })?;
                x = g.max_pool(i, x, halves)?;
            }
            Ok(x)
        });
    }
}

/// The output never has the same length as the input.
#[test]
fn long_series_that_no_window_is_right_for() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [1, 1 << 24])?;
        let x = g.global_mean("mean", x)?;
        g.output("y", x)
    });
    assert_eq!(graph.unwrap().shortest_series(2), 1 << 24);
}
