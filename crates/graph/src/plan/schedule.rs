//! Order of computation and lifetimes, which do not depend on the input's size.

use crate::{Graph, Table, Value};

/// The nodes that some wanted values depend on, in order of computation, and the life of each value.
///
/// ```
/// use graph::plan::{LastUse, Schedule};
/// use graph::{Activation, Conv, Graph};
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [6, 100])?;
///     let x = g.conv("conv", x, Conv::new(8, 3))?;
///     let x = g.activation("relu", x, Activation::Relu)?;
///     g.output("features", x)
/// })?;
/// let schedule = Schedule::new(&graph);
/// let instructions = schedule.instructions().iter();
/// let frees: Vec<_> = instructions.map(|instruction| &instruction.frees[..]).collect();
/// let [signal, conv, relu] = ["signal", "conv", "relu"].map(|name| graph.find(name).unwrap());
/// assert_eq!(frees, [&[][..], &[signal], &[conv]]);
/// assert_eq!(schedule.last_use(signal), LastUse::Node(conv));
/// assert_eq!(schedule.last_use(relu), LastUse::Wanted);
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    instructions: Vec<Instruction>,
    last_uses: Table<LastUse>,
}

/// The computation of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The value computed.
    pub value: Value,
    /// The values it is computed from; empty for a model input.
    pub inputs: Vec<Value>,
    /// The values that nothing reads after it, itself included if nothing ever reads it.
    pub frees: Vec<Value>,
}

/// The end of a value's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastUse {
    /// This node reads it last. A value that nothing reads has itself here.
    Node(Value),
    /// It is one of the wanted values and lives to the end.
    Wanted,
}

impl Schedule {
    /// The nodes that the graph's outputs need.
    pub fn new(graph: &Graph) -> Self {
        let outputs: Vec<Value> = graph.outputs().iter().map(|output| output.value).collect();
        Self::of(graph, &outputs)
    }

    /// The nodes that `wanted` needs. Wanted values are never freed.
    ///
    /// # Panics
    /// When a value belongs to another, larger graph.
    pub fn of(graph: &Graph, wanted: &[Value]) -> Self {
        let mut needed = Table::from_fn(graph, |_, _| false);
        for value in wanted {
            needed[*value] = true;
        }
        let nodes: Vec<_> = graph.nodes().collect();
        for (value, node) in nodes.into_iter().rev() {
            if needed[value] {
                for input in &node.inputs {
                    needed[*input] = true;
                }
            }
        }
        Self::from_needed(graph, wanted, &needed)
    }

    /// Every node, also those that nothing reads. Wanted values are never freed.
    pub fn complete(graph: &Graph, wanted: &[Value]) -> Self {
        Self::from_needed(graph, wanted, &Table::from_fn(graph, |_, _| true))
    }

    fn from_needed(graph: &Graph, wanted: &[Value], needed: &Table<bool>) -> Self {
        let mut last_uses = Table::from_fn(graph, |value, _| LastUse::Node(value));
        let mut instructions = Vec::new();
        // Position of each node's instruction; the nodes before it may not all be needed.
        let mut positions = Table::from_fn(graph, |_, _| 0);
        for (value, node) in graph.nodes() {
            if needed[value] {
                for input in &node.inputs {
                    last_uses[*input] = LastUse::Node(value);
                }
                positions[value] = instructions.len();
                instructions.push(Instruction { value, inputs: node.inputs.clone(), frees: Vec::new() });
            }
        }
        for value in wanted {
            last_uses[*value] = LastUse::Wanted;
        }
        for (value, _) in graph.nodes() {
            if let LastUse::Node(reader) = last_uses[value]
                && needed[value]
            {
                instructions[positions[reader]].frees.push(value);
            }
        }
        Self { instructions, last_uses }
    }

    /// The instructions, in order.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The last use of `value`; of a value that is not computed it is its own node.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn last_use(&self, value: Value) -> LastUse {
        self.last_uses[value]
    }
}
