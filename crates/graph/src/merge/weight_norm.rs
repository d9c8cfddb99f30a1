//! Weight norm multiplied out.

use super::node::{check_finite, set_weight, weight_f64};
use super::verdict::Verdict;
use crate::rewrite::Rewrite;
use crate::{Conv, Op, Role, Value};

/// A convolution without weight norm, and its kernel.
pub(super) struct PlainConv {
    op: Op,
    kernel: Vec<f64>,
}

/// The plain kernel `g * v / |v|` of a convolution with weight norm.
pub(super) fn verdict(rewrite: &Rewrite, value: Value) -> Verdict<PlainConv> {
    if let Op::Conv(conv) = &rewrite.node(value).op
        && conv.weight_norm
    {
        return plain_conv(rewrite, value, conv).into();
    }
    Verdict::NotApplicable
}

fn plain_conv(rewrite: &Rewrite, value: Value, conv: &Conv) -> Result<PlainConv, String> {
    let length = weight_f64(rewrite, value, Role::Length)?;
    let direction = weight_f64(rewrite, value, Role::Weight)?;
    let mut kernel = Vec::with_capacity(direction.len());
    for (row, length) in direction.chunks(direction.len() / conv.out).zip(&length) {
        let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm == 0.0 {
            return Err("a direction vector of its weight norm has length zero".to_owned());
        }
        kernel.extend(row.iter().map(|v| length * v / norm));
    }
    check_finite(&rewrite.node(value).name, &kernel)?;
    Ok(PlainConv { op: Op::Conv(Conv { weight_norm: false, ..*conv }), kernel })
}

pub(super) fn apply(rewrite: &mut Rewrite, value: Value, plain: PlainConv) {
    let PlainConv { op, kernel } = plain;
    let inputs = rewrite.node(value).inputs.clone();
    rewrite.set(value, op, inputs).expect("a weight norm does not change the shape");
    set_weight(rewrite, value, Role::Weight, &kernel);
}
