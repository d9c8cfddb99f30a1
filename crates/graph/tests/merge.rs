//! Merging computes the same function, at every size.

use graph::random::{Problem, cells, problem};
use graph::reference::Interpreter;
use graph::testing::{agreement, check};
use graph::{Forward, ForwardError, Graph, Weights, merge};

fn interpreter(graph: &Graph, weights: &Weights) -> Result<Box<dyn Forward>, ForwardError> {
    Ok(Box::new(Interpreter::new(graph.clone(), weights.clone())?))
}

#[test]
fn the_reference_agrees_with_itself_merged_and_unmerged() {
    println!("{}", agreement(&mut interpreter));
}

#[test]
fn merging_is_complete_and_removes_nodes() {
    let (mut before, mut after) = (0, 0);
    for cell in 0..cells().len() {
        for seed in 0..4 {
            let problem = problem(cell, seed);
            if seed == 3 {
                // The other test covers the seeds before.
                check(&problem, &mut interpreter);
            }
            let Problem { graph, weights, .. } = problem;
            let merged = merge(&graph, &weights);
            assert!(merged.weights.compare(&merged.graph).is_exact());
            let again = merge(&merged.graph, &merged.weights);
            assert_eq!(again.graph, merged.graph, "merging twice is merging once");
            before += graph.nodes().len();
            after += merged.graph.nodes().len();
        }
    }
    assert!(after < before, "nothing was merged: {before} nodes before, {after} after");
    println!("{before} nodes merged to {after}");
}
