//! Batch norms folded into the convolution or linear layer before or after them.

use super::Draft;
use super::branches::kernel_shape;
use crate::{BatchNorm, Conv, ConvTranspose, Linear, Op, Value};

/// How a batch norm can be folded.
pub(super) enum Plan {
    /// Into the layer that computes its input.
    Before(Value, Affine),
    /// Into its only reader.
    After(Value, Affine),
}

/// A batch norm in inference: `scale * x + shift` per channel.
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

pub(super) fn fold(draft: &mut Draft, value: Value) -> bool {
    if !matches!(draft.op(value), Op::BatchNorm(_)) {
        return false;
    }
    match plan(draft, value) {
        Ok(Plan::Before(layer, affine)) => scale_outputs(draft, layer, &affine).is_ok_and(|()| {
            draft.bypass(value);
            true
        }),
        Ok(Plan::After(layer, affine)) => scale_inputs(draft, layer, &affine).is_ok_and(|()| {
            draft.bypass(value);
            true
        }),
        Err(_) => false,
    }
}

/// Where the batch norm `value` can go, or why nowhere.
pub(super) fn plan(draft: &Draft, value: Value) -> Result<Plan, String> {
    let affine = affine(draft, value)?;
    let before = before(draft, value);
    let after = match before {
        Ok(layer) => return Ok(Plan::Before(layer, affine)),
        Err(_) => after(draft, value),
    };
    match (before, after) {
        (_, Ok(layer)) => Ok(Plan::After(layer, affine)),
        (Err(before), Err(after)) => Err(format!("not into the layer before: {before}; nor after: {after}")),
        (Ok(_), Err(_)) => unreachable!("returned above"),
    }
}

/// Scale and shift of a batch norm, from its running statistics.
pub(super) fn affine(draft: &Draft, value: Value) -> Result<Affine, String> {
    let Op::BatchNorm(BatchNorm { eps, affine, .. }) = *draft.op(value) else {
        return Err("not a batch norm".to_owned());
    };
    let channels = draft.shape(value).channels;
    let learned = |suffix: &str, absent: f64| match affine {
        true => draft.weight(value, suffix, channels),
        false => Ok(vec![absent; channels]),
    };
    let (weight, bias) = (learned("weight", 1.0)?, learned("bias", 0.0)?);
    let mean = draft.weight(value, "running_mean", channels)?;
    let variance = draft.weight(value, "running_var", channels)?;
    let scale: Vec<f64> = weight.iter().zip(&variance).map(|(w, v)| w / (v + eps).sqrt()).collect();
    let shift: Vec<f64> = bias.iter().zip(&mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
    match scale.iter().chain(&shift).position(|number| !number.is_finite()) {
        None => Ok(Affine { scale, shift }),
        Some(i) => Err(format!("its statistics of channel {} give no finite scale", i % channels)),
    }
}

fn before(draft: &Draft, value: Value) -> Result<Value, String> {
    let layer = draft.inputs(value)[0];
    if !matches!(draft.op(layer), Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_)) {
        return Err(no_layer(draft, layer));
    }
    draft.only_reader(layer)?;
    foldable(draft, layer)?;
    Ok(layer)
}

fn after(draft: &Draft, value: Value) -> Result<Value, String> {
    let layer = draft.only_reader(value)?;
    foldable(draft, layer)?;
    match draft.op(layer) {
        Op::Linear(_) => Ok(layer),
        Op::Conv(conv) => {
            let rank = draft.shape(layer).rank();
            match (0..rank).all(|axis| conv.window().fixed_pads(axis) == Some((0, 0))) {
                true => Ok(layer),
                false => Err(format!("`{}` pads with zeros, which the norm does not see", draft.name(layer))),
            }
        }
        _ => Err(no_layer(draft, layer)),
    }
}

/// Whether the layer's own weights are there to be scaled.
fn foldable(draft: &Draft, layer: Value) -> Result<(), String> {
    if matches!(draft.op(layer), Op::Conv(conv) if conv.weight_norm) {
        return Err(format!("`{}` keeps its weight norm", draft.name(layer)));
    }
    parts(draft, layer).map(drop)
}

