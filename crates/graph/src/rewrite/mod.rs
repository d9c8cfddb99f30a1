//! Rewriting a graph together with its weights.

mod graft;
mod order;
mod readers;

use std::collections::BTreeMap;

use crate::{
    BuildError, ErrorKind, Graph, Node, Op, Output, Parameter, Role, Scope, Shape, Table, Value, Weights,
    infer, normal, parameters,
};
use graft::Graft;
use order::Order;

/// A graph and its weights while they are rewritten.
///
/// A value's readers are known at any time, and each change costs as much as it touches, so that a pass
/// over a deep graph stays linear. A value keeps its shape; nodes that are not rewritten keep their
/// names and weights. [`Rewrite::finish`] checks the result.
///
/// ```
/// use graph::rewrite::Rewrite;
/// use graph::{Activation, Conv, Graph, Op, Padding, Weights};
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [1, 100])?;
///     let x = g.conv("conv", x, Conv { padding: Padding::Causal, ..Conv::new(8, 3) })?;
///     g.output("features", x)
/// })?;
/// let weights = Weights::initial(&graph, 0);
///
/// let mut rewrite = Rewrite::new(&graph, &weights);
/// let conv = graph.find("conv").unwrap();
/// rewrite.insert_after(conv, |g, x| g.activation("relu", x, Activation::Relu))?;
/// let (rewritten, same) = rewrite.finish()?;
/// let names: Vec<_> = rewritten.nodes().map(|(_, node)| node.name.as_str()).collect();
/// assert_eq!(names, ["signal", "conv", "relu"]);
/// assert_eq!(rewritten.node(rewritten.main_output().value).name, "relu");
/// assert_eq!(same, weights);
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// `None` for a node that was removed.
    nodes: Table<Option<Node>>,
    readers: Table<Vec<Reader>>,
    order: Order,
    names: BTreeMap<String, Value>,
    outputs: Vec<Output>,
    weights: Weights,
    parameter_count: usize,
}

/// A reader of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// A node; one that reads the value several times is as many readers.
    Node(Value),
    /// The output of this position among [`Rewrite::outputs`].
    Output(usize),
}

impl Rewrite {
    /// Begins with `graph` and `weights`, whose values stay valid.
    pub fn new(graph: &Graph, weights: &Weights) -> Self {
        let mut readers = Table::from_fn(graph, |_, _| Vec::new());
        for (value, node) in graph.nodes() {
            for input in &node.inputs {
                readers[*input].push(Reader::Node(value));
            }
        }
        for (i, output) in graph.outputs().iter().enumerate() {
            readers[output.value].push(Reader::Output(i));
        }
        Self {
            nodes: Table::from_fn(graph, |_, node| Some(node.clone())),
            readers,
            order: Order::new(graph),
            names: graph.nodes().map(|(value, node)| (node.name.clone(), value)).collect(),
            outputs: graph.outputs().to_vec(),
            weights: weights.clone(),
            parameter_count: graph.parameter_count(),
        }
    }

    /// All values, in order of computation.
    pub fn values(&self) -> Vec<Value> {
        self.order.values()
    }

    /// Whether the node that computes `value` is still there.
    pub fn contains(&self, value: Value) -> bool {
        self.nodes.get(value).is_some_and(Option::is_some)
    }

    /// The node that computes `value`.
    ///
    /// # Panics
    /// If it was removed.
    pub fn node(&self, value: Value) -> &Node {
        self.nodes[value].as_ref().expect("the node of a value was not removed")
    }

    /// The readers of `value`, in no particular order.
    ///
    /// # Panics
    /// If the value belongs to another, larger graph.
    pub fn readers(&self, value: Value) -> &[Reader] {
        &self.readers[value]
    }

    /// The named outputs, the main one first.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The number of elements of all parameters.
    pub fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// The parameter of `role` that the node of `value` has.
    ///
    /// # Panics
    /// If the node was removed.
    pub fn parameter(&self, value: Value, role: Role) -> Option<Parameter> {
        let node = self.node(value);
        node.parameters_of(&self.shapes(&node.inputs)).find(|parameter| parameter.role == role)
    }

