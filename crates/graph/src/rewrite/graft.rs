//! New nodes, built apart from the graph that they are for.

use std::cell::RefCell;

use crate::scope::Builder;
use crate::{BuildError, ErrorKind, Graph, Node, Op, Scope, Shape, Value};

/// Nodes built on a scope from stand-ins of existing values.
pub(super) struct Graft {
    graph: Graph,
    /// The number of stand-ins, which are the first nodes.
    stand_ins: usize,
    /// The stand-in of each source; equal sources have the same.
    inputs: Vec<Value>,
    result: Value,
}

impl Graft {
    /// The nodes that `model` builds from the values of `sources`.
    pub(super) fn build(
        sources: &[&Node],
        model: impl FnOnce(Scope<'_>, &[Value]) -> Result<Value, BuildError>,
    ) -> Result<Self, BuildError> {
        let mut builder = Builder::new();
        let mut inputs = Vec::new();
        for source in sources {
            let input = match builder.graph.find(&source.name) {
                Some(same) => same,
                None => {
                    let Node { name, shape, .. } = (*source).clone();
                    let op = Op::Input { channels: shape.channels, rank: shape.rank() };
                    builder.graph.add(Node { name, op, inputs: Vec::new(), shape })?
                }
            };
            inputs.push(input);
        }
        let stand_ins = builder.graph.nodes().len();
        let builder = RefCell::new(builder);
        let result = model(Scope::root(&builder), &inputs)?;
        let graft = Self { graph: builder.into_inner().graph, stand_ins, inputs, result };
        graft.check()?;
        Ok(graft)
    }

    fn check(&self) -> Result<(), BuildError> {
        let input = self.nodes().find(|node| matches!(node.op, Op::Input { .. }));
        if let Some(node) = input {
            let message = "expected operations on given values, found a new input";
            return Err(BuildError::new(&node.name, ErrorKind::Input, message));
        }
        if let Some(output) = self.graph.outputs().first() {
            let message = "expected operations on given values, found a new output";
            return Err(BuildError::new(&output.name, ErrorKind::Input, message));
        }
        if self.result.index() >= self.graph.nodes().len() {
            let message = format!("{} is not a value of this graph", self.result);
            return Err(BuildError::new("graph", ErrorKind::Input, message));
        }
        Ok(())
    }

    /// The shape of the result.
    pub(super) fn shape(&self) -> &Shape {
        &self.graph.node(self.result).shape
    }

    /// The new nodes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph.nodes().skip(self.stand_ins).map(|(_, node)| node)
    }

    pub(super) fn parameter_count(&self) -> usize {
        self.graph.parameter_count()
    }

    pub(super) fn parameter_names(&self) -> Vec<String> {
        let parameters = self.nodes().flat_map(|node| self.graph.parameters_of(node));
        parameters.map(|parameter| parameter.name).collect()
    }

    /// Hands the new nodes on, in order, reading the existing values `sources`; returns the value of
    /// the result. `add` returns the value of each node.
    pub(super) fn plant(self, sources: &[Value], mut add: impl FnMut(Node) -> Value) -> Value {
        let mut moved: Vec<Value> = Vec::new();
        for (input, source) in self.inputs.iter().zip(sources) {
            // Stand-ins are numbered in the order of their first use.
            if input.index() == moved.len() {
                moved.push(*source);
            }
        }
        for node in self.graph.nodes.into_iter().skip(self.stand_ins) {
            let inputs = node.inputs.iter().map(|input| moved[input.index()]).collect();
            moved.push(add(Node { inputs, ..node }));
        }
        moved[self.result.index()]
    }
}
