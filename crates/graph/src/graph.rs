//! The graph: nodes in order of computation, each with its shape.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use crate::error::Fault;
use crate::scope::Builder;
use crate::{
    BuildError, ErrorKind, LARGEST_NODE_COUNT, LARGEST_OUTPUT_COUNT, Op, Scope, Shape, Table, infer, normal,
    parameters,
};

/// Maximum length of the name of a node or an output, in bytes.
const LONGEST_NAME: usize = 500;

/// A value of a graph: the output of one node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(u32);

impl Value {
    /// The position of the value's node.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a graph has fewer than 2^32 nodes"))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One operation of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Path of the node, such as `layer1.0.conv1`; prefix of its parameters' names.
    pub name: String,
    /// The operation.
    pub op: Op,
    /// The values that the operation reads.
    pub inputs: Vec<Value>,
    /// Shape of the result at the size the graph was built for.
    pub shape: Shape,
}

/// A named output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The output's name, such as `logits`.
    pub name: String,
    /// The value.
    pub value: Value,
}

/// A convolutional network as data: nodes in order of computation and named outputs.
///
/// A graph that exists is a typed graph: names are unique, shapes agree. It was built for one
/// input size and runs on others ([`Graph::shapes_for`]).
///
/// ```
/// use graph::{Activation, Conv, Graph};
/// let graph = Graph::build(|g| {
///     let x = g.input("image", [3, 32, 32])?;
///     let x = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(16, 3) })?;
///     let x = g.activation("relu", x, Activation::Relu)?;
///     g.output("features", x)
/// })?;
/// assert_eq!(*graph.output_shape(), [16, 16, 16].into());
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) outputs: Vec<Output>,
    /// The value of each node by its name.
    pub(crate) names: BTreeMap<String, Value>,
    /// Number of elements of all parameters.
    pub(crate) parameter_count: usize,
}

impl Graph {
    /// Builds a graph by a function that adds nodes to its root [`Scope`].
    ///
    /// # Errors
    /// If the function fails, or if it names no output.
    pub fn build(model: impl FnOnce(Scope<'_>) -> Result<(), BuildError>) -> Result<Self, BuildError> {
        let builder = RefCell::new(Builder::new());
        model(Scope::root(&builder))?;
        builder.into_inner().graph.complete()
    }

    /// The graph at the end of its construction.
    pub(crate) fn complete(self) -> Result<Self, BuildError> {
        if self.outputs.is_empty() {
            return Err(BuildError::new(
                "graph",
                ErrorKind::Input,
                "expected at least one output, found none",
            ));
        }
        Ok(self)
    }

    /// All nodes with their values, in order of computation.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (Value, &Node)> + ExactSizeIterator {
        self.nodes.iter().enumerate().map(|(i, node)| (Value::at(i), node))
    }

