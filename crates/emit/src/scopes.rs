//! The name tree of a graph, as runs of neighbouring nodes below one name.
//!
//! Nodes keep their order, so a scope whose nodes do not stand together is several runs.

use std::ops::Range;

use graph::{Graph, Value};

/// Neighbouring nodes below one name.
pub(crate) struct Run {
    /// The names from the surrounding run's to this one's.
    pub(crate) path: String,
    /// The names from the root to this one's.
    pub(crate) scope: String,
    /// Positions of the nodes.
    pub(crate) range: Range<usize>,
    /// What it is made of, in order.
    pub(crate) items: Vec<Item>,
    /// The values that it reads from outside, in order of reading.
    pub(crate) inputs: Vec<usize>,
    /// Its values that are read outside.
    pub(crate) outputs: Vec<usize>,
    /// Levels of runs below this one.
    pub(crate) height: usize,
}

pub(crate) enum Item {
    /// A node by its name below the run's and its position.
    Node(String, usize),
    /// A run by its place among all.
    Run(usize),
}

/// All runs of a graph, inner before outer; the last one is the whole graph.
pub(crate) fn runs(graph: &Graph) -> Vec<Run> {
    let names: Vec<Vec<&str>> = graph.nodes().map(|(_, node)| node.name.split('.').collect()).collect();
    let mut tree = Tree { graph, names, last_readers: last_readers(graph), runs: Vec::new() };
    tree.add(0..graph.nodes().len(), 0, 0);
    tree.runs
}

/// For each value the position after its last reader; that of an output is endless.
fn last_readers(graph: &Graph) -> Vec<usize> {
    let mut last = vec![0; graph.nodes().len()];
    for (value, node) in graph.nodes() {
        node.inputs.iter().for_each(|input| last[input.index()] = value.index() + 1);
    }
    graph.outputs().iter().for_each(|output| last[output.value.index()] = usize::MAX);
    last
}

struct Tree<'g> {
    graph: &'g Graph,
    /// The names of each node, from the root to its own.
    names: Vec<Vec<&'g str>>,
    last_readers: Vec<usize>,
    runs: Vec<Run>,
}

impl Tree<'_> {
    /// Adds the run of `range`, whose names agree in their first `depth` parts, and the runs in it.
    fn add(&mut self, range: Range<usize>, outer: usize, depth: usize) -> usize {
        let mut items = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let end = self.end(at, range.end, depth);
            items.push(if end == at + 1 {
                Item::Node(self.names[at][depth..].join("."), at)
            } else {
                Item::Run(self.add(at..end, depth, self.common(at..end)))
            });
            at = end;
        }
        let height = items.iter().map(|item| match item {
            Item::Node(..) => 0,
            Item::Run(run) => self.runs[*run].height + 1,
        });
        self.runs.push(Run {
            path: self.names.get(range.start).map_or(String::new(), |names| names[outer..depth].join(".")),
            scope: self.names.get(range.start).map_or(String::new(), |names| names[..depth].join(".")),
            inputs: self.inputs(range.clone()),
            outputs: range.clone().filter(|value| self.last_readers[*value] > range.end).collect(),
            height: height.max().unwrap_or(0),
            items,
            range,
        });
        self.runs.len() - 1
    }

    /// Where the nodes end that stand below the same name as the one at `at`.
    fn end(&self, at: usize, end: usize, depth: usize) -> usize {
        let names = &self.names[at];
        let below = |other: &[&str]| other.len() > depth + 1 && other[depth] == names[depth];
        if !below(names) {
            return at + 1;
        }
        (at..end).find(|next| !below(&self.names[*next])).unwrap_or(end)
    }

    /// How many first parts all names of a run have in common, their last part aside.
    fn common(&self, range: Range<usize>) -> usize {
        let first = &self.names[range.start];
        let common = |other: &Vec<&str>| first.iter().zip(other).take_while(|(a, b)| a == b).count();
        let least = self.names[range].iter().map(|names| common(names).min(names.len() - 1)).min();
        least.unwrap_or(0)
    }

    fn inputs(&self, range: Range<usize>) -> Vec<usize> {
        let mut inputs = Vec::new();
        let nodes = self.graph.nodes().skip(range.start).take(range.len());
        for value in nodes.flat_map(|(_, node)| &node.inputs).map(|value: &Value| value.index()) {
            if value < range.start && !inputs.contains(&value) {
                inputs.push(value);
            }
        }
        inputs
    }
}
