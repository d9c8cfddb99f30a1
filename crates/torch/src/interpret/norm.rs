//! Normalizations.

use graph::{BatchNorm, GroupNorm, Role, Shape};
use tch::{TchError, Tensor};

use super::CHANNELS;
use super::format::in_order;
use crate::error::Fault;
use crate::number::{int, ints, sizes};
use crate::variables::NodeTensors;

/// Whether libtorch may choose cuDNN's kernels.
const CUDNN: bool = true;

/// Normalizes by the statistics of the batch in training, which also update the running statistics, and by the
/// running statistics otherwise.
pub(super) fn batch(
    x: &Tensor,
    shape: &Shape,
    norm: &BatchNorm,
    parameters: &NodeTensors,
    train: bool,
) -> Result<Tensor, Fault> {
    if train {
        enough_values(x, shape)?;
    }
    let (mean, variance) = (Some(parameters.expect(Role::Mean)), Some(parameters.expect(Role::Variance)));
    let (scale, shift) = affine(parameters);
    in_order(x, |x| {
        Ok(x.f_batch_norm(scale, shift, mean, variance, train, norm.momentum, norm.eps, CUDNN)?)
    })
}

/// Scale and shift, if the norm has them.
fn affine(parameters: &NodeTensors) -> (Option<&Tensor>, Option<&Tensor>) {
    (parameters.get(Role::Scale), parameters.get(Role::Bias))
}

/// A single value has no variance: libtorch would write NaN into the running one.
fn enough_values(x: &Tensor, shape: &Shape) -> Result<(), Fault> {
    let batch = sizes(x)[0];
    match shape.space.iter().fold(batch, |n, size| n * size) {
        values @ 0..=1 => Err(Fault::Refused(format!(
            "expected at least 2 values per channel in training, found {values} in a batch of {batch}"
        ))),
        _ => Ok(()),
    }
}

/// Over channels at each position.
pub(super) fn layer(
    x: &Tensor,
    shape: &Shape,
    eps: f64,
    parameters: &NodeTensors,
) -> Result<Tensor, TchError> {
    let channels = [int(shape.channels)];
    let (scale, shift) = affine(parameters);
    let last = x.f_movedim_int(CHANNELS, -1)?;
    let normed = last.f_layer_norm(channels, scale, shift, eps, CUDNN)?;
    normed.f_movedim_int(-1, CHANNELS)
}

/// Over groups of channels and all positions.
pub(super) fn group(x: &Tensor, norm: &GroupNorm, parameters: &NodeTensors) -> Result<Tensor, TchError> {
    let (scale, shift) = affine(parameters);
    in_order(x, |x| x.f_group_norm(int(norm.groups), scale, shift, norm.eps, CUDNN))
}

/// Over positions per sample and channel, scale and shift per position.
pub(super) fn position(
    x: &Tensor,
    shape: &Shape,
    eps: f64,
    parameters: &NodeTensors,
) -> Result<Tensor, TchError> {
    let space = ints(shape.space.iter().copied());
    let (scale, shift) = affine(parameters);
    x.f_layer_norm(space, scale, shift, eps, CUDNN)
}
