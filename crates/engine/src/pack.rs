//! Weights in the order that kernels read them.

use std::borrow::Cow;

use graph::{Array, Conv as GraphConv, ConvTranspose, NodeWeights, Role};
use kernels::{BLOCK, Function, Lanes, blocks};

use crate::instruction::{Affine, Conv, Depthwise, Phase, TapWeights};
use crate::winograd::Transformed;

/// Numbers per channel as blocks.
pub(crate) fn lanes(values: &[f32]) -> Vec<Lanes> {
    let block = |chunk: &[f32]| Lanes(std::array::from_fn(|lane| chunk.get(lane).copied().unwrap_or(0.0)));
    values.chunks(BLOCK).map(block).collect()
}

fn bias(weights: &NodeWeights<'_>, out: usize) -> Vec<Lanes> {
    weights.get(Role::Bias).map_or_else(|| vec![Lanes::ZERO; blocks(out)], |bias| lanes(bias.data()))
}

/// The scale and shift of a norm; empty if it has none, because the number of channels may then depend on the size.
pub(crate) fn affine(weights: &NodeWeights<'_>) -> Affine {
    let packed = |role: Role| weights.get(role).map_or_else(Vec::new, |numbers| lanes(numbers.data()));
    Affine { scale: packed(Role::Scale), shift: packed(Role::Bias) }
}

/// The scale and shift of a batch norm in inference.
pub(crate) fn batch_norm(weights: &NodeWeights<'_>, channels: usize, eps: f64) -> Affine {
    let get = |role: Role, absent: f32, channel: usize| {
        f64::from(weights.get(role).map_or(absent, |array| array.data()[channel]))
    };
    let scale = |channel| get(Role::Scale, 1.0, channel) / (get(Role::Variance, 1.0, channel) + eps).sqrt();
    let shift = |channel| get(Role::Bias, 0.0, channel) - get(Role::Mean, 0.0, channel) * scale(channel);
    let packed = |number: &dyn Fn(usize) -> f64| {
        lanes(&(0..channels).map(|channel| graph::single(number(channel))).collect::<Vec<_>>())
    };
    Affine { scale: packed(&scale), shift: packed(&shift) }
}

/// The kernel of a convolution or linear layer. A weight norm is multiplied out, in f64.
fn kernel<'w>(weights: &NodeWeights<'w>) -> Option<Cow<'w, Array>> {
    let weight = weights.get(Role::Weight)?;
    let Some(length) = weights.get(Role::Length) else { return Some(Cow::Borrowed(weight)) };
    let row = (weight.data().len() / length.data().len().max(1)).max(1);
    let mut kernel = Vec::with_capacity(weight.data().len());
    for (direction, length) in weight.data().chunks(row).zip(length.data()) {
        let norm = direction.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        kernel.extend(direction.iter().map(|v| graph::single(f64::from(*length) * f64::from(*v) / norm)));
    }
    Array::new(weight.shape(), kernel).map(Cow::Owned)
}

/// Taps down and across of a kernel with this shape, `[out, in, k…]`.
fn taps(weight: &Array) -> [usize; 2] {
    match weight.shape() {
        [_, _, height, width] => [*height, *width],
        [_, _, width] => [1, *width],
        _ => [1, 1],
    }
}

/// A convolution or, with one tap, a linear layer.
pub(crate) fn conv(
    weights: &NodeWeights<'_>,
    conv: &GraphConv,
    channels: usize,
    (is_linear, positions): (bool, usize),
) -> Option<Conv> {
    let [height, width] = taps(weights.get(Role::Weight)?);
    let has_few = conv.groups == 1 && has_few_outputs(conv.out, channels, height * width, positions);
    packed(weights, conv, channels, (is_linear, has_few))
}

/// A convolution whose vectors are of output channels.
pub(crate) fn dense(weights: &NodeWeights<'_>, conv: &GraphConv, channels: usize) -> Option<Conv> {
    packed(weights, conv, channels, (false, false))
}

fn packed(
    weights: &NodeWeights<'_>,
    conv: &GraphConv,
    channels: usize,
    (is_linear, has_few): (bool, bool),
) -> Option<Conv> {
    let weight = kernel(weights)?;
    let [height, width] = taps(&weight);
    let per_group = channels / conv.groups;
    let element = |out: usize, input: usize, row: usize, column: usize| {
        weight.data()[((out * per_group + input) * height + row) * width + column]
    };
    let sources = sources(conv.out, conv.groups, channels);
    let (mut dense, mut few) = (Vec::new(), Vec::new());
    if has_few {
        few = pack_few(conv.out, channels, [height, width], element);
    } else {
        dense = pack(conv.out, conv.groups, channels, &sources, [height, width], element);
    }
    Some(Conv {
        window: conv.window(),
        is_linear,
        sources,
        weights: dense,
        few_weights: few,
        transformed: Transformed::default(),
        bias: bias(weights, conv.out),
        function: Function::Identity,
        has_residual: false,
        has_gate: false,
    })
}

/// Whether a convolution is faster with vectors of input channels. That takes a multiplication for each output channel
/// and block of input channels, and a sum of the lanes that costs as much as a few of them. At one position, each
/// multiplication by a vector of output channels waits for the one before it.
pub(crate) fn has_few_outputs(out: usize, channels: usize, taps: usize, positions: usize) -> bool {
    const SUM: usize = 4;
    const LATENCY: usize = 4;
    let cost = out * (blocks(channels) * taps + SUM);
    match positions {
        1 => cost < channels * taps * LATENCY * blocks(out).div_ceil(4),
        _ => out <= 8 && cost < channels * taps,
    }
}

