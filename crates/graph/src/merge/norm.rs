//! Batch norms folded into the convolution or linear layer before or after them.

use super::node::{check_finite, check_set, only_reader, set_weight, weight, weight_f64};
use super::verdict::Verdict;
use crate::rewrite::Rewrite;
use crate::{BatchNorm, Conv, ConvTranspose, Linear, Op, Role, Value};

/// A batch norm in inference: `scale * x + shift` per channel.
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

/// A layer that a batch norm folds into, and what becomes of it.
pub(super) struct Fold {
    layer: Value,
    op: Op,
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Fold {
    /// Returns the fold, or an error if the layer cannot absorb it.
    fn checked(self, rewrite: &Rewrite) -> Result<Self, String> {
        let node = rewrite.node(self.layer);
        check_finite(&node.name, &self.weight)?;
        check_finite(&node.name, &self.bias)?;
        check_set(rewrite, self.layer, &self.op, node.inputs[0])?;
        Ok(self)
    }
}

/// Folds a batch norm into the layer before it or else into the one after it.
pub(super) fn verdict(rewrite: &Rewrite, value: Value) -> Verdict<Fold> {
    if !matches!(rewrite.node(value).op, Op::BatchNorm(_)) {
        return Verdict::NotApplicable;
    }
    let affine = match affine(rewrite, value) {
        Ok(affine) => affine,
        Err(reason) => return Verdict::Refused(reason),
    };
    match (layer_before(rewrite, value), layer_after(rewrite, value)) {
        (Ok(layer), _) => scaled_outputs(rewrite, layer, &affine).into(),
        (Err(_), Ok(layer)) => scaled_inputs(rewrite, layer, &affine).into(),
        (Err(before), Err(after)) => {
            Verdict::Refused(format!("not into the layer before: {before}; nor after: {after}"))
        }
    }
}

pub(super) fn apply(rewrite: &mut Rewrite, value: Value, fold: Fold) {
    let Fold { layer, op, weight, bias } = fold;
    let inputs = rewrite.node(layer).inputs.clone();
    rewrite.set(layer, op, inputs).expect("a bias does not change the shape");
    set_weight(rewrite, layer, Role::Weight, &weight);
    set_weight(rewrite, layer, Role::Bias, &bias);
    rewrite.bypass(value).expect("a batch norm keeps the shape");
}

/// Scale and shift of a batch norm, from its running statistics.
pub(super) fn affine(rewrite: &Rewrite, value: Value) -> Result<Affine, String> {
    let node = rewrite.node(value);
    let Op::BatchNorm(BatchNorm { eps, affine, .. }) = node.op else {
        unreachable!("a batch norm was expected");
    };
    let channels = node.shape.channels;
    let (mut weight, mut bias) = (vec![1.0; channels], vec![0.0; channels]);
    if affine {
        weight = weight_f64(rewrite, value, Role::Scale)?;
        bias = weight_f64(rewrite, value, Role::Bias)?;
    }
    let mean = weight_f64(rewrite, value, Role::Mean)?;
    let variance = weight_f64(rewrite, value, Role::Variance)?;
    let scale: Vec<f64> = weight.iter().zip(&variance).map(|(w, v)| w / (v + eps).sqrt()).collect();
    let shift: Vec<f64> = bias.iter().zip(&mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
    match scale.iter().chain(&shift).position(|number| !number.is_finite()) {
        None => Ok(Affine { scale, shift }),
        Some(i) => Err(format!("its statistics of channel {} give no finite scale", i % channels)),
    }
}

fn layer_before(rewrite: &Rewrite, value: Value) -> Result<Value, String> {
    let layer = rewrite.node(value).inputs[0];
    check_layer(rewrite, layer)?;
    only_reader(rewrite, layer)?;
    Ok(layer)
}

fn layer_after(rewrite: &Rewrite, value: Value) -> Result<Value, String> {
    let layer = only_reader(rewrite, value)?;
    check_layer(rewrite, layer)?;
    let node = rewrite.node(layer);
    let is_unpadded = if let Op::Conv(conv) = &node.op {
        (0..node.shape.rank()).all(|axis| conv.window().fixed_pads(axis) == Some((0, 0)))
    } else {
        // The first and last outputs of a transposed convolution see fewer inputs than the others.
        matches!(node.op, Op::Linear(_))
    };
    if is_unpadded {
        return Ok(layer);
    }
    Err(format!("`{}` pads with zeros, which the norm does not see", node.name))
}

/// Checks that a norm can fold into this node and that its weights are complete.
fn check_layer(rewrite: &Rewrite, value: Value) -> Result<(), String> {
    let node = rewrite.node(value);
    let has_bias = if let Op::Conv(conv) = &node.op {
        if conv.weight_norm {
            return Err(format!("`{}` keeps its weight norm", node.name));
        }
        conv.bias
    } else if let Op::ConvTranspose(conv) = &node.op {
        conv.bias
    } else if let Op::Linear(linear) = &node.op {
        linear.bias
    } else {
        return Err(format!("a batch norm cannot be folded into `{}` ({})", node.name, node.op.name()));
    };
    weight(rewrite, value, Role::Weight)?;
    if has_bias {
        weight(rewrite, value, Role::Bias)?;
    }
    Ok(())
}

/// A checked layer with its weight and bias (zeros if it has none).
struct Layer {
    op: Op,
    weight: Vec<f64>,
    shape: Vec<usize>,
    bias: Vec<f64>,
}

fn layer(rewrite: &Rewrite, value: Value) -> Result<Layer, String> {
    let op = rewrite.node(value).op.clone();
    let weight = weight_f64(rewrite, value, Role::Weight)?;
    let parameter = rewrite.parameter(value, Role::Weight).expect("a layer has a weight");
    let bias = if rewrite.parameter(value, Role::Bias).is_some() {
        weight_f64(rewrite, value, Role::Bias)?
    } else {
        vec![0.0; rewrite.node(value).shape.channels]
    };
    Ok(Layer { op, weight, shape: parameter.shape, bias })
}

/// `scale * (w x + b) + shift`
fn scaled_outputs(rewrite: &Rewrite, value: Value, affine: &Affine) -> Result<Fold, String> {
    let Layer { op, mut weight, shape, mut bias } = layer(rewrite, value)?;
    let row: usize = shape[1..].iter().product();
    let taps = row / shape[1].max(1);
    // A transposed kernel stores [in, out / groups, …].
    let transposed = if let Op::ConvTranspose(conv) = &op { Some(shape[0] / conv.groups) } else { None };
    for (i, weight) in weight.iter_mut().enumerate() {
        let out = match transposed {
            Some(in_per_group) => i / row / in_per_group * shape[1] + i / taps % shape[1],
            None => i / row,
        };
        *weight *= affine.scale[out];
    }
    for (bias, (scale, shift)) in bias.iter_mut().zip(affine.scale.iter().zip(&affine.shift)) {
        *bias = *bias * scale + shift;
    }
    Fold { layer: value, op: with_bias(op), weight, bias }.checked(rewrite)
}

/// `w (scale * x + shift) + b`
fn scaled_inputs(rewrite: &Rewrite, value: Value, affine: &Affine) -> Result<Fold, String> {
    let Layer { op, mut weight, shape, mut bias } = layer(rewrite, value)?;
    let groups = if let Op::Conv(conv) = &op { conv.groups } else { 1 };
    let (out, in_per_group) = (shape[0], shape[1]);
    let row: usize = shape[1..].iter().product();
    let taps = row / in_per_group;
    for (i, weight) in weight.iter_mut().enumerate() {
        let output = i / row;
        let input = output / (out / groups) * in_per_group + i / taps % in_per_group;
        bias[output] += *weight * affine.shift[input];
        *weight *= affine.scale[input];
    }
    Fold { layer: value, op: with_bias(op), weight, bias }.checked(rewrite)
}

/// The layer with a bias.
fn with_bias(op: Op) -> Op {
    if let Op::Conv(conv) = op {
        Op::Conv(Conv { bias: true, ..conv })
    } else if let Op::ConvTranspose(conv) = op {
        Op::ConvTranspose(ConvTranspose { bias: true, ..conv })
    } else if let Op::Linear(linear) = op {
        Op::Linear(Linear { bias: true, ..linear })
    } else {
        op
    }
}