    /// The weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The weights, to change.
    pub fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    /// Replaces the operation and the inputs of `value`. The inputs must be computed before it. Weights for which
    /// the new operation has no parameter are removed.
    ///
    /// # Errors
    /// If the operation is not valid, its output has another shape, or the graph would have too many
    /// parameters. In these cases, nothing is changed.
    ///
    /// # Panics
    /// If the node of `value` or that of an input was removed.
    pub fn set(&mut self, value: Value, op: Op, inputs: Vec<Value>) -> Result<(), BuildError> {
        let (node, parameter_count) = self.changed(value, op, inputs)?;
        let old = self.parameters_of(value);
        let new: Vec<Parameter> = node.parameters_of(&self.shapes(&node.inputs)).collect();
        self.parameter_count = parameter_count;
        self.unread(value);
        for input in &node.inputs {
            self.readers[*input].push(Reader::Node(value));
        }
        self.nodes[value] = Some(node);
        for old in old {
            if new.iter().all(|new| new.name != old.name) {
                self.weights.remove(&old.name);
            }
        }
        Ok(())
    }

    /// Inserts the nodes that `model` builds from `value` after it: all readers of `value` read the result
    /// instead. `model` names its nodes by their full paths.
    ///
    /// # Errors
    /// Those of `model`, a name that is taken, and a result of another shape. Nothing is changed then.
    pub fn insert_after(
        &mut self,
        value: Value,
        model: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>,
    ) -> Result<Value, BuildError> {
        let graft = Graft::build(&[self.node(value)], |g, inputs| model(g, inputs[0]))?;
        check_shape(&self.node(value).name, graft.shape(), &self.node(value).shape)?;
        self.check_names(&graft, None)?;
        let readers = std::mem::take(&mut self.readers[value]);
        let result = self.graft(graft, &[value], self.order.after(value));
        self.redirect(readers, value, result);
        Ok(result)
    }

    /// Inserts the nodes that `model` builds from the input number `input` of `value` before `value`, which
    /// reads the result instead; other readers of that input do not.
    ///
    /// # Errors
    /// Those of `model`, a name that is taken, and a result of another shape. Nothing is changed then.
    ///
    /// # Panics
    /// If the node has no such input.
    pub fn insert_before(
        &mut self,
        value: Value,
        input: usize,
        model: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>,
    ) -> Result<Value, BuildError> {
        let source = self.node(value).inputs[input];
        let graft = Graft::build(&[self.node(source)], |g, inputs| model(g, inputs[0]))?;
        check_shape(&self.node(source).name, graft.shape(), &self.node(source).shape)?;
        self.check_names(&graft, None)?;
        let result = self.graft(graft, &[source], Some(value));
        self.remove_reader(source, Reader::Node(value));
        self.node_mut(value).inputs[input] = result;
        self.readers[result].push(Reader::Node(value));
        Ok(result)
    }