/// The weights of each input block, tap and output channel, with the same element as [`pack`].
fn pack_few(
    out: usize,
    channels: usize,
    [height, width]: [usize; 2],
    element: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<Lanes> {
    let mut packed = Vec::new();
    for block in 0..blocks(channels) {
        for row in 0..height {
            for column in 0..width {
                for output in 0..out {
                    let number = |lane: usize| match block * BLOCK + lane {
                        input if input < channels => element(output, input, row, column),
                        _ => 0.0,
                    };
                    packed.push(Lanes(std::array::from_fn(number)));
                }
            }
        }
    }
    packed
}

/// The first input block that each output block reads, and the number of channels from it on.
fn sources(out: usize, groups: usize, channels: usize) -> Vec<(usize, usize)> {
    let (out_per_group, per_group) = (out / groups, channels / groups);
    let source = |block: usize| {
        let last = ((block + 1) * BLOCK).min(out) - 1;
        let start = block * BLOCK / out_per_group * per_group / BLOCK;
        let end = (last / out_per_group + 1) * per_group;
        (start, end - start * BLOCK)
    };
    (0..blocks(out)).map(source).collect()
}

/// The weights of each output block, tap and input channel; `element` is called with the output channel, the input
/// channel within its group, and the tap.
fn pack(
    out: usize,
    groups: usize,
    channels: usize,
    sources: &[(usize, usize)],
    [height, width]: [usize; 2],
    element: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<TapWeights> {
    let (out_per_group, per_group) = (out / groups, channels / groups);
    let mut packed = Vec::new();
    for (out_block, (first, count)) in sources.iter().enumerate() {
        for in_block in *first..first + blocks(*count) {
            for row in 0..height {
                for column in 0..width {
                    let mut tap = [Lanes::ZERO; BLOCK];
                    for (in_lane, lanes) in tap.iter_mut().enumerate() {
                        for (out_lane, number) in lanes.0.iter_mut().enumerate() {
                            let (input, output) = (in_block * BLOCK + in_lane, out_block * BLOCK + out_lane);
                            let is_member = input < channels
                                && output < out
                                && input / per_group == output / out_per_group;
                            if is_member {
                                *number = element(output, input % per_group, row, column);
                            }
                        }
                    }
                    packed.push(tap);
                }
            }
        }
    }
    packed
}

/// A convolution of each channel by itself.
pub(crate) fn depthwise(weights: &NodeWeights<'_>, conv: &GraphConv) -> Option<Depthwise> {
    let weight = kernel(weights)?;
    let taps: usize = taps(&weight).iter().product();
    let mut packed = Vec::new();
    for block in 0..blocks(conv.out) {
        for tap in 0..taps {
            let number = |lane: usize| weight.data().get((block * BLOCK + lane) * taps + tap).copied();
            packed.push(Lanes(std::array::from_fn(|lane| number(lane).unwrap_or(0.0))));
        }
    }
    Some(Depthwise {
        window: conv.window(),
        weights: packed,
        bias: bias(weights, conv.out),
        function: Function::Identity,
        has_residual: false,
    })
}

/// The phases of a transposed convolution. The output at `i * stride + offset` is a sum over the taps
/// `offset + cut - j * stride` of the input at `i + j`.
pub(crate) fn transposed(
    weights: &NodeWeights<'_>,
    conv: &ConvTranspose,
    channels: usize,
    rank: usize,
) -> Option<Vec<Phase>> {
    let weight = weights.get(Role::Weight)?;
    let [height, width] = taps(weight);
    let (out_per_group, per_group) = (conv.out / conv.groups, channels / conv.groups);
    // A series has one row.
    let along = |axis: usize| match (rank, axis) {
        (1, 0) => (1, 1, 0),
        (1, _) => (conv.kernel.at(0), conv.stride.at(0), conv.cuts(0).0),
        (_, axis) => (conv.kernel.at(axis), conv.stride.at(axis), conv.cuts(axis).0),
    };
    let sources = sources(conv.out, conv.groups, channels);
    let (stride_rows, stride_columns) = (along(0).1, along(1).1);
    let mut phases = Vec::new();
    for row_offset in 0..stride_rows {
        for column_offset in 0..stride_columns {
            let offset = [row_offset, column_offset];
            let reach = [0, 1].map(|axis| {
                let (kernel, stride, cut) = along(axis);
                let first = (offset[axis] + cut) % stride;
                // Taps `first`, `first + stride`, …, of which the last reads the earliest input.
                let count = (kernel - first).div_ceil(stride);
                let last = first + (count - 1) * stride;
                let start = ((offset[axis] + cut).cast_signed() - last.cast_signed()) / stride.cast_signed();
                (count, last, start)
            });
            let tap = |axis: usize, index: usize| reach[axis].1 - index * along(axis).1;
            let element = |out: usize, input: usize, row: usize, column: usize| {
                let group = out / out_per_group;
                let index = ((group * per_group + input) * out_per_group + out % out_per_group) * height;
                weight.data()[(index + tap(0, row)) * width + tap(1, column)]
            };
            let taps = [reach[0].0, reach[1].0];
            phases.push(Phase {
                offset,
                taps,
                start: [reach[0].2, reach[1].2],
                stride: [stride_rows, stride_columns],
                conv: Conv {
                    window: GraphConv::new(conv.out, 1).window(),
                    is_linear: false,
                    weights: pack(conv.out, conv.groups, channels, &sources, taps, element),
                    few_weights: Vec::new(),
                    transformed: Transformed::default(),
                    sources: sources.clone(),
                    bias: bias(weights, conv.out),
                    function: Function::Identity,
                    has_residual: false,
                    has_gate: false,
                },
            });
        }
    }
    Some(phases)
}