fn no_layer(draft: &Draft, value: Value) -> String {
    format!("`{}` ({}) is no layer that a norm folds into", draft.name(value), draft.op(value).name())
}

/// Weight with its shape, and bias (zeros when there is none).
struct Parts {
    weight: Vec<f64>,
    shape: Vec<usize>,
    bias: Vec<f64>,
}

fn parts(draft: &Draft, layer: Value) -> Result<Parts, String> {
    let input = draft.inputs(layer).first().map_or(0, |input| draft.shape(*input).channels);
    let (shape, out, has_bias) = match *draft.op(layer) {
        Op::Conv(conv) => (kernel_shape(draft, layer, &conv), conv.out, conv.bias),
        Op::ConvTranspose(conv) => {
            let kernel = conv.kernel.axes(draft.shape(layer).rank());
            ([input, conv.out / conv.groups].into_iter().chain(kernel).collect(), conv.out, conv.bias)
        }
        Op::Linear(Linear { out, bias }) => (vec![out, input], out, bias),
        _ => return Err(no_layer(draft, layer)),
    };
    let weight = draft.weight(layer, "weight", shape.iter().product())?;
    let bias = if has_bias { draft.weight(layer, "bias", out)? } else { vec![0.0; out] };
    Ok(Parts { weight, shape, bias })
}

/// `scale * (w x + b) + shift`
fn scale_outputs(draft: &mut Draft, layer: Value, affine: &Affine) -> Result<(), String> {
    let mut parts = parts(draft, layer)?;
    let row: usize = parts.shape[1..].iter().product();
    let transposed = match draft.op(layer) {
        Op::ConvTranspose(conv) => Some((parts.shape[0] / conv.groups, parts.shape[1])),
        _ => None,
    };
    let taps = row / parts.shape[1].max(1);
    for (i, weight) in parts.weight.iter_mut().enumerate() {
        // A transposed kernel stores [in, out / groups, …].
        let out = match transposed {
            Some((in_per_group, out_per_group)) => {
                i / row / in_per_group * out_per_group + i / taps % out_per_group
            }
            None => i / row,
        };
        *weight *= affine.scale[out];
    }
    for (bias, (scale, shift)) in parts.bias.iter_mut().zip(affine.scale.iter().zip(&affine.shift)) {
        *bias = *bias * scale + shift;
    }
    store(draft, layer, parts);
    Ok(())
}

/// `w (scale * x + shift) + b`
fn scale_inputs(draft: &mut Draft, layer: Value, affine: &Affine) -> Result<(), String> {
    let mut parts = parts(draft, layer)?;
    let groups = if let Op::Conv(conv) = draft.op(layer) { conv.groups } else { 1 };
    let (out, in_per_group) = (parts.shape[0], parts.shape[1]);
    let row: usize = parts.shape[1..].iter().product();
    let taps = row / in_per_group;
    for (i, weight) in parts.weight.iter_mut().enumerate() {
        let output = i / row;
        let input = output / (out / groups) * in_per_group + i / taps % in_per_group;
        parts.bias[output] += *weight * affine.shift[input];
        *weight *= affine.scale[input];
    }
    store(draft, layer, parts);
    Ok(())
}

fn store(draft: &mut Draft, layer: Value, parts: Parts) {
    let op = match *draft.op(layer) {
        Op::Conv(conv) => Op::Conv(Conv { bias: true, ..conv }),
        Op::ConvTranspose(conv) => Op::ConvTranspose(ConvTranspose { bias: true, ..conv }),
        Op::Linear(linear) => Op::Linear(Linear { bias: true, ..linear }),
        ref op => op.clone(),
    };
    draft.set_op(layer, op);
    draft.set_weight(layer, "weight", parts.shape, &parts.weight);
    draft.set_weight(layer, "bias", vec![parts.bias.len()], &parts.bias);
}
