//! Operations that look at a neighborhood.

use super::{Local, Tensor, tensor};
use crate::{Conv, ConvTranspose, Extent, Pool, Role, Shape, UpsampleMode, Window};

/// A window along one axis of an input of a known size.
#[derive(Clone, Copy)]
struct Axis {
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
}

impl Axis {
    /// Position in the input of tap `k` of output step `out`; `None` in the padding before.
    fn tap(self, out: usize, k: usize) -> Option<usize> {
        (out * self.stride + k * self.dilation).checked_sub(self.before)
    }
}

/// The window along height and width; a series has a trivial one along height.
fn axes(window: &Window, shape: &Shape) -> (Axis, Axis) {
    let axis = |axis: usize| Axis {
        kernel: window.kernel.at(axis),
        stride: window.stride.at(axis),
        dilation: window.dilation.at(axis),
        before: window.pads(axis, shape.space[axis]).0,
    };
    match shape.rank() {
        1 => (Axis { kernel: 1, stride: 1, dilation: 1, before: 0 }, axis(0)),
        _ => (axis(0), axis(1)),
    }
}

/// One number per height and width; a series has `trivial` along height.
fn pair(extent: Extent, shape: &Shape, trivial: usize) -> (usize, usize) {
    if shape.rank() == 1 { (trivial, extent.at(0)) } else { (extent.at(0), extent.at(1)) }
}

pub(super) fn conv(x: &Tensor, shape: &Shape, conv: &Conv, local: &Local<'_>) -> Tensor {
    let (rows, columns) = axes(&conv.window(), &x.shape);
    let per_group = x.shape.channels / conv.groups;
    let taps = rows.kernel * columns.kernel;
    let weight = kernel(conv, per_group * taps, local);
    let weight = |i: usize| weight[i];
    let bias = local.get(Role::Bias, 0.0);
    Tensor::from_fn(x.batch, shape, |(n, out, h, w)| {
        let first = out / (conv.out / conv.groups) * per_group;
        let mut sum = bias(out);
        for c in 0..per_group {
            for kh in 0..rows.kernel {
                for kw in 0..columns.kernel {
                    let Some(x) = x.get(n, first + c, rows.tap(h, kh), columns.tap(w, kw)) else { continue };
                    sum += x * weight((out * per_group + c) * taps + kh * columns.kernel + kw);
                }
            }
        }
        sum
    })
}

/// The kernel in the order of its elements, weight norm applied; `row` elements per output channel.
fn kernel(conv: &Conv, row: usize, local: &Local<'_>) -> Vec<f64> {
    let weight = local.get(Role::Weight, 0.0);
    let plain: Vec<f64> = (0..conv.out * row).map(weight).collect();
    if !conv.weight_norm {
        return plain;
    }
    let length = local.get(Role::Length, 0.0);
    let scaled = |(out, direction): (usize, &[f64])| {
        let norm = direction.iter().map(|v| v.powi(2)).sum::<f64>().sqrt();
        direction.iter().map(|v| length(out) * v / norm).collect::<Vec<f64>>()
    };
    plain.chunks(row).enumerate().flat_map(scaled).collect()
}

pub(super) fn conv_transpose(x: &Tensor, shape: &Shape, conv: &ConvTranspose, local: &Local<'_>) -> Tensor {
    let (kernel_h, kernel_w) = pair(conv.kernel, shape, 1);
    let (stride_h, stride_w) = pair(conv.stride, shape, 1);
    let (cut_h, cut_w) =
        if shape.rank() == 1 { (0, conv.cuts(0).0) } else { (conv.cuts(0).0, conv.cuts(1).0) };
    let (weight, bias) = (local.get(Role::Weight, 0.0), local.get(Role::Bias, 0.0));
    let (per_group, out_per_group) = (x.shape.channels / conv.groups, conv.out / conv.groups);
    // Input step `i` reaches full outputs `i * stride + k`; the first `cut` of those are cut off.
    let source = |out: usize, cut: usize, k: usize, stride: usize| {
        (out + cut).checked_sub(k).filter(|i| i.is_multiple_of(stride)).map(|i| i / stride)
    };
    Tensor::from_fn(x.batch, shape, |(n, out, h, w)| {
        let group = out / out_per_group;
        let mut sum = bias(out);
        for c in group * per_group..(group + 1) * per_group {
            for kh in 0..kernel_h {
                for kw in 0..kernel_w {
                    let (i, j) = (source(h, cut_h, kh, stride_h), source(w, cut_w, kw, stride_w));
                    let Some(x) = x.get(n, c, i, j) else { continue };
                    sum += x * weight(
                        ((c * out_per_group + out % out_per_group) * kernel_h + kh) * kernel_w + kw,
                    );
                }
            }
        }
        sum
    })
}

