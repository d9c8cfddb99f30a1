//! The part of the input that an output depends on, and whether it depends on the future.

mod along;
mod series;

use std::fmt;

use crate::{Graph, Node, Op, Table, Value};
use along::{Along, Interval, Own};

/// Output positions examined at most per axis.
const POSITIONS: usize = 1 << 12;
/// Maximum number of nodes examined per axis, over all positions.
const VISITS: usize = 1 << 21;

/// The part of the input that a value depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Per spatial axis of the input: time, or height and width.
    pub axes: Vec<Field>,
    /// Whether a value of a series sees no later input than its own time; `None` for images.
    pub causal: Option<Causality>,
}

/// The receptive field along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A number of input elements, the same everywhere. It may be larger than the input.
    Steps {
        /// From the first to the last element that one output element depends on, itself included.
        steps: usize,
        /// The distance from the first of them to the output's own position. The own position of
        /// output element `t` is input element `t` times the strides between, rounded down; that of
        /// a selected step is the step's.
        look_back: usize,
        /// The distance from the output's own position to the last of them.
        look_ahead: usize,
    },
    /// The whole input, however large.
    Whole {
        /// The first node, in order of computation, that sees all positions.
        cause: String,
    },
}

/// Whether outputs see the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Causality {
    /// No output element sees input after its own position.
    Yes,
    /// Some output element does.
    No {
        /// The first node, in order of computation, that looks ahead.
        cause: String,
    },
}

impl Graph {
    /// The receptive field of the main output, at the size the graph was built for.
    ///
    /// It counts what can have an influence in inference, at the positions where no border is near:
    /// padding is taken for input. Where elements differ by phase, after upsampling, it is that of
    /// the phase that sees most. With several inputs, it is the largest
    /// receptive field among them.
    ///
    /// ```
    /// use graph::{Causality, Conv, Field, Graph, Padding};
    /// let graph = Graph::build(|g| {
    ///     let mut x = g.input("signal", [1, 100])?;
    ///     for i in 0..4 {
    ///         let dilation = (1 << i).into();
    ///         x = g.conv(i, x, Conv { dilation, padding: Padding::Causal, ..Conv::new(8, 3) })?;
    ///     }
    ///     g.output("features", x)
    /// })?;
    /// let field = graph.receptive_field();
    /// assert_eq!(field.axes, [Field::Steps { steps: 31, look_back: 30, look_ahead: 0 }]);
    /// assert_eq!(field.causal, Some(Causality::Yes));
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    ///
    /// # Panics
    /// On a graph without outputs, which [`Graph::build`] never returns.
    pub fn receptive_field(&self) -> ReceptiveField {
        self.receptive_field_of(self.main_output().value)
    }

    /// The receptive field of `value`.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn receptive_field_of(&self, value: Value) -> ReceptiveField {
        let relevant = self.relevant(value);
        let ranks = self.inputs().filter(|(input, _)| relevant[*input]).map(|(_, node)| node.shape.rank());
        let rank = ranks.max().unwrap_or(0);
        let views: Vec<View<'_>> = (0..rank).map(|axis| View::new(self, &relevant, value, axis)).collect();
        let axes: Vec<Field> = views.iter().map(View::field).collect();
        let causal = (rank == 1).then(|| views[0].causality(&axes[0]));
        ReceptiveField { axes, causal }
    }

    /// Whether each value has an influence on `value`.
    fn relevant(&self, value: Value) -> Table<bool> {
        let mut relevant = Table::from_fn(self, |other, _| other == value);
        for (reader, node) in self.nodes().rev() {
            if relevant[reader] {
                for input in read_by(node) {
                    relevant[*input] = true;
                }
            }
        }
        relevant
    }
}

/// The inputs whose elements have an influence on a node. The second input of `crop_or_pad` only gives
/// its size.
fn read_by(node: &Node) -> &[Value] {
    if node.op == Op::CropOrPad { &node.inputs[..1] } else { &node.inputs }
}

/// One value seen back along one axis.
struct View<'g> {
    graph: &'g Graph,
    value: Value,
    /// Elements of the value on the axis.
    size: usize,
    /// The positions that each node reads; `None` for a node without influence.
    nodes: Table<Option<Along>>,
}

/// The part of another value that one output position depends on.
#[derive(Clone, Copy)]
struct Seen {
    interval: Interval,
    own: Own,
}

