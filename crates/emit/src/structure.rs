//! What runs must have in common to be one function: names, operations, wiring, not their numbers.

use std::collections::BTreeMap;

use crate::functions::{Library, Parts, number_of};
use crate::operation;
use crate::scopes::{Item, Run};

/// The structure of a run: equal for those that share a function.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Structure {
    pub(crate) inputs: usize,
    pub(crate) steps: Vec<Draft>,
    pub(crate) outputs: Vec<usize>,
}

/// What a structure does, the numbers in it aside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    Node {
        name: String,
        kind: String,
        inputs: Vec<usize>,
    },
    Call {
        path: String,
        callee: usize,
        inputs: Vec<usize>,
        outputs: usize,
    },
    /// One or more calls, numbered from `start`, in a chain.
    Chain {
        start: usize,
        callee: usize,
        inputs: Vec<usize>,
    },
}

impl Structure {
    /// For each value the step that reads it last; for what is returned that is beyond all steps.
    pub(crate) fn last_readers(&self) -> Vec<usize> {
        let results = |draft: &Draft| if let Draft::Call { outputs, .. } = draft { *outputs } else { 1 };
        let mut last = vec![0; self.inputs + self.steps.iter().map(results).sum::<usize>()];
        for (s, draft) in self.steps.iter().enumerate() {
            let (Draft::Node { inputs, .. } | Draft::Call { inputs, .. } | Draft::Chain { inputs, .. }) =
                draft;
            inputs.iter().for_each(|input| last[*input] = s);
        }
        self.outputs.iter().for_each(|output| last[*output] = usize::MAX);
        last
    }
}

impl Library<'_> {
    /// The structure of a run, and what its steps stand for.
    pub(crate) fn structure(&self, run: usize) -> (Structure, Vec<Parts>) {
        let run = &self.runs[run];
        let mut local: BTreeMap<usize, usize> = BTreeMap::new();
        for value in &run.inputs {
            local.insert(*value, local.len());
        }
        let (mut steps, mut parts) = (Vec::new(), Vec::new());
        let mut items = run.items.as_slice();
        while let [item, rest @ ..] = items {
            items = rest;
            match item {
                Item::Node(name, node) => {
                    let (value, inputs) = (self.node(*node), self.node_inputs(*node, &local));
                    steps.push(Draft::Node { name: name.clone(), kind: operation::kind(value), inputs });
                    local.insert(*node, local.len());
                    parts.push(vec![*node]);
                }
                Item::Run(first) => {
                    let chain = self.chain(*first, items);
                    items = &items[chain.len() - 1..];
                    let inner = &self.runs[*first];
                    let inputs = inner.inputs.iter().map(|value| local[value]).collect();
                    let callee = self.callees[*first];
                    let outputs = &self.runs[chain[chain.len() - 1]].outputs;
                    steps.push(
                        match number(inner).filter(|_| outputs.len() == 1 && !inner.inputs.is_empty()) {
                            Some(start) => Draft::Chain { start, callee, inputs },
                            None => Draft::Call {
                                path: inner.path.clone(),
                                callee,
                                inputs,
                                outputs: outputs.len(),
                            },
                        },
                    );
                    for value in outputs {
                        local.insert(*value, local.len());
                    }
                    parts.push(chain);
                }
            }
        }
        let outputs = run.outputs.iter().map(|value| local[value]).collect();
        (Structure { inputs: run.inputs.len(), steps, outputs }, parts)
    }

    /// `first` and the runs after it that go on with what the one before returned.
    fn chain(&self, first: usize, items: &[Item]) -> Vec<usize> {
        let mut chain = vec![first];
        for item in items {
            let Item::Run(next) = item else { break };
            if !self.continues(chain[chain.len() - 1], *next) {
                break;
            }
            chain.push(*next);
        }
        chain
    }

    fn continues(&self, run: usize, next: usize) -> bool {
        let same_function = self.callees[run] == self.callees[next];
        let (run, next) = (&self.runs[run], &self.runs[next]);
        let numbered = number(run).is_some_and(|n| number(next) == Some(n + 1));
        let ([output], [input, others @ ..]) = (run.outputs.as_slice(), next.inputs.as_slice()) else {
            return false;
        };
        let alone = |node: usize| next.range.contains(&node);
        same_function
            && numbered
            && output == input
            && run.inputs.get(1..) == Some(others)
            && self.readers(*output, run.range.end).all(alone)
    }

    /// The nodes at or after `from` that read `value`; the end of the graph for an output.
    fn readers(&self, value: usize, from: usize) -> impl Iterator<Item = usize> {
        let reads = move |node: &graph::Node| node.inputs.iter().any(|input| input.index() == value);
        let nodes = self.graph.nodes().skip(from).filter(move |(_, node)| reads(node));
        let outputs = self.graph.outputs().iter().filter(move |output| output.value.index() == value);
        nodes.map(|(reader, _)| reader.index()).chain(outputs.map(|_| usize::MAX))
    }
}

fn number(run: &Run) -> Option<usize> {
    number_of(&run.path)
}
