//! The structure of a group: names, operations and wiring. Groups of equal structure share a
//! function; the numbers in them may differ.

use std::collections::BTreeMap;

use graph::Value;
use graph::plan::LastUse;

use crate::attributes;
use crate::scopes::{Group, Item, Tree};

/// The structure of a group. Its values have numbers: the inputs first, then the results of each step.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Structure {
    pub(crate) inputs: usize,
    pub(crate) steps: Vec<Sketch>,
    pub(crate) outputs: Vec<usize>,
    /// For each value the step that reads it last; for outputs that is beyond all steps.
    pub(crate) last_readers: Vec<usize>,
}

/// A step of a structure, without the numbers that groups may differ in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sketch {
    Node {
        name: String,
        kind: String,
        inputs: Vec<usize>,
    },
    /// A call, or several whose paths are consecutive numbers from `path` on, each with the result of the
    /// one before as first input.
    Calls {
        path: String,
        callee: usize,
        inputs: Vec<usize>,
        outputs: usize,
    },
}

/// The part of one group that a step of its structure stands for.
pub(crate) enum Part {
    Node(Value),
    Groups(Vec<usize>),
}

/// The numbers of values so far, and for each the step that reads it last.
#[derive(Default)]
struct Numbering {
    numbers: BTreeMap<Value, usize>,
    last_readers: Vec<usize>,
}

impl Numbering {
    fn add(&mut self, value: Value) {
        self.numbers.insert(value, self.last_readers.len());
        self.last_readers.push(0);
    }

    /// The numbers of values that this step reads.
    fn read(&mut self, values: &[Value], step: usize) -> Vec<usize> {
        let numbers: Vec<usize> = values.iter().map(|value| self.numbers[value]).collect();
        for number in &numbers {
            self.last_readers[*number] = step;
        }
        numbers
    }
}

impl Structure {
    /// The structure of a group, and its part behind each step. `callees` has the function of each
    /// inner group.
    pub(crate) fn of(tree: &Tree<'_>, callees: &[usize], group: &Group) -> (Self, Vec<Part>) {
        let mut numbering = Numbering::default();
        for value in &group.inputs {
            numbering.add(*value);
        }
        let (mut steps, mut parts) = (Vec::new(), Vec::new());
        let mut items = group.items.as_slice();
        while let [item, rest @ ..] = items {
            items = rest;
            match item {
                Item::Node(name, value) => {
                    let node = tree.graph.node(*value);
                    let inputs = numbering.read(&node.inputs, steps.len());
                    steps.push(Sketch::Node { name: name.clone(), kind: attributes::kind(node), inputs });
                    numbering.add(*value);
                    parts.push(Part::Node(*value));
                }
                Item::Group(first) => {
                    let chain = chain(tree, callees, *first, rest);
                    items = &rest[chain.len() - 1..];
                    let Group { path, inputs, .. } = &tree.groups[*first];
                    let results = &tree.groups[chain[chain.len() - 1]].outputs;
                    let inputs = numbering.read(inputs, steps.len());
                    let (path, callee, outputs) = (path.clone(), callees[*first], results.len());
                    steps.push(Sketch::Calls { path, callee, inputs, outputs });
                    for value in results {
                        numbering.add(*value);
                    }
                    parts.push(Part::Groups(chain));
                }
            }
        }
        let outputs = numbering.read(&group.outputs, usize::MAX);
        let last_readers = numbering.last_readers;
        (Self { inputs: group.inputs.len(), steps, outputs, last_readers }, parts)
    }
}

/// `first` and the groups after it that each continue with the result of the one before.
fn chain(tree: &Tree<'_>, callees: &[usize], first: usize, items: &[Item]) -> Vec<usize> {
    let mut chain = vec![first];
    for item in items {
        let Item::Group(next) = item else { break };
        let last = chain[chain.len() - 1];
        if callees[last] != callees[*next] || !continues(tree, &tree.groups[last], &tree.groups[*next]) {
            break;
        }
        chain.push(*next);
    }
    chain
}

/// Returns true if `next` has the next number, reads the only output of `group` first and alone, and otherwise
/// the same values.
fn continues(tree: &Tree<'_>, group: &Group, next: &Group) -> bool {
    let ([output], [input, others @ ..]) = (group.outputs.as_slice(), next.inputs.as_slice()) else {
        return false;
    };
    let is_numbered = number_of(&group.path).is_some_and(|n| number_of(&next.path) == Some(n + 1));
    let is_read_alone = match tree.schedule.last_use(*output) {
        LastUse::Wanted => false,
        LastUse::Node(reader) => next.values.contains(&reader),
    };
    is_numbered && is_read_alone && output == input && group.inputs.get(1..) == Some(others)
}

/// The number that a name is, if it is written as numbers are.
pub(crate) fn number_of(name: &str) -> Option<usize> {
    let number: usize = name.parse().ok()?;
    if number.to_string() == name { Some(number) } else { None }
}
