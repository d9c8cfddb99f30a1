//! Sizes of values if the size of the input is dynamic.

use graph::{BuildError, ErrorKind, Extent, Graph, Node, Op, Shape, Table, Value};

use crate::error::ExportError;

/// Largest period that is sampled.
const LONGEST_PERIOD: usize = 256;
/// Periods between the sizes near the input's own and those far from it.
const FAR: usize = 8;

/// The shapes of all values at many sizes of the input: a whole period of strides near the input's own size, and
/// another one far above.
pub(crate) struct SizeChanges {
    near: Vec<Table<Shape>>,
    far: Vec<Table<Shape>>,
    is_complete: bool,
}

/// The difference of two values' sizes on one axis, over all sizes of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surplus {
    /// Largest excess of the first over the second.
    pub(crate) exceeding: usize,
    /// Largest excess of the second over the first.
    pub(crate) lacking: usize,
    /// Whether the difference stays bounded as the input grows.
    pub(crate) is_bounded: bool,
}

/// The size of one axis of a value, over all sizes of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AxisSize {
    /// Always this size.
    Constant(usize),
    /// The size of the same axis of the input.
    Input,
    /// Any other dynamic size.
    Other,
}

impl SizeChanges {
    /// The sizes of the values of `graph`, for inputs of these shapes or larger ones.
    pub(crate) fn new(graph: &Graph, inputs: &[Shape]) -> Result<Self, ExportError> {
        let period = period(graph);
        let sampled = period.min(LONGEST_PERIOD);
        let larger =
            |surplus: usize| -> Vec<Shape> { inputs.iter().map(|shape| extended(shape, surplus)).collect() };
        let shapes = |surplus: usize| graph.shapes_for(&larger(surplus));
        shapes(FAR * sampled).map_err(|error| refused(&error, &larger(FAR * sampled)))?;
        let window =
            |from: usize| (from..from + sampled).filter_map(|surplus| shapes(surplus).ok()).collect();
        Ok(Self { near: window(0), far: window(FAR * sampled), is_complete: period <= LONGEST_PERIOD })
    }

    /// The difference of the sizes of two values on each axis.
    pub(crate) fn surplus(&self, x: Value, like: Value) -> Vec<Surplus> {
        let rank = self.near[0][x].rank();
        let over = |window: &[Table<Shape>], axis: usize| {
            let differences = window.iter().map(|shapes| (shapes[x].space[axis], shapes[like].space[axis]));
            differences.fold((0, 0), |(exceeding, lacking): (usize, usize), (from, to)| {
                (exceeding.max(from.saturating_sub(to)), lacking.max(to.saturating_sub(from)))
            })
        };
        let along = |axis: usize| {
            let (near, far) = (over(&self.near, axis), over(&self.far, axis));
            let (exceeding, lacking) = near;
            Surplus { exceeding, lacking, is_bounded: near == far && self.is_complete }
        };
        (0..rank).map(along).collect()
    }

    /// Whether the number of channels of `value` depends on the size, as that of a flattened value does.
    pub(crate) fn has_dynamic_channels(&self, value: Value) -> bool {
        let first = self.near[0][value].channels;
        self.near.iter().chain(&self.far).any(|shapes| shapes[value].channels != first)
    }

    /// The size of an axis of `value`, compared with that of the same axis of `input`.
    pub(crate) fn axis(&self, value: Value, axis: usize, input: Value) -> AxisSize {
        let sizes = || self.near.iter().chain(&self.far).map(|shapes| shapes[value].space[axis]);
        let of_input = self.near.iter().chain(&self.far).map(|shapes| shapes[input].space.get(axis).copied());
        let first = self.near[0][value].space[axis];
        if sizes().all(|size| size == first) {
            AxisSize::Constant(first)
        } else if sizes().map(Some).eq(of_input) {
            AxisSize::Input
        } else {
            AxisSize::Other
        }
    }
}

/// The number of sizes after which differences in size repeat: the largest product of the strides along a path.
fn period(graph: &Graph) -> usize {
    let mut periods: Table<usize> = Table::new();
    for (_, node) in graph.nodes() {
        let of_inputs = node.inputs.iter().map(|input| periods[*input]).max().unwrap_or(1);
        periods.push(of_inputs.saturating_mul(stride(node)));
    }
    periods.values().copied().max().unwrap_or(1)
}

/// The largest stride of a node that reduces the size.
fn stride(node: &Node) -> usize {
    let largest = |extent: Extent| extent.axes(node.shape.rank()).max().unwrap_or(1);
    match &node.op {
        Op::Conv(conv) => largest(conv.stride),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => largest(pool.stride),
        Op::Input { .. } | Op::ConvTranspose(_) | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } => {
            1
        }
        Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Add => 1,
        Op::Multiply | Op::Concat | Op::Slice { .. } | Op::GlobalMean | Op::Upsample { .. } => 1,
        Op::CropOrPad | Op::Select(_) | Op::Reverse | Op::Dropout { .. } | Op::Flatten => 1,
    }
}

/// The shape with `surplus` added to each axis.
fn extended(shape: &Shape, surplus: usize) -> Shape {
    let space: Vec<usize> = shape.space.iter().map(|size| size + surplus).collect();
    Shape::new(shape.channels, space)
}

/// The refusal of dynamic sizes, because inputs of these shapes are not accepted.
fn refused(error: &BuildError, inputs: &[Shape]) -> ExportError {
    let reason = match error.kind() {
        ErrorKind::Size => "its parameters are bound to the size that the graph was built for".to_owned(),
        _ => {
            let inputs: Vec<String> = inputs.iter().map(Shape::to_string).collect();
            format!("{}, for an input of {}", error.message(), inputs.join(" and "))
        }
    };
    let message = format!("{reason}; choose a dynamic batch instead of dynamic sizes");
    ExportError::Node { node: error.node().to_owned(), message }
}
