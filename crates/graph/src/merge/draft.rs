//! A graph and its weights while they are rewritten.

use crate::number::single;
use crate::{Array, Graph, Node, Op, Output, Shape, Value, Weights};

/// A graph under rewriting: nodes may vanish, none moves, so order of computation stays.
pub(super) struct Draft {
    nodes: Vec<Option<Node>>,
    outputs: Vec<Output>,
    weights: Weights,
}

impl Draft {
    pub(super) fn new(graph: &Graph, weights: &Weights) -> Self {
        let nodes = graph.nodes().map(|(_, node)| Some(node.clone())).collect();
        Self { nodes, outputs: graph.outputs().to_vec(), weights: weights.clone() }
    }

    /// Offers every node to `rewrite`, in order; tells whether any was changed.
    pub(super) fn each(&mut self, mut rewrite: impl FnMut(&mut Self, Value) -> bool) -> bool {
        let all: Vec<Value> = self.values().collect();
        let mut changed = false;
        for value in all {
            if self.nodes[value.index()].is_some() {
                changed |= rewrite(self, value);
            }
        }
        changed
    }

    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        (0..self.nodes.len()).filter(|&i| self.nodes[i].is_some()).map(Value::at)
    }

    fn node(&self, value: Value) -> &Node {
        self.nodes[value.index()].as_ref().expect("a value that is read has its node")
    }

    pub(super) fn op(&self, value: Value) -> &Op {
        &self.node(value).op
    }

    pub(super) fn name(&self, value: Value) -> &str {
        &self.node(value).name
    }

    pub(super) fn shape(&self, value: Value) -> &Shape {
        &self.node(value).shape
    }

    pub(super) fn inputs(&self, value: Value) -> &[Value] {
        &self.node(value).inputs
    }

    /// Nodes that read `value`, one entry for each time.
    pub(super) fn readers(&self, value: Value) -> Vec<Value> {
        let reads = |reader: &Value| self.inputs(*reader).iter().filter(|input| **input == value).count();
        self.values().flat_map(|reader| std::iter::repeat_n(reader, reads(&reader))).collect()
    }

    /// The only reader of `value`; otherwise what else needs it. An output counts as a reader.
    pub(super) fn only_reader(&self, value: Value) -> Result<Value, String> {
        if let Some(output) = self.outputs.iter().find(|output| output.value == value) {
            return Err(format!("`{}` is also the output `{}`", self.name(value), output.name));
        }
        match self.readers(value)[..] {
            [reader] => Ok(reader),
            [] => Err(format!("nothing reads `{}`", self.name(value))),
            [first, .., last] => {
                let (name, first, last) = (self.name(value), self.name(first), self.name(last));
                Err(format!("`{name}` is read by both `{first}` and `{last}`"))
            }
        }
    }

    /// The weight `suffix` of a node in f64, which needs `elements` of them.
    pub(super) fn weight(&self, value: Value, suffix: &str, elements: usize) -> Result<Vec<f64>, String> {
        let name = format!("{}.{suffix}", self.name(value));
        let array =
            self.weights.get(&name).ok_or_else(|| format!("`{name}` is missing among the weights"))?;
        if array.data().len() != elements {
            return Err(format!("`{name}` has {} elements, {elements} are needed", array.data().len()));
        }
        Ok(array.data().iter().copied().map(f64::from).collect())
    }

    pub(super) fn set_op(&mut self, value: Value, op: Op) {
        self.node_mut(value).op = op;
    }

    pub(super) fn set_inputs(&mut self, value: Value, inputs: Vec<Value>) {
        self.node_mut(value).inputs = inputs;
    }

    pub(super) fn set_weight(&mut self, value: Value, suffix: &str, shape: Vec<usize>, data: &[f64]) {
        let name = format!("{}.{suffix}", self.name(value));
        self.weights.insert(name, Array::from_fn(shape, |i| single(data[i])));
    }

    pub(super) fn remove_weight(&mut self, value: Value, suffix: &str) {
        let name = format!("{}.{suffix}", self.name(value));
        self.weights.remove(&name);
    }

    /// Removes a node with one input; its readers read the input instead.
    pub(super) fn bypass(&mut self, value: Value) {
        let input = self.inputs(value)[0];
        let nodes = self.nodes.iter_mut().flatten().flat_map(|node| &mut node.inputs);
        let outputs = self.outputs.iter_mut().map(|output| &mut output.value);
        nodes.chain(outputs).filter(|read| **read == value).for_each(|read| *read = input);
        self.remove(value);
    }

    /// Removes a node that nothing reads any more, with its weights.
    pub(super) fn remove(&mut self, value: Value) {
        let inputs: Vec<&Shape> = self.inputs(value).iter().map(|input| self.shape(*input)).collect();
        let names: Vec<String> =
            self.node(value).parameters_of(&inputs).map(|parameter| parameter.name).collect();
        names.iter().for_each(|name| drop(self.weights.remove(name)));
        self.nodes[value.index()] = None;
    }

    pub(super) fn finish(self) -> (Graph, Weights) {
        let mut graph = Graph::default();
        let mut moved = vec![None; self.nodes.len()];
        for (i, node) in self.nodes.into_iter().enumerate() {
            let Some(node) = node else { continue };
            let inputs: Vec<Value> = node.inputs.iter().filter_map(|input| moved[input.index()]).collect();
            let value = if let Op::Input { .. } = node.op {
                graph.push_input(node.name, &node.shape)
            } else {
                graph.push(node.name, node.op, inputs)
            };
            moved[i] = Some(value.expect("rewriting keeps shapes and names"));
        }
        for output in self.outputs {
            let value = moved[output.value.index()].expect("rewriting keeps what is an output");
            graph.add_output(output.name, value).expect("rewriting keeps outputs' names");
        }
        (graph, self.weights)
    }

    fn node_mut(&mut self, value: Value) -> &mut Node {
        self.nodes[value.index()].as_mut().expect("a value that is rewritten has its node")
    }
}
