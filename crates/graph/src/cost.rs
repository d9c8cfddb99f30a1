//! The cost of a graph: parameters, multiply-adds, activation memory.

use std::fmt;

use crate::format::{table, thousands};
use crate::plan::Plan;
use crate::{BuildError, Graph, Node, Op, Role, Shape, Value, printable};

/// The cost of one sample in inference. Every number saturates at `u64::MAX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Per node, in order of computation.
    pub nodes: Vec<NodeCost>,
    /// Elements of trainable parameters.
    pub trainable: u64,
    /// Elements of running statistics, which are not trained.
    pub statistics: u64,
    /// Multiply-adds of convolutions, transposed convolutions and linear layers. Each counts once,
    /// also at positions in the padding.
    pub macs: u64,
    /// Elements of activation memory: the size of a [`Plan`]'s arena. It holds all values that are
    /// alive, from the model's inputs to its outputs; activations, sums and the like are computed in
    /// place, and concatenations by their parts where that is possible.
    pub peak_elements: u64,
    /// The first node during which most elements are alive.
    pub peak_node: String,
}

/// The cost of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeCost {
    /// The node's name.
    pub name: String,
    /// The operation's name.
    pub op: &'static str,
    /// Output shape.
    pub shape: Shape,
    /// Elements of trainable parameters.
    pub trainable: u64,
    /// Elements of running statistics.
    pub statistics: u64,
    /// Multiply-adds.
    pub macs: u64,
}

impl Cost {
    /// Peak activation memory in bytes, as f32.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_elements.saturating_mul(4)
    }
}

impl Graph {
    /// The cost at the size the graph was built for.
    ///
    /// ```
    /// use graph::{Conv, Graph};
    /// let graph = Graph::build(|g| {
    ///     let x = g.input("image", [3, 32, 32])?;
    ///     let x = g.conv("conv1", x, Conv { bias: true, ..Conv::new(16, 3) })?;
    ///     g.output("features", x)
    /// })?;
    /// let cost = graph.cost()?;
    /// assert_eq!(cost.trainable, 16 * 3 * 3 * 3 + 16);
    /// assert_eq!(cost.macs, 16 * 32 * 32 * 3 * 3 * 3);
    /// assert_eq!(cost.peak_bytes(), 4 * (3 + 16) * 32 * 32);
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Graph::cost_at`], for graphs that are not [legal](Graph::verify).
    pub fn cost(&self) -> Result<Cost, BuildError> {
        let inputs: Vec<Shape> = self.inputs().map(|(_, node)| node.shape.clone()).collect();
        self.cost_at(&inputs)
    }

    /// The cost when the inputs have these shapes, in order.
    ///
    /// # Errors
    /// As [`Graph::shapes_for`].
    pub fn cost_at(&self, inputs: &[Shape]) -> Result<Cost, BuildError> {
        let plan = Plan::new(self, inputs)?;
        let nodes: Vec<_> = self.nodes().map(|(value, node)| self.cost_of(value, node, &plan)).collect();
        let total = |of: fn(&NodeCost) -> u64| nodes.iter().map(of).fold(0, u64::saturating_add);
        let (trainable, statistics, macs) =
            (total(|n| n.trainable), total(|n| n.statistics), total(|n| n.macs));
        let peak_elements = plan.elements() as u64;
        let peak_node = plan.peak().map(|value| self.node(value).name.clone()).unwrap_or_default();
        Ok(Cost { trainable, statistics, macs, peak_elements, peak_node, nodes })
    }

    fn cost_of(&self, value: Value, node: &Node, plan: &Plan) -> NodeCost {
        let shape = plan.shape(value);
        let parameters = self.parameters_of(node);
        let elements = |of: fn(Role) -> bool| {
            let counts = parameters.iter().filter(|p| of(p.role)).map(|p| p.elements() as u64);
            counts.fold(0, u64::saturating_add)
        };
        NodeCost {
            name: node.name.clone(),
            op: node.op.name(),
            shape: shape.clone(),
            trainable: elements(Role::is_trainable),
            statistics: elements(|role| !role.is_trainable()),
            macs: node.inputs.first().map_or(0, |x| macs(&node.op, plan.shape(*x), shape)),
        }
    }
}

fn macs(op: &Op, x: &Shape, y: &Shape) -> u64 {
    let product = |elements: usize, channels: usize, kernel: usize| {
        (elements as u64).saturating_mul(channels as u64).saturating_mul(kernel as u64)
    };
    let taps = |kernel: crate::Extent| kernel.axes(x.rank()).fold(1, usize::saturating_mul);
    match op {
        Op::Conv(conv) => product(y.elements(), x.channels / conv.groups, taps(conv.kernel)),
        Op::ConvTranspose(conv) => product(x.elements(), conv.out / conv.groups, taps(conv.kernel)),
        Op::Linear(linear) => product(linear.out, x.channels, 1),
        Op::Input { .. } | Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) => 0,
        Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => 0,
        Op::Slice { .. } | Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean => 0,
        Op::Upsample { .. }
        | Op::CropOrPad
        | Op::Select(_)
        | Op::Reverse
        | Op::Dropout { .. }
        | Op::Flatten => 0,
    }
}

impl fmt::Display for Cost {
    /// A table in the words of `factory summary`: one line per node, the totals, the peak of activation memory.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["layer", "operation", "output", "parameters", "statistics", "MACs"].map(str::to_owned);
        let row = |node: &NodeCost| {
            let numbers = [node.trainable, node.statistics, node.macs]
                .map(|n| if n == 0 { String::new() } else { thousands(n) });
            let [trainable, statistics, macs] = numbers;
            [printable(&node.name), node.op.to_owned(), node.shape.to_string(), trainable, statistics, macs]
        };
        let [trainable, statistics, macs] = [self.trainable, self.statistics, self.macs].map(thousands);
        let total = ["total".to_owned(), String::new(), String::new(), trainable, statistics, macs];
        let rows: Vec<_> = std::iter::once(head).chain(self.nodes.iter().map(row)).chain([total]).collect();
        f.write_str(&table(&rows, 3))?;
        let bytes = thousands(self.peak_bytes());
        writeln!(f, "peak memory: {bytes} bytes of activations as f32, at {}", printable(&self.peak_node))
    }
}
