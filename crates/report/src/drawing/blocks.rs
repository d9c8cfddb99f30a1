//! The blocks of a drawing: runs of operations with a common name, and the arrows between them.

use std::ops::Range;

use graph::{Cost, Graph, Shape, Value};

use super::kind::{Kind, describe, words};
use crate::summary::prefix;

/// Longest line of a block, in characters; names may be longer.
const LINE: usize = 34;

/// Blocks in order of computation, and the arrows between them.
pub(super) struct Blocks {
    pub(super) blocks: Vec<Block>,
    pub(super) arrows: Vec<Arrow>,
}

/// A block.
pub(super) struct Block {
    pub(super) name: String,
    /// The lines below the name.
    pub(super) lines: Vec<String>,
    /// The kind of the operation that computes most.
    pub(super) kind: Kind,
    /// The kinds of all operations.
    pub(super) kinds: Vec<Kind>,
}

/// A value that flows from one block to a later one.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: String,
}

impl Blocks {
    pub(super) fn of(graph: &Graph, cost: &Cost, depth: usize) -> Self {
        let runs = runs(graph, depth);
        let mut blocks: Vec<Block> = runs.iter().map(|run| block(graph, cost, run, depth)).collect();
        let of_node: Vec<usize> =
            runs.iter().enumerate().flat_map(|(b, run)| run.clone().map(move |_| b)).collect();
        let mut arrows: Vec<Arrow> = Vec::new();
        let mut arrow = |from: usize, to: usize, shape: &Shape| {
            let label = label(shape);
            if from == to {
                return;
            }
            match arrows.iter_mut().find(|arrow| arrow.from == from && arrow.to == to) {
                Some(arrow) if arrow.label.split(" and ").any(|known| known == label) => {}
                Some(arrow) => arrow.label = format!("{} and {label}", arrow.label),
                None => arrows.push(Arrow { from, to, label }),
            }
        };
        for (value, node) in graph.nodes() {
            for input in &node.inputs {
                arrow(of_node[input.index()], of_node[value.index()], &graph.node(*input).shape);
            }
        }
        for output in graph.outputs() {
            arrow(of_node[output.value.index()], blocks.len(), &graph.node(output.value).shape);
            let (kind, kinds) = (Kind::Port, vec![Kind::Port]);
            blocks.push(Block { name: output.name.clone(), lines: vec!["output".to_owned()], kind, kinds });
        }
        Self { blocks, arrows }
    }
}

/// Runs of nodes whose names agree in their first `depth` parts. As they are runs, no two depend on each other.
pub(super) fn runs(graph: &Graph, depth: usize) -> Vec<Range<usize>> {
    let names: Vec<&str> = graph.nodes().map(|(_, node)| prefix(&node.name, Some(depth))).collect();
    let mut runs: Vec<Range<usize>> = Vec::new();
    for i in 0..names.len() {
        match runs.last_mut() {
            Some(run) if names[run.start] == names[i] => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}

fn block(graph: &Graph, cost: &Cost, run: &Range<usize>, depth: usize) -> Block {
    let nodes: Vec<_> = graph.nodes().skip(run.start).take(run.len()).collect();
    let (_, first) = nodes[0];
    let costs = &cost.nodes[run.clone()];
    let heaviest = nodes.iter().zip(costs).max_by_key(|((value, _), cost)| (cost.macs, later(*value)));
    let kind = heaviest.map_or(Kind::Other, |((_, node), _)| Kind::of(&node.op));
    let mut kinds: Vec<Kind> = nodes.iter().map(|(_, node)| Kind::of(&node.op)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let name = if nodes.len() == 1 { &first.name } else { prefix(&first.name, Some(depth)) };
    let mut lines = match nodes[..] {
        [(_, node)] => {
            let inputs: Vec<_> = node.inputs.iter().map(|input| graph.node(*input)).collect();
            vec![describe(node, &inputs)]
        }
        _ => wrapped(&counts(nodes.iter().map(|(_, node)| words(&node.op)))),
    };
    let (parameters, macs) = costs.iter().fold((0u64, 0u64), |(parameters, macs), cost| {
        (parameters.saturating_add(cost.trainable), macs.saturating_add(cost.macs))
    });
    let amounts = [(parameters, "parameters"), (macs, "MACs")];
    let amounts = amounts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", short(*n)));
    let amounts: Vec<String> = amounts.collect();
    if !amounts.is_empty() {
        lines.push(amounts.join(", "));
    }
    Block { name: name.to_owned(), lines, kind, kinds }
}

/// Orders equal costs so that the first operation determines the kind.
fn later(value: Value) -> std::cmp::Reverse<usize> {
    std::cmp::Reverse(value.index())
}

/// Counts such as `2 conv`, `add`, in order of first appearance.
fn counts(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.into_iter().map(|(word, n)| if n == 1 { word } else { format!("{n} {word}") }).collect()
}

/// A list broken into lines.
fn wrapped(items: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let item = if i + 1 < items.len() { format!("{item},") } else { item.clone() };
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + item.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(&item);
            }
            _ => lines.push(item),
        }
    }
    lines
}

/// A shape such as `64 × 56 × 56`.
fn label(shape: &Shape) -> String {
    shape.dims().iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

/// A number with three digits and a unit.
pub(super) fn short(n: u64) -> String {
    let units = [(1e9, " G"), (1e6, " M"), (1e3, " K")];
    let n = n as f64;
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| n >= *unit) else { return format!("{n}") };
    match n / unit {
        n if n < 9.995 => format!("{n:.2}{name}"),
        n if n < 99.95 => format!("{n:.1}{name}"),
        n => format!("{n:.0}{name}"),
    }
}
