//! The table of operators in docs/onnx.md is that of the exports.

use std::collections::{BTreeMap, BTreeSet};

use graph::random::{self, Problem};
use model::{Model, Normalization};
use onnx::{Options, Sizes};

const PAGE: &str = include_str!("../../../docs/onnx.md");

/// The operators of each operation in the page.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let (_, table) =
        PAGE.split_once("\n| operation | operators | remarks |\n").expect("a table of operators");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let operators = cells[2].split([',', ';']).map(|operator| operator.trim().to_owned());
        let operators = operators.filter(|operator| !operator.is_empty()).collect();
        (cells[1].trim_matches('`').to_owned(), operators)
    };
    rows.map(row).collect()
}

/// The operators of the nodes that the node `name` becomes.
fn operators_of(text: &str, name: &str, output: &str) -> BTreeSet<String> {
    let mut operators = BTreeSet::new();
    for line in text.lines() {
        let Some((tensor, rest)) = line.split_once(" = ") else { continue };
        let Some((operator, _)) = rest.split_once('(') else { continue };
        let is_of_node = tensor == name || tensor == output || tensor.starts_with(&format!("{name}/"));
        if is_of_node && operator != "Identity" {
            operators.insert(operator.to_owned());
        }
    }
    operators
}

#[test]
fn the_page_lists_the_operators_that_each_operation_becomes() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cell in 0..random::cells().len() {
        for seed in 0..3 {
            let Problem { graph, weights, .. } = random::problem(cell, seed);
            let outputs: Vec<_> =
                graph.outputs().iter().map(|output| (output.value, output.name.clone())).collect();
            let mut model = Model::new(graph, weights);
            let channels = model.normalization.mean.len();
            model.normalization = Normalization { mean: vec![0.5; channels], deviation: vec![2.0; channels] };
            for sizes in [Sizes::DynamicBatch, Sizes::Dynamic] {
                for as_image in [false, true] {
                    let options =
                        Options { merged: false, sizes, as_image, raw_input: true, ..Options::default() };
                    let Ok(exported) = onnx::export(&model, &options) else { continue };
                    let text = exported.to_string();
                    for (value, node) in model.graph.nodes() {
                        let output = outputs.iter().find(|(output, _)| *output == value);
                        let output = output.map_or("", |(_, name)| name);
                        let operators = operators_of(&text, &node.name, output);
                        found.entry(node.op.name().to_owned()).or_default().extend(operators);
                    }
                }
            }
        }
    }
    assert_eq!(documented(), found);
}