    /// The node that computes `value`.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn node(&self, value: Value) -> &Node {
        &self.nodes[value.index()]
    }

    /// The value of the node called `name`.
    pub fn find(&self, name: &str) -> Option<Value> {
        self.names.get(name).copied()
    }

    /// The model's inputs.
    pub fn inputs(&self) -> impl Iterator<Item = (Value, &Node)> {
        self.nodes().filter(|(_, node)| matches!(node.op, Op::Input { .. }))
    }

    /// The named outputs, the main one first.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The first output.
    ///
    /// # Panics
    /// On a graph without outputs, which [`Graph::build`] never returns.
    pub fn main_output(&self) -> &Output {
        &self.outputs[0]
    }

    /// The shape of the main output at the size the graph was built for.
    ///
    /// # Panics
    /// As [`Graph::main_output`].
    pub fn output_shape(&self) -> &Shape {
        &self.node(self.main_output().value).shape
    }

    /// The shape of every value when the inputs have these shapes, in order.
    ///
    /// # Errors
    /// Names the first node that cannot run at this size: an input of the wrong rank or channel
    /// count, a window larger than its input, sizes that do not match, or a node bound to
    /// the size it was built for.
    pub fn shapes_for(&self, inputs: &[Shape]) -> Result<Table<Shape>, BuildError> {
        let expected = self.inputs().count();
        if inputs.len() != expected {
            let message = format!("expected {expected} inputs, found {}", inputs.len());
            return Err(BuildError::new("graph", ErrorKind::Input, message));
        }
        let mut given = inputs.iter();
        let mut shapes = Table::new();
        for node in &self.nodes {
            let of: Vec<&Shape> = node.inputs.iter().map(|value| &shapes[*value]).collect();
            let shape = if let Op::Input { .. } = node.op {
                accepted(node, given.next().expect("there are as many shapes as inputs"))
            } else {
                self.resized(node, &of)
            };
            let shape = shape.map_err(|fault| BuildError::at(&node.name, &node.op, &of, fault))?;
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// The shape of a node for inputs of these shapes. Refuses a size at which the node's parameters
    /// would have other shapes than it was built with.
    fn resized(&self, node: &Node, inputs: &[&Shape]) -> Result<Shape, Fault> {
        let shape = infer::output(&node.op, inputs)?;
        let built: Vec<&Shape> = node.inputs.iter().map(|value| &self.node(*value).shape).collect();
        if node.parameters_of(&built).eq(node.parameters_of(inputs)) {
            return Ok(shape);
        }
        let built: Vec<_> = built.iter().map(ToString::to_string).collect();
        let built = built.join(" and ");
        let message =
            format!("expected {built}, the size the graph was built for, to which the parameters are bound");
        Err(Fault::new(ErrorKind::Size, message))
    }

    pub(crate) fn push(&mut self, name: String, mut op: Op, inputs: Vec<Value>) -> Result<Value, BuildError> {
        let foreign = inputs.iter().find(|value| value.index() >= self.nodes.len());
        if let Some(value) = foreign {
            let message = format!("expected a value of this graph, found {value}");
            return Err(BuildError::new(name, ErrorKind::Input, message));
        }
        let shapes: Vec<&Shape> = inputs.iter().map(|value| &self.node(*value).shape).collect();
        let rank = shapes.first().map_or(0, |shape| shape.rank());
        let shape = normal::normalize(&mut op, rank).and_then(|()| infer::output(&op, &shapes));
        let shape = shape.map_err(|fault| BuildError::at(&name, &op, &shapes, fault))?;
        self.add(Node { name, op, inputs, shape })
    }

    pub(crate) fn push_input(&mut self, name: String, shape: &Shape) -> Result<Value, BuildError> {
        let op = Op::Input { channels: shape.channels, rank: shape.rank() };
        let shape = infer::input(shape).map_err(|fault| BuildError::at(&name, &op, &[], fault))?;
        self.add(Node { name, op, inputs: Vec::new(), shape })
    }

    pub(crate) fn add_output(&mut self, name: String, value: Value) -> Result<(), BuildError> {
        check_name(&name)?;
        if value.index() >= self.nodes.len() {
            let message = format!("expected a value of this graph, found {value}");
            return Err(BuildError::new(name, ErrorKind::Input, message));
        }
        if self.outputs.iter().any(|output| output.name == name) {
            return Err(BuildError::new(name, ErrorKind::Name, "duplicate name; an earlier output has it"));
        }
        check_output_count(&name, self.outputs.len() + 1)?;
        self.outputs.push(Output { name, value });
        Ok(())
    }

    pub(crate) fn add(&mut self, node: Node) -> Result<Value, BuildError> {
        check_name(&node.name)?;
        if self.names.contains_key(&node.name) {
            return Err(BuildError::new(
                node.name,
                ErrorKind::Name,
                "duplicate name; an earlier node has it",
            ));
        }
        check_node_count(&node.name, self.nodes.len() + 1)?;
        let parameters = self.parameters_of(&node);
        self.parameter_count = parameters::count_with(self.parameter_count, &node, &parameters)?;
        let value = Value::at(self.nodes.len());
        self.names.insert(node.name.clone(), value);
        self.nodes.push(node);
        Ok(value)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn accepted(node: &Node, shape: &Shape) -> Result<Shape, Fault> {
    let shape = infer::input(shape)?;
    let built = &node.shape;
    if shape.rank() != built.rank() {
        let expected = if built.rank() == 1 { "a series [N, C, T]" } else { "an image [N, C, H, W]" };
        let message = format!("expected {expected}, found {shape}");
        return Err(Fault::new(ErrorKind::Rank, message));
    }
    if shape.channels != built.channels {
        let message = format!("expected {} channels, found {} in {shape}", built.channels, shape.channels);
        return Err(Fault::new(ErrorKind::Shape, message));
    }
    Ok(shape)
}

pub(crate) fn check_node_count(name: &str, count: usize) -> Result<(), BuildError> {
    check_count(name, "nodes", count, LARGEST_NODE_COUNT)
}

pub(crate) fn check_output_count(name: &str, count: usize) -> Result<(), BuildError> {
    check_count(name, "outputs", count, LARGEST_OUTPUT_COUNT)
}

fn check_count(name: &str, what: &str, count: usize, most: usize) -> Result<(), BuildError> {
    if count <= most {
        return Ok(());
    }
    Err(BuildError::new(
        name,
        ErrorKind::Limit,
        format!("expected at most {most} {what} in a graph, found more"),
    ))
}

pub(crate) fn check_name(name: &str) -> Result<(), BuildError> {
    let well_formed = name.split('.').all(|part| !part.is_empty())
        && name.chars().all(|c| c.is_alphanumeric() || "._-/:".contains(c));
    if well_formed && name.len() > LONGEST_NAME {
        let message = format!("expected a name of at most {LONGEST_NAME} bytes, found {}", name.len());
        return Err(BuildError::new(name, ErrorKind::Name, message));
    }
    if well_formed {
        return Ok(());
    }
    let message = "expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots";
    Err(BuildError::new(format!("{name:?}"), ErrorKind::Name, message))
}
