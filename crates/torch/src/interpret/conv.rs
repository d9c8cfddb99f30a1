//! Convolutions.

use graph::{Conv, ConvTranspose, Shape};
use tch::{TchError, Tensor};

use super::pad::{both_sides, cropped, padded, pads};
use crate::number::{axes, int};

/// `[N, C, …]` to `[N, out, …]`; a series is convolved as a series.
pub(super) fn conv(
    x: &Tensor,
    shape: &Shape,
    conv: &Conv,
    parameters: &[Tensor],
) -> Result<Tensor, TchError> {
    let (weight, bias) = weight_and_bias(conv, parameters)?;
    let pads = pads(&conv.window(), shape);
    // Padding on both sides alike costs libtorch nothing; any other needs a copy.
    let (x, padding) = match both_sides(&pads) {
        Some(padding) => (x.shallow_clone(), padding),
        None => (padded(x, &pads, 0.0)?, vec![0; pads.len()]),
    };
    let (rank, groups) = (shape.rank(), int(conv.groups));
    let (stride, dilation) = (axes(conv.stride, rank), axes(conv.dilation, rank));
    if rank == 1 {
        x.f_conv1d(&weight, bias, stride, padding, dilation, groups)
    } else {
        x.f_conv2d(&weight, bias, stride, padding, dilation, groups)
    }
}

fn weight_and_bias<'a>(
    conv: &Conv,
    parameters: &'a [Tensor],
) -> Result<(Tensor, Option<&'a Tensor>), TchError> {
    if !conv.weight_norm {
        return Ok((parameters[0].shallow_clone(), parameters.get(1)));
    }
    let (length, direction) = (&parameters[0], &parameters[1]);
    let per_output_channel = 0;
    Ok((Tensor::f_internal_weight_norm(direction, length, per_output_channel)?, parameters.get(2)))
}

/// `[N, C, …]` to `[N, out, …]`, each axis multiplied by its stride.
pub(super) fn conv_transpose(
    x: &Tensor,
    shape: &Shape,
    conv: &ConvTranspose,
    parameters: &[Tensor],
) -> Result<Tensor, TchError> {
    let (weight, bias) = (&parameters[0], parameters.get(1));
    let (rank, groups) = (shape.rank(), int(conv.groups));
    let cuts: Vec<_> = (0..rank).map(|axis| conv.cuts(axis)).collect();
    // What is cut on both sides libtorch need not compute; it calls that padding.
    let shared: Vec<usize> = cuts.iter().map(|&(before, after)| before.min(after)).collect();
    let padding: Vec<i64> = shared.iter().copied().map(int).collect();
    let (stride, none, dilation) = (axes(conv.stride, rank), vec![0; rank], vec![1; rank]);
    let full = if rank == 1 {
        x.f_conv_transpose1d(weight, bias, stride, padding, none, groups, dilation)?
    } else {
        x.f_conv_transpose2d(weight, bias, stride, padding, none, groups, dilation)?
    };
    let kept = |axis: usize| (cuts[axis].0 - shared[axis], shape.space[axis] * conv.stride.at(axis));
    cropped(&full, &(0..rank).map(kept).collect::<Vec<_>>())
}
