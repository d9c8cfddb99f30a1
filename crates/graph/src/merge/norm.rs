//! Batch norms folded into the convolution or linear layer before or after them.

use super::Draft;
use super::branches::kernel_shape;
use crate::{BatchNorm, Conv, ConvTranspose, Linear, Op, Value};

/// A batch norm in inference: `scale * x + shift` per channel.
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

/// What a batch norm folds into.
enum Layer {
    Conv(Conv),
    ConvTranspose(ConvTranspose),
    Linear(Linear),
}

/// Folds the batch norm `value` into the layer before it or else into the one after it.
pub(super) fn fold(draft: &mut Draft, value: Value) -> bool {
    if !matches!(draft.op(value), Op::BatchNorm(_)) {
        return false;
    }
    let Ok(affine) = affine(draft, value) else { return false };
    let folded = match before(draft, value) {
        Ok(layer) => scale_outputs(draft, layer, &affine),
        Err(_) => after(draft, value).and_then(|layer| scale_inputs(draft, layer, &affine)),
    };
    folded.is_ok_and(|()| {
        draft.bypass(value);
        true
    })
}

/// Why the batch norm `value` stays.
pub(super) fn refusal(draft: &Draft, value: Value) -> Option<String> {
    if !matches!(draft.op(value), Op::BatchNorm(_)) {
        return None;
    }
    if let Err(reason) = affine(draft, value) {
        return Some(reason);
    }
    match (before(draft, value), after(draft, value)) {
        (Err(before), Err(after)) => Some(format!("not into the layer before: {before}; nor after: {after}")),
        _ => None,
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
    parts(draft, layer)?;
    draft.only_reader(layer)?;
    Ok(layer)
}

fn after(draft: &Draft, value: Value) -> Result<Value, String> {
    let layer = draft.only_reader(value)?;
    let parts = parts(draft, layer)?;
    let unpadded = match parts.layer {
        Layer::Conv(conv) => {
            (0..draft.shape(layer).rank()).all(|axis| conv.window().fixed_pads(axis) == Some((0, 0)))
        }
        // Its first and last outputs see fewer inputs than the others.
        Layer::ConvTranspose(_) => false,
        Layer::Linear(_) => true,
    };
    match unpadded {
        true => Ok(layer),
        false => Err(format!("`{}` pads with zeros, which the norm does not see", draft.name(layer))),
    }
}

/// A layer with its weight and bias (zeros when there is none).
struct Parts {
    layer: Layer,
    weight: Vec<f64>,
    shape: Vec<usize>,
    bias: Vec<f64>,
}

fn parts(draft: &Draft, value: Value) -> Result<Parts, String> {
    let layer = layer(draft, value)?;
    let input = draft.inputs(value).first().map_or(0, |input| draft.shape(*input).channels);
    let (shape, out, has_bias) = match layer {
        Layer::Conv(conv) => (kernel_shape(draft, value, &conv), conv.out, conv.bias),
        Layer::ConvTranspose(conv) => {
            let kernel = conv.kernel.axes(draft.shape(value).rank());
            ([input, conv.out / conv.groups].into_iter().chain(kernel).collect(), conv.out, conv.bias)
        }
        Layer::Linear(Linear { out, bias }) => (vec![out, input], out, bias),
    };
    let weight = draft.weight(value, "weight", shape.iter().product())?;
    let bias = if has_bias { draft.weight(value, "bias", out)? } else { vec![0.0; out] };
    Ok(Parts { layer, weight, shape, bias })
}

fn layer(draft: &Draft, value: Value) -> Result<Layer, String> {
    if let Op::Conv(conv) = *draft.op(value) {
        match conv.weight_norm {
            true => Err(format!("`{}` keeps its weight norm", draft.name(value))),
            false => Ok(Layer::Conv(conv)),
        }
    } else if let Op::ConvTranspose(conv) = *draft.op(value) {
        Ok(Layer::ConvTranspose(conv))
    } else if let Op::Linear(linear) = *draft.op(value) {
        Ok(Layer::Linear(linear))
    } else {
        Err(format!(
            "`{}` ({}) is no layer that a norm folds into",
            draft.name(value),
            draft.op(value).name()
        ))
    }
}

/// `scale * (w x + b) + shift`
fn scale_outputs(draft: &mut Draft, layer: Value, affine: &Affine) -> Result<(), String> {
    let mut parts = parts(draft, layer)?;
    let row: usize = parts.shape[1..].iter().product();
    let transposed = match parts.layer {
        Layer::ConvTranspose(conv) => Some((parts.shape[0] / conv.groups, parts.shape[1])),
        Layer::Conv(_) | Layer::Linear(_) => None,
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
    let groups = if let Layer::Conv(conv) = parts.layer { conv.groups } else { 1 };
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

fn store(draft: &mut Draft, value: Value, parts: Parts) {
    let op = match parts.layer {
        Layer::Conv(conv) => Op::Conv(Conv { bias: true, ..conv }),
        Layer::ConvTranspose(conv) => Op::ConvTranspose(ConvTranspose { bias: true, ..conv }),
        Layer::Linear(linear) => Op::Linear(Linear { bias: true, ..linear }),
    };
    draft.set_op(value, op);
    draft.set_weight(value, "weight", parts.shape, &parts.weight);
    draft.set_weight(value, "bias", vec![parts.bias.len()], &parts.bias);
}