pub(super) fn max_pool(x: &Tensor, shape: &Shape, pool: &Pool) -> Tensor {
    let window = axes(&pool.window(), &x.shape);
    Tensor::from_fn(x.batch, shape, |at| {
        elements(x, window, at).into_iter().flatten().fold(f64::NEG_INFINITY, f64::max)
    })
}

pub(super) fn average_pool(x: &Tensor, shape: &Shape, pool: &Pool, count_padding: bool) -> Tensor {
    let window = axes(&pool.window(), &x.shape);
    Tensor::from_fn(x.batch, shape, |at| {
        let elements = elements(x, window, at);
        let count = elements.iter().filter(|x| count_padding || x.is_some()).count();
        elements.into_iter().flatten().sum::<f64>() / count as f64
    })
}

/// The elements of one window; `None` in the padding.
fn elements(x: &Tensor, (rows, columns): (Axis, Axis), (n, c, h, w): tensor::At) -> Vec<Option<f64>> {
    let taps = (0..rows.kernel).flat_map(|kh| (0..columns.kernel).map(move |kw| (kh, kw)));
    taps.map(|(kh, kw)| x.get(n, c, rows.tap(h, kh), columns.tap(w, kw))).collect()
}

pub(super) fn global_mean(x: &Tensor, shape: &Shape) -> Tensor {
    let count = x.positions().count() as f64;
    Tensor::from_fn(x.batch, shape, |(n, c, _, _)| {
        x.positions().map(|(h, w)| x.at((n, c, h, w))).sum::<f64>() / count
    })
}

pub(super) fn upsample(x: &Tensor, shape: &Shape, factor: Extent, mode: UpsampleMode) -> Tensor {
    let (factor_h, factor_w) = pair(factor, shape, 1);
    let (height, width) = tensor::plane(&x.shape);
    Tensor::from_fn(x.batch, shape, |(n, c, h, w)| match mode {
        UpsampleMode::Nearest => x.at((n, c, h / factor_h, w / factor_w)),
        UpsampleMode::Linear { align_corners } => {
            let (top, down) = neighbors(h, factor_h, height, align_corners);
            let (left, right) = neighbors(w, factor_w, width, align_corners);
            let row = |h: usize| x.at((n, c, h, left)) * (1.0 - right.1) + x.at((n, c, h, right.0)) * right.1;
            row(top) * (1.0 - down.1) + row(down.0) * down.1
        }
    })
}

/// The input step before output step `out`, and the one after with its share.
fn neighbors(out: usize, factor: usize, size: usize, align_corners: bool) -> (usize, (usize, f64)) {
    let position = if align_corners {
        let last = (size * factor - 1).max(1);
        out as f64 * (size - 1) as f64 / last as f64
    } else {
        ((out as f64 + 0.5) / factor as f64 - 0.5).max(0.0)
    };
    let before = (0..size).rev().find(|&i| i as f64 <= position).unwrap_or(0);
    (before, ((before + 1).min(size - 1), position - before as f64))
}

pub(super) fn crop_or_pad(x: &Tensor, shape: &Shape) -> Tensor {
    let (height, width) = tensor::plane(&x.shape);
    let (out_height, out_width) = tensor::plane(shape);
    let source = |out: usize, from: usize, to: usize| {
        if to > from { out.checked_sub((to - from) / 2) } else { Some(out + (from - to) / 2) }
    };
    Tensor::from_fn(x.batch, shape, |(n, c, h, w)| {
        x.get(n, c, source(h, height, out_height), source(w, width, out_width)).unwrap_or(0.0)
    })
}
