//! Normalizations.

use graph::{BatchNorm, GroupNorm, Shape};
use tch::{TchError, Tensor};

use super::CHANNELS;
use super::format::in_order;
use crate::error::Fault;
use crate::number::{int, ints, sizes};

/// cuDNN's kernels where libtorch thinks them fit.
const CUDNN: bool = true;

/// By the batch's statistics in training, which also move the running ones, else by those.
pub(super) fn batch(
    x: &Tensor,
    shape: &Shape,
    norm: &BatchNorm,
    parameters: &[Tensor],
    train: bool,
) -> Result<Tensor, Fault> {
    if train {
        enough_values(x, shape)?;
    }
    let (affine, statistics) = parameters.split_at(parameters.len() - 2);
    let (mean, variance) = (Some(&statistics[0]), Some(&statistics[1]));
    let (scale, shift) = (affine.first(), affine.get(1));
    in_order(x, |x| {
        Ok(x.f_batch_norm(scale, shift, mean, variance, train, norm.momentum, norm.eps, CUDNN)?)
    })
}

/// A single value has no variance: libtorch would write NaN into the running one.
fn enough_values(x: &Tensor, shape: &Shape) -> Result<(), Fault> {
    let batch = sizes(x)[0];
    match shape.space.iter().fold(batch, |n, size| n * size) {
        values @ 0..=1 => Err(Fault::Refused(format!(
            "training needs at least 2 values per channel, not {values} in a batch of {batch}"
        ))),
        _ => Ok(()),
    }
}

/// Over channels at each position.
pub(super) fn layer(x: &Tensor, shape: &Shape, eps: f64, parameters: &[Tensor]) -> Result<Tensor, TchError> {
    let channels = [int(shape.channels)];
    let last = x.f_movedim_int(CHANNELS, -1)?;
    let normed = last.f_layer_norm(channels, parameters.first(), parameters.get(1), eps, CUDNN)?;
    normed.f_movedim_int(-1, CHANNELS)
}

/// Over groups of channels and all positions.
pub(super) fn group(x: &Tensor, norm: &GroupNorm, parameters: &[Tensor]) -> Result<Tensor, TchError> {
    in_order(x, |x| x.f_group_norm(int(norm.groups), parameters.first(), parameters.get(1), norm.eps, CUDNN))
}

/// Over positions per sample and channel, scale and shift per position.
pub(super) fn position(
    x: &Tensor,
    shape: &Shape,
    eps: f64,
    parameters: &[Tensor],
) -> Result<Tensor, TchError> {
    let space = ints(shape.space.iter().copied());
    x.f_layer_norm(space, parameters.first(), parameters.get(1), eps, CUDNN)
}
