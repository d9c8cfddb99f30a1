//! A plain interpreter in f64, slow and obvious, against which every other interpreter is tested.
//!
//! Inference only: batch norm uses its running statistics, and dropouts do nothing.

mod norm;
mod point;
mod space;
mod tensor;

pub use tensor::Tensor;

use crate::{
    Array, BuildError, ErrorKind, Forward, ForwardError, Graph, Node, NodeWeights, Op, Role, Shape, Table,
    Weights, batch_and_shapes, single,
};

/// The reference interpreter of one graph as a [`Forward`].
#[derive(Clone, Debug)]
pub struct Interpreter {
    graph: Graph,
    weights: Weights,
}

impl Interpreter {
    /// An interpreter of `graph` with `weights`.
    ///
    /// # Errors
    /// If a parameter is missing among the weights or has another shape.
    pub fn new(graph: Graph, weights: Weights) -> Result<Self, ForwardError> {
        check(&graph, &weights)?;
        Ok(Self { graph, weights })
    }
}

impl Forward for Interpreter {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let (batch, shapes) = batch_and_shapes(inputs)?;
        let tensor = |(array, shape): (&Array, Shape)| Tensor {
            batch,
            shape,
            data: array.data().iter().copied().map(f64::from).collect(),
        };
        let inputs: Vec<Tensor> = inputs.iter().zip(shapes).map(tensor).collect();
        let array = |tensor: &Tensor| {
            let shape: Vec<usize> = std::iter::once(tensor.batch).chain(tensor.shape.dims()).collect();
            Array::from_fn(shape, |i| single(tensor.data[i]))
        };
        Ok(run(&self.graph, &self.weights, &inputs)?.iter().map(array).collect())
    }
}

/// The outputs of `graph`, in order, for `inputs` in order.
///
/// # Errors
/// If sizes or weights do not match the graph, or if batch sizes differ.
pub fn run(graph: &Graph, weights: &Weights, inputs: &[Tensor]) -> Result<Vec<Tensor>, ForwardError> {
    let values = values(graph, weights, inputs)?;
    Ok(graph.outputs().iter().map(|output| values[output.value].clone()).collect())
}

/// Every value of `graph`.
///
/// # Errors
/// As [`run`].
pub fn values(graph: &Graph, weights: &Weights, inputs: &[Tensor]) -> Result<Table<Tensor>, ForwardError> {
    check(graph, weights)?;
    let given: Vec<Shape> = inputs.iter().map(|tensor| tensor.shape.clone()).collect();
    let shapes = graph.shapes_for(&given)?;
    if inputs.iter().any(|tensor| tensor.batch != inputs[0].batch) {
        return Err(BuildError::new("graph", ErrorKind::Shape, "expected inputs of equal batch size").into());
    }
    let mut given = inputs.iter();
    let mut values = Table::new();
    for (value, node) in graph.nodes() {
        let of: Vec<&Tensor> = node.inputs.iter().map(|input| &values[*input]).collect();
        let computed = if let Op::Input { .. } = node.op {
            given.next().expect("there are as many tensors as inputs").clone()
        } else {
            compute(node, &of, &shapes[value], &Local(weights.of(graph, value)))
        };
        values.push(computed);
    }
    Ok(values)
}

fn check(graph: &Graph, weights: &Weights) -> Result<(), ForwardError> {
    let report = weights.compare(graph);
    if report.missing.is_empty() && report.misshapen.is_empty() {
        Ok(())
    } else {
        Err(ForwardError::Weights(report))
    }
}

/// The weights of one node, known to be there and of the right shape.
pub(crate) struct Local<'w>(NodeWeights<'w>);

impl<'w> Local<'w> {
    /// The elements of the parameter with this role, or `absent` for all if the node has none.
    pub(crate) fn get(&self, role: Role, absent: f64) -> impl Fn(usize) -> f64 + use<'w> {
        let array = self.0.get(role);
        move |i| array.map_or(absent, |array| f64::from(array.data()[i]))
    }
}

fn compute(node: &Node, inputs: &[&Tensor], shape: &Shape, local: &Local<'_>) -> Tensor {
    let x = inputs.first().copied();
    let Some(x) = x else { unreachable!("only inputs have no inputs, and they are given") };
    match &node.op {
        Op::Input { .. } => unreachable!("inputs are given"),
        Op::Conv(conv) => space::conv(x, shape, conv, local),
        Op::ConvTranspose(conv) => space::conv_transpose(x, shape, conv, local),
        Op::Linear(_) => point::linear(x, shape, local),
        Op::BatchNorm(norm) => norm::batch(x, norm.eps, local),
        Op::LayerNorm { eps } => norm::layer(x, *eps, local),
        Op::GroupNorm(norm) => norm::group(x, norm, local),
        Op::PositionNorm { eps } => norm::position(x, *eps, local),
        Op::Activation(activation) => point::activation(x, *activation),
        Op::Softmax => point::softmax(x),
        Op::Add => point::add(inputs, shape),
        Op::Multiply => point::multiply(x, inputs[1]),
        Op::Concat => point::concat(inputs, shape),
        Op::Slice { start, .. } => Tensor::from_fn(x.batch, shape, |(n, c, h, w)| x.at((n, start + c, h, w))),
        Op::MaxPool(pool) => space::max_pool(x, shape, pool),
        Op::AveragePool { pool, count_padding } => space::average_pool(x, shape, pool, *count_padding),
        Op::GlobalMean => space::global_mean(x, shape),
        Op::Upsample { factor, mode } => space::upsample(x, shape, *factor, *mode),
        Op::CropOrPad => space::crop_or_pad(x, shape),
        Op::Select(step) => {
            let index = step.index(x.shape.space[0]);
            Tensor::from_fn(x.batch, shape, |(n, c, _, _)| x.at((n, c, 0, index)))
        }
        Op::Reverse => {
            let last = x.shape.space[0] - 1;
            Tensor::from_fn(x.batch, shape, |(n, c, _, w)| x.at((n, c, 0, last - w)))
        }
        Op::Dropout { .. } => x.clone(),
        Op::Flatten => Tensor { batch: x.batch, shape: shape.clone(), data: x.data.clone() },
    }
}
