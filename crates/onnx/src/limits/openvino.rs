//! Limits of OpenVINO.

use super::file::{File, is, list};
use super::rules::reason;
use crate::proto::NodeProto;

/// OpenVINO moves the activation before the pool, which is correct only for increasing functions.
pub(super) fn pool(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let follows_conv = is(node, "MaxPool") && file.producer(node, 0).is_some_and(|conv| is(conv, "Conv"));
    // A function of the pooled value times the value itself.
    let is_multiplied = file.readers(node).iter().any(|reader| {
        is(reader, "Mul") && (0..reader.input.len()).all(|input| file.constant(reader, input).is_none())
    });
    let is_activated = file.readers(node).iter().any(|reader| {
        let is_squared = is(reader, "Mul") && reader.input.iter().all(|input| *input == node.output[0]);
        let is_argument = is(reader, "Mul") && file.readers(reader).iter().any(|reader| is(reader, "Erf"));
        // The functions in SiLU, Mish, GELU and its approximation.
        is(reader, "Sigmoid") || is(reader, "Softplus") || is_argument || is_squared
    });
    let is_swapped = follows_conv && is_multiplied && is_activated;
    reason(is_swapped, "computes a wrong result for GELU, SiLU or Mish after a max pool after a convolution")
}

/// OpenVINO fuses the sum and the norm into a depthwise convolution.
pub(super) fn sum(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_norm = is(node, "BatchNormalization") && file.has_dynamic_batch();
    let is_sum = is_norm && file.producer(node, 0).is_some_and(|sum| is(sum, "Add"));
    if !is_sum {
        return None;
    }
    let is_summed = |node: &NodeProto| is(node, "Add") || is(node, "BatchNormalization");
    let terms = file.before(node, is_summed);
    let is_depthwise = |node: &&NodeProto| {
        let weight = file.constant(node, 1);
        let channels = weight.and_then(|weight| weight.dims.get(1));
        is(node, "Conv") && !is_dense_conv(node) && channels == Some(&1) && file.may_have_one_position(node)
    };
    reason(
        terms.iter().any(is_depthwise),
        "computes a wrong result for one sample at the norm of a sum with a depthwise convolution that has one position",
    )
}

/// OpenVINO moves the stride to the previous node and loses the padding.
pub(super) fn stride(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_pointwise = is_dense_conv(node) && list(node, "kernel_shape").iter().all(|size| *size == 1);
    let is_strided = file.skips_on_each_axis(node);
    let is_padded = list(node, "pads").iter().any(|pad| *pad > 0);
    let may_move = is_pointwise && is_strided && is_padded && file.dynamic_axes() == 0;
    let moves = may_move && file.producer(node, 0).is_some_and(|producer| takes_stride(file, producer));
    reason(moves, "computes a wrong size for a strided convolution with kernel 1 and padding")
}

/// Whether OpenVINO moves a stride from the reader of `node` to `node`.
fn takes_stride(file: &File<'_>, node: &NodeProto) -> bool {
    let taking =
        ["Add", "BatchNormalization", "Clip", "Div", "Elu", "Relu", "Sigmoid", "Softplus", "Sub", "Tanh"];
    if taking.contains(&node.op_type.as_str()) || is_dense_conv(node) {
        return true;
    }
    if !is(node, "Mul") {
        return false;
    }
    let factors = [file.producer(node, 0), file.producer(node, 1)];
    if (0..2).any(|input| file.constant(node, input).is_some()) {
        // A constant factor becomes part of the convolution's weights.
        return factors.into_iter().flatten().any(|factor| takes_stride(file, factor));
    }
    // SiLU is an operation of its own there.
    let is_gate = |factor: &&NodeProto| is(factor, "Sigmoid") && node.input.contains(&factor.input[0]);
    !factors.into_iter().flatten().any(|factor| is_gate(&factor))
}

fn is_dense_conv(node: &NodeProto) -> bool {
    is(node, "Conv")
        && node.attribute.iter().any(|attribute| attribute.name == "group" && attribute.i == Some(1))
}
