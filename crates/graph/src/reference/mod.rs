//! A plain interpreter in f64: slow, obvious, and what every other interpreter is checked against.
//!
//! Inference only: batch norm uses its running statistics, dropouts do nothing.

mod norm;
mod point;
mod space;
mod tensor;

pub use tensor::Tensor;

use crate::{BuildError, ErrorKind, Graph, LoadReport, Node, Op, Shape, Weights};

/// Why the reference interpreter does not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The inputs do not suit the graph.
    #[error(transparent)]
    Inputs(#[from] BuildError),
    /// The weights do not suit the graph.
    #[error("the weights do not fit the graph: {0}")]
    Weights(LoadReport),
}

/// The outputs of `graph`, in order, for `inputs` in order.
///
/// # Errors
/// When sizes or weights do not suit the graph, or batches differ.
pub fn run(graph: &Graph, weights: &Weights, inputs: &[Tensor]) -> Result<Vec<Tensor>, RunError> {
    let values = values(graph, weights, inputs)?;
    Ok(graph.outputs().iter().map(|output| values[output.value.index()].clone()).collect())
}

/// Every value of `graph`, in order of computation.
///
/// # Errors
/// As [`run`].
pub fn values(graph: &Graph, weights: &Weights, inputs: &[Tensor]) -> Result<Vec<Tensor>, RunError> {
    let fit = weights.compare(graph);
    if !fit.missing.is_empty() || !fit.misshapen.is_empty() {
        return Err(RunError::Weights(fit));
    }
    let given: Vec<Shape> = inputs.iter().map(|tensor| tensor.shape.clone()).collect();
    let shapes = graph.shapes_for(&given)?;
    if inputs.iter().any(|tensor| tensor.batch != inputs[0].batch) {
        return Err(BuildError::new("graph", ErrorKind::Shape, "the inputs differ in batch size").into());
    }
    let mut given = inputs.iter();
    let mut values: Vec<Tensor> = Vec::with_capacity(shapes.len());
    for ((_, node), shape) in graph.nodes().zip(&shapes) {
        let of: Vec<&Tensor> = node.inputs.iter().map(|value| &values[value.index()]).collect();
        let value = match given.as_slice().first().filter(|_| matches!(node.op, Op::Input { .. })) {
            Some(input) => {
                given.next();
                input.clone()
            }
            None => compute(node, &of, shape, &Local { weights, node }),
        };
        values.push(value);
    }
    Ok(values)
}

/// The weights of one node, known to be there and of the right shape.
pub(crate) struct Local<'w> {
    weights: &'w Weights,
    node: &'w Node,
}

impl Local<'_> {
    /// The parameter called `suffix`, or `absent` for all elements when the node has none.
    pub(crate) fn get(&self, suffix: &str, absent: f64) -> impl Fn(usize) -> f64 {
        let array = self.weights.get(&format!("{}.{suffix}", self.node.name));
        let data = array.map(|array| array.data().to_vec());
        move |i| data.as_ref().map_or(absent, |data| f64::from(data[i]))
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
