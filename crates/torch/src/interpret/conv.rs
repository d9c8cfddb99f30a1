//! Convolutions.

use graph::{Conv, ConvTranspose, Padding, Role, Shape};
use tch::{TchError, Tensor};

use super::SPACE;
use super::format::{as_image, of_image, ordered};
use super::pad::{both_sides, cropped, padded, pads};
use crate::number::{axes, int};
use crate::variables::NodeTensors;

/// `[N, C, …]` to `[N, out, …]`.
pub(super) fn conv(
    x: &Tensor,
    shape: &Shape,
    conv: &Conv,
    parameters: &NodeTensors,
) -> Result<Tensor, TchError> {
    let (weight, bias) = weight_and_bias(conv, parameters)?;
    let (x, channels_last) = ordered(x, &weight)?;
    if channels_last && is_dilated_depthwise(shape, conv) {
        return phases(&x, shape, conv, &weight, bias);
    }
    let pads = pads(&conv.window(), shape);
    if channels_last && conv.kernel.is_one() && !conv.stride.is_one() {
        let x = strided(&padded(&x, &pads, 0.0)?, &axes(conv.stride, shape.rank()))?;
        let point = Conv { stride: 1.into(), padding: Padding::Valid, ..*conv };
        return self::conv(&x, shape, &point, parameters);
    }
    // Equal padding on both sides costs libtorch nothing; any other takes a copy.
    let (x, padding) = match both_sides(&pads) {
        Some(padding) => (x, padding),
        None => (padded(&x, &pads, 0.0)?, vec![0; pads.len()]),
    };
    let (rank, groups) = (shape.rank(), int(conv.groups));
    let (stride, dilation) = (axes(conv.stride, rank), axes(conv.dilation, rank));
    if rank == 1 && !channels_last {
        return x.f_conv1d(&weight, bias, stride, padding, dilation, groups);
    }
    let [stride, dilation] = [stride, dilation].map(|axes| of_image(axes, 1));
    let weight = if rank == 1 { weight.f_unsqueeze(SPACE)? } else { weight };
    as_image(&x, |x| x.f_conv2d(&weight, bias, stride, of_image(padding, 0), dilation, groups))
}

/// The elements that a kernel of 1 with this stride reads; a view. Channels last, the gradient of such
/// a convolution writes outside its memory in libtorch 2.13 (`[8, 3, 224, 224]` to 48 channels).
fn strided(x: &Tensor, stride: &[i64]) -> Result<Tensor, TchError> {
    let mut axes = (SPACE..).zip(stride);
    axes.try_fold(x.shallow_clone(), |x, (axis, &stride)| x.f_slice(axis, None, None, stride))
}

fn is_dilated_depthwise(shape: &Shape, conv: &Conv) -> bool {
    let depthwise = conv.groups == shape.channels && conv.stride.is_one() && !conv.kernel.is_one();
    shape.rank() == 1 && depthwise && !conv.dilation.is_one()
}

/// A dilated convolution of a series as one without dilation, in a fifth of the time: the series
/// is an image `[N, C, T / dilation, dilation]`, whose every column is convolved by itself.
fn phases(
    x: &Tensor,
    shape: &Shape,
    conv: &Conv,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let (window, dilation, groups) = (conv.window(), conv.dilation.at(0), int(conv.groups));
    let (before, after) = window.pads(0, shape.space[0]);
    let length = before + shape.space[0] + after;
    // The columns must be full, and equal padding on both sides costs nothing.
    let (x, rows) = if before == after && [before, length].iter().all(|n| n.is_multiple_of(dilation)) {
        (x.shallow_clone(), before / dilation)
    } else {
        let full = length.next_multiple_of(dilation);
        (padded(x, &[(before, after + full - length)], 0.0)?, 0)
    };
    let columns = x.f_unflatten(SPACE, [-1, int(dilation)])?;
    let weight = weight.f_unsqueeze(-1)?;
    let y = columns.f_conv2d(&weight, bias, [1, 1], [int(rows), 0], [1, 1], groups)?;
    cropped(&y.f_flatten(SPACE, -1)?, &[(0, length - window.reach(0))])
}

fn weight_and_bias<'a>(
    conv: &Conv,
    parameters: &'a NodeTensors,
) -> Result<(Tensor, Option<&'a Tensor>), TchError> {
    let (weight, bias) = (parameters.expect(Role::Weight), parameters.get(Role::Bias));
    if !conv.weight_norm {
        return Ok((weight.shallow_clone(), bias));
    }
    let (length, per_output_channel) = (parameters.expect(Role::Length), 0);
    Ok((Tensor::f_internal_weight_norm(weight, length, per_output_channel)?, bias))
}

/// `[N, C, …]` to `[N, out, …]`, each axis multiplied by its stride.
pub(super) fn conv_transpose(
    x: &Tensor,
    shape: &Shape,
    conv: &ConvTranspose,
    parameters: &NodeTensors,
) -> Result<Tensor, TchError> {
    let (weight, bias) = (parameters.expect(Role::Weight), parameters.get(Role::Bias));
    let (x, channels_last) = ordered(x, weight)?;
    let (rank, groups) = (shape.rank(), int(conv.groups));
    let cuts: Vec<_> = (0..rank).map(|axis| conv.cuts(axis)).collect();
    // libtorch does not have to compute what is cut on both sides; it calls that padding.
    let shared: Vec<usize> = cuts.iter().map(|&(before, after)| before.min(after)).collect();
    let padding: Vec<i64> = shared.iter().copied().map(int).collect();
    let (stride, none, dilation) = (axes(conv.stride, rank), vec![0; rank], vec![1; rank]);
    let full = if rank == 1 && !channels_last {
        x.f_conv_transpose1d(weight, bias, stride, padding, none, groups, dilation)?
    } else {
        let [stride, dilation] = [stride, dilation].map(|axes| of_image(axes, 1));
        let [padding, none] = [padding, none].map(|axes| of_image(axes, 0));
        let weight = if rank == 1 { weight.f_unsqueeze(SPACE)? } else { weight.shallow_clone() };
        as_image(&x, |x| x.f_conv_transpose2d(&weight, bias, stride, padding, none, groups, dilation))?
    };
    let kept = |axis: usize| (cuts[axis].0 - shared[axis], shape.space[axis] * conv.stride.at(axis));
    cropped(&full, &(0..rank).map(kept).collect::<Vec<_>>())
}