    /// Replaces the node of `value` by the nodes that `model` builds from its inputs: all readers of `value`
    /// read the result. One of the new nodes may have the old one's name; weights whose names no new node
    /// has are removed.
    ///
    /// # Errors
    /// Those of `model`, a name that is taken, and a result of another shape. Nothing is changed then.
    pub fn replace(
        &mut self,
        value: Value,
        model: impl FnOnce(Scope<'_>, &[Value]) -> Result<Value, BuildError>,
    ) -> Result<Value, BuildError> {
        let node = self.node(value);
        let inputs = node.inputs.clone();
        let sources: Vec<&Node> = inputs.iter().map(|input| self.node(*input)).collect();
        let graft = Graft::build(&sources, model)?;
        check_shape(&node.name, graft.shape(), &node.shape)?;
        self.check_names(&graft, Some(value))?;
        let old = self.parameters_of(value);
        let next = self.order.after(value);
        self.take_out(value);
        let readers = std::mem::take(&mut self.readers[value]);
        let kept = graft.parameter_names();
        let result = self.graft(graft, &inputs, next);
        self.redirect(readers, value, result);
        for old in old {
            if !kept.contains(&old.name) {
                self.weights.remove(&old.name);
            }
        }
        Ok(result)
    }

    /// Removes a node and its weights; its readers read its first input instead.
    ///
    /// # Errors
    /// If that input has another shape.
    ///
    /// # Panics
    /// If the node has no inputs.
    pub fn bypass(&mut self, value: Value) -> Result<(), BuildError> {
        let node = self.node(value);
        let input = node.inputs[0];
        check_shape(&node.name, &self.node(input).shape, &node.shape)?;
        let readers = std::mem::take(&mut self.readers[value]);
        self.redirect(readers, value, input);
        self.remove(value)
    }

    /// Removes a node that nothing reads, with its weights.
    ///
    /// # Errors
    /// If it has a reader.
    pub fn remove(&mut self, value: Value) -> Result<(), BuildError> {
        if !self.readers[value].is_empty() {
            let message = "expected a value without readers, found one that is still read";
            return Err(BuildError::new(&self.node(value).name, ErrorKind::Input, message));
        }
        for parameter in self.parameters_of(value) {
            self.weights.remove(&parameter.name);
        }
        self.take_out(value);
        Ok(())
    }

    /// The rewritten graph, verified, and its weights.
    ///
    /// # Errors
    /// If the graph is not [legal](Graph::verify), for example if a node reads one that is computed
    /// after it.
    pub fn finish(self) -> Result<(Graph, Weights), BuildError> {
        let mut graph = Graph::default();
        let mut moved: Table<Option<Value>> = self.nodes.map(|_, _| None);
        for value in self.order.values() {
            let node = self.node(value);
            let result = if let Op::Input { .. } = node.op {
                graph.push_input(node.name.clone(), &node.shape)?
            } else {
                let inputs = node.inputs.iter().map(|input| moved[*input]).collect::<Option<Vec<_>>>();
                let inputs = inputs.ok_or_else(|| {
                    let message = "expected inputs that are computed before it, found a later one";
                    BuildError::new(&node.name, ErrorKind::Input, message)
                })?;
                graph.push(node.name.clone(), node.op.clone(), inputs)?
            };
            moved[value] = Some(result);
        }
        for output in &self.outputs {
            let value = moved[output.value].expect("an output's node is never removed");
            graph.add_output(output.name.clone(), value)?;
        }
        graph.verify()?;
        Ok((graph, self.weights))
    }
}

impl Rewrite {
    /// Returns the node of `value` with another operation and other inputs, and the resulting number of parameters
    /// of the graph. Fails if [`Rewrite::set`] would.
    pub(crate) fn changed(
        &self,
        value: Value,
        mut op: Op,
        inputs: Vec<Value>,
    ) -> Result<(Node, usize), BuildError> {
        let node = self.node(value);
        let shapes = self.shapes(&inputs);
        let rank = shapes.first().map_or(0, |shape| shape.rank());
        let shape = normal::normalize(&mut op, rank).and_then(|()| infer::output(&op, &shapes));
        let shape = shape.map_err(|fault| BuildError::at(&node.name, &op, &shapes, fault))?;
        check_shape(&node.name, &shape, &node.shape)?;
        let others = self.parameter_count - elements(&self.parameters_of(value));
        let node = Node { name: node.name.clone(), op, inputs, shape };
        let parameters: Vec<Parameter> = node.parameters_of(&self.shapes(&node.inputs)).collect();
        let parameter_count = parameters::count_with(others, &node, &parameters)?;
        Ok((node, parameter_count))
    }

    fn node_mut(&mut self, value: Value) -> &mut Node {
        self.nodes[value].as_mut().expect("the node of a value was not removed")
    }

    fn shapes(&self, values: &[Value]) -> Vec<&Shape> {
        values.iter().map(|value| &self.node(*value).shape).collect()
    }

    fn parameters_of(&self, value: Value) -> Vec<Parameter> {
        let node = self.node(value);
        node.parameters_of(&self.shapes(&node.inputs)).collect()
    }

    /// The names of new nodes must not be taken, except by the node that they replace.
    fn check_names(&self, graft: &Graft, replaced: Option<Value>) -> Result<(), BuildError> {
        for node in graft.nodes() {
            let owner = self.names.get(&node.name).copied();
            if owner.is_some() && owner != replaced {
                return Err(BuildError::new(
                    &node.name,
                    ErrorKind::Name,
                    "the name is taken by another node",
                ));
            }
        }
        Ok(())
    }

    /// Adds new nodes before `next`, or at the end.
    fn graft(&mut self, graft: Graft, inputs: &[Value], next: Option<Value>) -> Value {
        self.parameter_count += graft.parameter_count();
        graft.plant(inputs, |node| {
            let name = node.name.clone();
            let inputs = node.inputs.clone();
            let value = self.nodes.push(Some(node));
            self.readers.push(Vec::new());
            for input in inputs {
                self.readers[input].push(Reader::Node(value));
            }
            self.order.insert(value, next);
            self.names.insert(name, value);
            value
        })
    }

    fn take_out(&mut self, value: Value) {
        self.parameter_count -= elements(&self.parameters_of(value));
        self.unread(value);
        self.names.remove(&self.node(value).name.clone());
        self.order.remove(value);
        self.nodes[value] = None;
    }
}

fn elements(parameters: &[Parameter]) -> usize {
    parameters.iter().map(Parameter::elements).sum()
}

fn check_shape(node: &str, found: &Shape, expected: &Shape) -> Result<(), BuildError> {
    if found == expected {
        return Ok(());
    }
    let message = format!("expected a rewrite of shape {expected}, found {found}");
    Err(BuildError::new(node, ErrorKind::Shape, message))
}
