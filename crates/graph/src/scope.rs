//! The handle by which models are written: a place in the name tree of a graph under construction.

use std::cell::RefCell;
use std::fmt::{self, Display};
use std::ops::Div;

use crate::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, DropUnit, Extent, Graph, GroupNorm, Linear, Op,
    Pool, Shape, TimeStep, UpsampleMode, Value,
};

/// A place in the name tree of a graph under construction.
///
/// Goes down by `/`, as tch's `Path`; a part may hold dots. Node names are arguments, because
/// they are those of reference checkpoints.
///
/// ```
/// use graph::{BatchNorm, BuildError, Conv, Graph, Scope, Value};
/// fn conv_norm(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
///     let x = g.conv("conv", x, Conv::new(channels, 3))?;
///     g.batch_norm("bn", x, BatchNorm::default())
/// }
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [6, 100])?;
///     let x = conv_norm(g / "stem", x, 16)?;
///     g.output("features", x)
/// })?;
/// assert!(graph.find("stem.bn").is_some());
/// # Ok::<(), BuildError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Scope<'g> {
    builder: &'g RefCell<Builder>,
    path: usize,
}

/// A graph under construction and the paths of its scopes, which refer to them by index and so are
/// `Copy`.
pub(crate) struct Builder {
    pub(crate) graph: Graph,
    paths: Vec<String>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self { graph: Graph::default(), paths: vec![String::new()] }
    }
}

type Built = Result<Value, BuildError>;

impl<'g> Scope<'g> {
    pub(crate) fn root(builder: &'g RefCell<Builder>) -> Self {
        Self { builder, path: 0 }
    }

    /// The path of this scope, empty at the root.
    pub fn path(self) -> String {
        self.builder.borrow().paths[self.path].clone()
    }