impl<'g> View<'g> {
    fn new(graph: &'g Graph, relevant: &Table<bool>, value: Value, axis: usize) -> Self {
        let along = |node: &Node| {
            let inputs: Vec<_> = node.inputs.iter().map(|input| &graph.node(*input).shape).collect();
            Along::of(&node.op, &inputs, axis)
        };
        let nodes =
            Table::from_fn(graph, |value, node| if relevant[value] { Some(along(node)) } else { None });
        let size = graph.node(value).shape.space.get(axis).copied().unwrap_or(1);
        Self { graph, value, size, nodes }
    }

    fn field(&self) -> Field {
        if let Some(cause) = self.first(|along| along == Along::Whole) {
            return Field::Whole { cause };
        }
        let (mut steps, mut look_back, mut look_ahead) = (0, 0, 0);
        for seen in self.positions().flat_map(|t| self.seen_from(t)) {
            let Interval(first, last) = seen.interval;
            let own = seen.own.position();
            steps = steps.max(last.saturating_sub(first).saturating_add(1));
            look_back = look_back.max(own.saturating_sub(first));
            look_ahead = look_ahead.max(last.saturating_sub(own));
        }
        let count = |n: i128| usize::try_from(n).unwrap_or(usize::MAX);
        Field::Steps { steps: count(steps), look_back: count(look_back), look_ahead: count(look_ahead) }
    }

    fn causality(&self, field: &Field) -> Causality {
        if matches!(field, Field::Steps { look_ahead: 0, .. }) {
            return Causality::Yes;
        }
        // No single node looks ahead where branches of unlike strides are joined.
        let joined = || self.graph.node(self.value).name.clone();
        Causality::No { cause: self.first(Along::looks_ahead).unwrap_or_else(joined) }
    }

    /// The name of the first node with an influence of which `holds` is true.
    fn first(&self, holds: impl Fn(Along) -> bool) -> Option<String> {
        let mut nodes = self.graph.nodes().zip(self.nodes.values());
        nodes.find(|(_, along)| along.is_some_and(&holds)).map(|((_, node), _)| node.name.clone())
    }

    /// Output positions that stand for all. After enlargement by `f` the field repeats every `f`
    /// positions; with aligned corners it never does.
    fn positions(&self) -> impl Iterator<Item = i128> {
        let nodes = || self.nodes.values().flatten();
        let phases = nodes().fold(1, |n: usize, along| n.saturating_mul(along.phases()));
        let uneven = nodes().any(|along| matches!(along, Along::Aligned { .. }));
        let most = POSITIONS.min(VISITS / self.nodes.len()).max(1);
        let count = if uneven { self.size } else { self.size.min(phases).min(most) };
        (0..count).step_by(count.div_ceil(most).max(1)).map(|t| t as i128)
    }

    /// The part of each input that output position `t` depends on.
    fn seen_from(&self, t: i128) -> Vec<Seen> {
        let start = Seen { interval: Interval(t, t), own: Own::at(t) };
        let mut seen = Table::from_fn(self.graph, |value, _| (value == self.value).then_some(start));
        let mut of_inputs = Vec::new();
        for (value, node) in self.graph.nodes().rev() {
            let (Some(here), Some(along)) = (seen[value], self.nodes[value]) else { continue };
            if matches!(node.op, Op::Input { .. }) {
                of_inputs.push(here);
            }
            let back = Seen { interval: along.back(here.interval), own: along.own(here.own) };
            for input in read_by(node) {
                seen[*input] = Some(seen[*input].map_or(back, |other: Seen| other.join(back)));
            }
        }
        of_inputs
    }
}

impl Seen {
    /// Combines the fields of two paths. If they select different steps, the later step counts.
    fn join(self, other: Self) -> Self {
        let own = if self.own.position() < other.own.position() { other.own } else { self.own };
        Self { interval: self.interval.hull(other.interval), own }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps { steps, look_back, look_ahead } => {
                write!(f, "{steps} ({look_back} back, {look_ahead} ahead)")
            }
            Self::Whole { cause } => write!(f, "the whole input, because of {cause}"),
        }
    }
}

impl fmt::Display for Causality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No { cause } => write!(f, "no, because of {cause}"),
        }
    }
}

impl fmt::Display for ReceptiveField {
    /// One line, such as `31 (30 back, 0 ahead); causal: yes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.axes.as_slice() {
            [height, width] if height == width => write!(f, "{height} on both axes"),
            [height, width] => write!(f, "height {height}; width {width}"),
            axes => axes.iter().try_for_each(|field| write!(f, "{field}")),
        }?;
        if let Some(causal) = &self.causal {
            write!(f, "; causal: {causal}")?;
        }
        Ok(())
    }
}
