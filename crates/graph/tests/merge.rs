//! Merging computes the same function, at every size.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::random::{Problem, cells, coverage, problem};
use graph::reference::{self, Tensor};
use graph::{Graph, merge};

/// Merging rounds each merged weight to f32 once; outputs of order 1 to 100 then agree to about 1e-6.
const CLOSE: f64 = 2e-5;

fn check(problem: &Problem) -> Graph {
    let Problem { graph, weights, sizes } = problem;
    let merged = merge(graph, weights);
    for size in sizes {
        let x = [Tensor::noise("x", 2, size.clone())];
        let plain = reference::run(graph, weights, &x).unwrap();
        let after = reference::run(&merged.graph, &merged.weights, &x).unwrap();
        for (a, b) in plain.iter().zip(&after) {
            let scale = a.data.iter().fold(1.0f64, |max, v| max.max(v.abs()));
            let worst = a.data.iter().zip(&b.data).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let ok = worst <= CLOSE * scale && a.data.iter().all(|v| v.is_finite());
            assert!(ok, "differs by {worst} of {scale} at {size}\n{graph:?}\nmerged\n{:?}", merged.graph);
        }
    }
    assert!(merged.weights.compare(&merged.graph).is_exact());
    let again = merge(&merged.graph, &merged.weights);
    assert_eq!(again.graph, merged.graph, "merging twice is merging once");
    merged.graph
}

#[test]
fn merged_equals_unmerged_on_random_graphs() {
    let problems: Vec<Problem> =
        (0..cells().len()).flat_map(|cell| (0..4).map(move |seed| problem(cell, seed))).collect();
    let merged: Vec<Graph> = problems.iter().map(check).collect();
    let table = coverage(problems.iter().map(|problem| &problem.graph));
    let empty: Vec<String> =
        table.iter().filter(|(_, count)| **count == 0).map(|(cell, _)| cell.to_string()).collect();
    assert!(empty.is_empty(), "not covered: {empty:#?}");
    let nodes =
        |graphs: &mut dyn Iterator<Item = &Graph>| graphs.map(|graph| graph.nodes().len()).sum::<usize>();
    let (before, after) = (nodes(&mut problems.iter().map(|p| &p.graph)), nodes(&mut merged.iter()));
    assert!(after < before, "nothing was merged: {before} nodes before, {after} after");
    println!("{} graphs, {before} nodes merged to {after}, {} cells", problems.len(), table.len());
}
