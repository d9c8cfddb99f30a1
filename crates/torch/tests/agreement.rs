//! libtorch computes what the reference interpreter computes, merged or not, on random graphs
//! that cover every operation × padding × rank × (stride, dilation, groups).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail their test, and show the table"
)]

use std::collections::BTreeMap;

use graph::random::{Cell, Problem, cells, coverage, problem};
use graph::reference::{self, Tensor as Plain};
use graph::{Graph, Weights, merge};
use torch::tch::{Device, Kind, Tensor, nn, no_grad};
use torch::{Load, Net};

/// Single precision against f64, over graphs of a dozen nodes.
const SINGLE: f64 = 2e-5;
/// Graphs around each cell.
const GRAPHS: u64 = 3;

fn net(graph: &Graph, weights: &Weights) -> Net {
    let mut net = Net::new(&nn::VarStore::new(Device::Cpu).root(), graph.clone()).unwrap();
    net.load(weights, Load::Strict).unwrap();
    net
}

fn run(net: &Net, x: &Plain) -> Vec<Vec<f64>> {
    let dims: Vec<i64> =
        std::iter::once(x.batch).chain(x.shape.dims()).map(|n| i64::try_from(n).unwrap()).collect();
    let input = Tensor::from_slice(&x.data).reshape(dims).to_kind(Kind::Float);
    let outputs = no_grad(|| net.outputs(&input, false)).unwrap();
    let flat = |tensor: &Tensor| Vec::<f64>::try_from(tensor.to_kind(Kind::Double).reshape([-1])).unwrap();
    outputs.iter().map(|(_, tensor)| flat(tensor)).collect()
}

fn close(found: &[f64], needed: &[f64]) -> Result<(), String> {
    let scale = needed.iter().fold(1.0f64, |max, v| max.max(v.abs()));
    let worst = found.iter().zip(needed).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    match found.len() == needed.len() && worst <= SINGLE * scale && needed.iter().all(|v| v.is_finite()) {
        true => Ok(()),
        false => Err(format!("{} elements for {}, off by {worst} of {scale}", found.len(), needed.len())),
    }
}

fn check(Problem { graph, weights, sizes }: &Problem) {
    graph.verify().unwrap();
    let merged = merge(graph, weights);
    merged.graph.verify().unwrap();
    let nets = [net(graph, weights), net(&merged.graph, &merged.weights)];
    for size in sizes {
        let x = Plain::noise("x", 2, size.clone());
        let plain = reference::run(graph, weights, std::slice::from_ref(&x)).unwrap();
        let [torch, torch_merged] = nets.each_ref().map(|net| run(net, &x));
        for ((plain, torch), torch_merged) in plain.iter().zip(&torch).zip(&torch_merged) {
            let failed = |what: &str, message: String| {
                panic!("{what} at {size}: {message}\n{graph}\n{}", merged.graph)
            };
            close(torch, &plain.data).unwrap_or_else(|message| failed("libtorch", message));
            close(torch_merged, &plain.data).unwrap_or_else(|message| failed("merged libtorch", message));
        }
    }
}

#[test]
fn libtorch_merged_and_reference_agree_on_random_graphs() {
    // Threads cost more than they give on values this small.
    torch::tch::set_num_threads(1);
    let all = cells();
    let problems: Vec<Problem> =
        (0..all.len()).flat_map(|cell| (0..GRAPHS).map(move |seed| problem(cell, seed))).collect();
    problems.iter().for_each(check);
    let table = coverage(problems.iter().map(|problem| &problem.graph));
    print_table(&table);
    let foreign = problems.iter().filter(|problem| problem.sizes.len() > 1).count();
    println!("{} graphs, {foreign} of them at sizes they were not built for", problems.len());
    let empty: Vec<_> =
        table.iter().filter(|(_, count)| **count == 0).map(|(cell, _)| cell.to_string()).collect();
    assert!(empty.is_empty(), "cells without a graph: {empty:#?}");
}

/// One row for operation, variant and rank, one column for each of stride, dilation, groups.
fn print_table(table: &BTreeMap<Cell, usize>) {
    let mut rows: BTreeMap<(&str, &str, usize), [Option<usize>; 8]> = BTreeMap::new();
    for (cell, count) in table {
        let column =
            usize::from(cell.strided) * 4 + usize::from(cell.dilated) * 2 + usize::from(cell.grouped);
        rows.entry((cell.op, &cell.variant, cell.rank)).or_default()[column] = Some(*count);
    }
    let heads =
        ["---", "--g", "-d-", "-dg", "s--", "s-g", "sd-", "sdg"].map(|head| format!("{head:>5}")).concat();
    println!("{:<15}{:<20}rank{heads}", "operation", "padding or kind");
    for ((op, variant, rank), counts) in rows {
        let counts =
            counts.map(|count| count.map_or("     ".to_owned(), |count| format!("{count:>5}"))).concat();
        println!("{op:<15}{variant:<20}{rank:>4}{counts}");
    }
}