    /// The shape of `value` at the size the graph is built for.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn shape(self, value: Value) -> Shape {
        self.builder.borrow().graph.node(value).shape.clone()
    }

    /// The channels of `value`.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn channels(self, value: Value) -> usize {
        self.builder.borrow().graph.node(value).shape.channels
    }

    /// A model input of this shape; the spatial size may be another when the model runs.
    pub fn input(self, name: impl Display, shape: impl Into<Shape>) -> Built {
        let name = self.join(name);
        self.builder.borrow_mut().graph.push_input(name, &shape.into())
    }

    /// Names `value` as an output; the first is the main one.
    pub fn output(self, name: impl Display, value: Value) -> Result<(), BuildError> {
        let name = self.join(name);
        self.builder.borrow_mut().graph.add_output(name, value)
    }

    /// Any operation on any inputs; the methods below are shorter.
    pub fn op(self, name: impl Display, op: Op, inputs: &[Value]) -> Built {
        let name = self.join(name);
        self.builder.borrow_mut().graph.push(name, op, inputs.to_vec())
    }

    /// `[N, C, …]` to `[N, conv.out, …]`.
    pub fn conv(self, name: impl Display, x: Value, conv: Conv) -> Built {
        self.op(name, Op::Conv(conv), &[x])
    }

    /// `[N, C, …]` to `[N, conv.out, …]`, sizes multiplied by the stride.
    pub fn conv_transpose(self, name: impl Display, x: Value, conv: ConvTranspose) -> Built {
        self.op(name, Op::ConvTranspose(conv), &[x])
    }

    /// `[N, C]` to `[N, out]`, with bias.
    pub fn linear(self, name: impl Display, x: Value, out: usize) -> Built {
        self.op(name, Op::Linear(Linear { out, bias: true }), &[x])
    }

    /// Batch normalization.
    pub fn batch_norm(self, name: impl Display, x: Value, norm: BatchNorm) -> Built {
        self.op(name, Op::BatchNorm(norm), &[x])
    }

    /// Normalization over channels at each position.
    pub fn layer_norm(self, name: impl Display, x: Value, eps: f64) -> Built {
        self.op(name, Op::LayerNorm { eps }, &[x])
    }

    /// Group normalization.
    pub fn group_norm(self, name: impl Display, x: Value, norm: GroupNorm) -> Built {
        self.op(name, Op::GroupNorm(norm), &[x])
    }

    /// SleepKit's normalization over positions; binds the graph to its size.
    pub fn position_norm(self, name: impl Display, x: Value, eps: f64) -> Built {
        self.op(name, Op::PositionNorm { eps }, &[x])
    }

    /// A pointwise function.
    pub fn activation(self, name: impl Display, x: Value, activation: Activation) -> Built {
        self.op(name, Op::Activation(activation), &[x])
    }

    /// Softmax over channels.
    pub fn softmax(self, name: impl Display, x: Value) -> Built {
        self.op(name, Op::Softmax, &[x])
    }

    /// Sum of equal shapes.
    pub fn add(self, name: impl Display, terms: &[Value]) -> Built {
        self.op(name, Op::Add, terms)
    }

    /// Product of `x` and a factor that may have size 1 on spatial axes.
    pub fn multiply(self, name: impl Display, x: Value, factor: Value) -> Built {
        self.op(name, Op::Multiply, &[x, factor])
    }

    /// Concatenation of channels.
    pub fn concat(self, name: impl Display, parts: &[Value]) -> Built {
        self.op(name, Op::Concat, parts)
    }

    /// Channels `start` to `start + length`.
    pub fn slice(self, name: impl Display, x: Value, start: usize, length: usize) -> Built {
        self.op(name, Op::Slice { start, length }, &[x])
    }

    /// Largest element of each window.
    pub fn max_pool(self, name: impl Display, x: Value, pool: Pool) -> Built {
        self.op(name, Op::MaxPool(pool), &[x])
    }

    /// Mean of each window.
    pub fn average_pool(self, name: impl Display, x: Value, pool: Pool, count_padding: bool) -> Built {
        self.op(name, Op::AveragePool { pool, count_padding }, &[x])
    }

    /// Mean over all positions, `[N, C, 1]` or `[N, C, 1, 1]`.
    pub fn global_mean(self, name: impl Display, x: Value) -> Built {
        self.op(name, Op::GlobalMean, &[x])
    }

    /// Enlargement by a whole factor.
    pub fn upsample(
        self,
        name: impl Display,
        x: Value,
        factor: impl Into<Extent>,
        mode: UpsampleMode,
    ) -> Built {
        self.op(name, Op::Upsample { factor: factor.into(), mode }, &[x])
    }

    /// `x` padded or cropped to the spatial size of `like`.
    pub fn crop_or_pad(self, name: impl Display, x: Value, like: Value) -> Built {
        self.op(name, Op::CropOrPad, &[x, like])
    }

    /// One step of a series, `[N, C, T]` to `[N, C]`.
    pub fn select(self, name: impl Display, x: Value, step: TimeStep) -> Built {
        self.op(name, Op::Select(step), &[x])
    }

    /// A series in reverse order.
    pub fn reverse(self, name: impl Display, x: Value) -> Built {
        self.op(name, Op::Reverse, &[x])
    }

    /// Random zeros in training.
    pub fn dropout(self, name: impl Display, x: Value, p: f64, unit: DropUnit) -> Built {
        self.op(name, Op::Dropout { p, unit }, &[x])
    }

    /// All of a sample as one feature vector.
    pub fn flatten(self, name: impl Display, x: Value) -> Built {
        self.op(name, Op::Flatten, &[x])
    }

    fn join(self, name: impl Display) -> String {
        let path = &self.builder.borrow().paths[self.path];
        if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
    }
}

impl<T: Display> Div<T> for Scope<'_> {
    type Output = Self;

    fn div(self, part: T) -> Self {
        let path = self.join(part);
        let mut builder = self.builder.borrow_mut();
        let index = builder.paths.len();
        builder.paths.push(path);
        Scope { builder: self.builder, path: index }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.path()).finish()
    }
}
