//! Each operation on libtorch.

mod activation;
mod conv;
mod dropout;
mod format;
mod norm;
mod pad;
mod pool;
mod resize;

use graph::{Op, Role, Shape};
use tch::{TchError, Tensor};

use crate::error::Fault;
use crate::number::int;
use crate::variables::NodeTensors;

/// One node to compute, and everything that it is computed from.
pub(crate) struct Task<'a> {
    pub(crate) op: &'a Op,
    /// The inputs; that of a model input is the tensor given for it.
    pub(crate) inputs: &'a [&'a Tensor],
    /// The inputs' shapes.
    pub(crate) shapes: &'a [&'a Shape],
    /// The node's parameters.
    pub(crate) parameters: &'a NodeTensors,
    /// Whether dropouts act and batch norms take the batch's statistics.
    pub(crate) train: bool,
    /// Whether a batch norm keeps to its running statistics even in training.
    pub(crate) frozen: bool,
}

/// Axis of the channels.
pub(crate) const CHANNELS: i64 = 1;
/// First spatial axis.
const SPACE: i64 = 2;

pub(crate) fn interpret(task: &Task<'_>) -> Result<Tensor, Fault> {
    let &Task { inputs, parameters, .. } = task;
    let (x, shape) = (inputs[0], task.shapes[0]);
    let result = match task.op {
        Op::Input { .. } => x.shallow_clone(),
        Op::Conv(conv) => conv::conv(x, shape, conv, parameters)?,
        Op::ConvTranspose(conv) => conv::conv_transpose(x, shape, conv, parameters)?,
        Op::Linear(_) => x.f_linear(parameters.expect(Role::Weight), parameters.get(Role::Bias))?,
        Op::BatchNorm(batch_norm) => {
            norm::batch(x, shape, batch_norm, parameters, task.train && !task.frozen)?
        }
        Op::LayerNorm { eps } => norm::layer(x, shape, *eps, parameters)?,
        Op::GroupNorm(group_norm) => norm::group(x, group_norm, parameters)?,
        Op::PositionNorm { eps } => norm::position(x, shape, *eps, parameters)?,
        Op::Activation(activation) => activation::activation(x, *activation)?,
        Op::Softmax => x.f_softmax(CHANNELS, None)?,
        Op::Add => sum(inputs)?,
        Op::Multiply => x.f_mul(inputs[1])?,
        Op::Concat => concat(inputs)?,
        Op::Slice { start, length } => x.f_narrow(CHANNELS, int(*start), int(*length))?,
        Op::MaxPool(max_pool) => pool::max(x, shape, max_pool)?,
        Op::AveragePool { pool, count_padding } => pool::average(x, shape, pool, *count_padding)?,
        Op::GlobalMean => x.f_mean_dim(&spatial_axes(shape)[..], true, None)?,
        Op::Upsample { factor, mode } => resize::upsample(x, shape, *factor, *mode)?,
        Op::CropOrPad => resize::crop_or_pad(x, shape, task.shapes[1])?,
        Op::Select(step) => x.f_select(SPACE, int(step.index(shape.space[0])))?,
        Op::Reverse => x.f_flip([SPACE])?,
        Op::Dropout { p, unit } if task.train => dropout::dropout(x, *p, *unit)?,
        Op::Dropout { .. } => x.shallow_clone(),
        Op::Flatten => x.f_flatten(CHANNELS, -1)?,
    };
    Ok(result)
}

/// The terms added in order.
fn sum(terms: &[&Tensor]) -> Result<Tensor, Fault> {
    let Some((second, rest)) = terms[1..].split_first() else { return Ok(terms[0].shallow_clone()) };
    let mut sum = terms[0].f_add(second)?;
    for term in rest {
        // In place: the sum so far is ours alone, and its gradient needs no earlier value of it.
        sum = sum.f_add_(term)?;
    }
    Ok(sum)
}

/// All channels, in order.
fn concat(inputs: &[&Tensor]) -> Result<Tensor, TchError> {
    if inputs.iter().all(|x| x.is_contiguous()) {
        return Tensor::f_cat(inputs, CHANNELS);
    }
    let inputs = inputs.iter().map(|x| x.f_movedim_int(CHANNELS, -1)).collect::<Result<Vec<_>, _>>()?;
    Tensor::f_cat(&inputs, -1)?.f_movedim_int(-1, CHANNELS)
}

fn spatial_axes(shape: &Shape) -> Vec<i64> {
    (SPACE..SPACE + int(shape.rank())).collect()
}
