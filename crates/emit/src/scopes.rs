//! The tree of node names, as groups of consecutive nodes below one name.
//!
//! Nodes keep their order, so a scope whose nodes are not consecutive is several groups.

use graph::plan::{LastUse, Schedule};
use graph::{Graph, Value};

/// Consecutive nodes below one name.
pub(crate) struct Group {
    /// The names from the surrounding group's to this one's.
    pub(crate) path: String,
    /// The names from the root to this one's.
    pub(crate) scope: String,
    /// The values of its nodes, in order.
    pub(crate) values: Vec<Value>,
    /// Nodes and groups directly in it, in order.
    pub(crate) items: Vec<Item>,
    /// The values that it reads from outside, in order of reading.
    pub(crate) inputs: Vec<Value>,
    /// Its values that are read outside.
    pub(crate) outputs: Vec<Value>,
    /// Levels of groups below this one.
    pub(crate) height: usize,
}

pub(crate) enum Item {
    /// A node and its name below the group's.
    Node(String, Value),
    /// The index of a group.
    Group(usize),
}

/// A graph and its groups.
pub(crate) struct Tree<'g> {
    pub(crate) graph: &'g Graph,
    /// Inner before outer; the last one is the whole graph.
    pub(crate) groups: Vec<Group>,
    pub(crate) schedule: Schedule,
}

/// A node's value and the parts of its name.
type Named<'g> = (Value, Vec<&'g str>);

impl<'g> Tree<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let outputs: Vec<Value> = graph.outputs().iter().map(|output| output.value).collect();
        let schedule = Schedule::complete(graph, &outputs);
        let nodes: Vec<Named<'g>> =
            graph.nodes().map(|(value, node)| (value, node.name.split('.').collect())).collect();
        let mut tree = Self { graph, groups: Vec::new(), schedule };
        tree.add(&nodes, 0, 0);
        tree
    }

    /// Adds the group of these nodes, whose names agree in their first `depth` parts, and the groups
    /// in it. The surrounding group's names agree in `outer` parts.
    fn add(&mut self, nodes: &[Named<'g>], outer: usize, depth: usize) -> usize {
        let mut items = Vec::new();
        let mut height = 0;
        let mut rest = nodes;
        while !rest.is_empty() {
            let (siblings, others) = rest.split_at(count_siblings(rest, depth));
            if let [(value, names)] = siblings {
                items.push(Item::Node(names[depth..].join("."), *value));
            } else {
                let inner = self.add(siblings, depth, common_depth(siblings));
                height = height.max(self.groups[inner].height + 1);
                items.push(Item::Group(inner));
            }
            rest = others;
        }
        let values: Vec<Value> = nodes.iter().map(|(value, _)| *value).collect();
        let names = &nodes[0].1;
        self.groups.push(Group {
            path: names[outer..depth].join("."),
            scope: names[..depth].join("."),
            items,
            inputs: self.inputs(&values),
            outputs: values.iter().copied().filter(|value| self.is_read_after(*value, &values)).collect(),
            height,
            values,
        });
        self.groups.len() - 1
    }

    fn inputs(&self, values: &[Value]) -> Vec<Value> {
        let mut inputs = Vec::new();
        for value in values {
            for input in &self.graph.node(*value).inputs {
                if *input < values[0] && !inputs.contains(input) {
                    inputs.push(*input);
                }
            }
        }
        inputs
    }

    fn is_read_after(&self, value: Value, values: &[Value]) -> bool {
        match self.schedule.last_use(value) {
            LastUse::Wanted => true,
            LastUse::Node(reader) => reader > values[values.len() - 1],
        }
    }
}

/// Number of nodes, from the first on, that are below the same name as the first one.
fn count_siblings(nodes: &[Named<'_>], depth: usize) -> usize {
    let first = &nodes[0].1;
    let is_below = |names: &[&str]| names.len() > depth + 1 && names[depth] == first[depth];
    if !is_below(first) {
        return 1;
    }
    nodes.iter().position(|(_, names)| !is_below(names)).unwrap_or(nodes.len())
}

/// Number of leading parts that all names have in common, their last part excluded.
fn common_depth(nodes: &[Named<'_>]) -> usize {
    let first = &nodes[0].1;
    let mut depth = first.len() - 1;
    for (_, names) in nodes {
        let common = first.iter().zip(names).take_while(|(a, b)| a == b).count();
        depth = depth.min(common).min(names.len() - 1);
    }
    depth
}
