//! Limits of candle-onnx.

use super::file::{File, is, is_set, list};
use super::rules::{is_pool, reason};
use crate::proto::NodeProto;

pub(super) fn operator(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let missing = [
        "ConvTranspose",
        "Elu",
        "GlobalAveragePool",
        "HardSigmoid",
        "InstanceNormalization",
        "Max",
        "Softplus",
    ];
    if missing.contains(&node.op_type.as_str()) { Some(format!("has no {}", node.op_type)) } else { None }
}

pub(super) fn padding(_: &File<'_>, node: &NodeProto) -> Option<String> {
    if is(node, "Pad") {
        return Some("has no Pad with a constant".to_owned());
    }
    reason(is_set(node, "auto_pad", "SAME_UPPER"), "does not take `auto_pad`")
}

pub(super) fn axes(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let differ = |name| list(node, name).iter().any(|number| *number != list(node, name)[0]);
    let is_uneven = is(node, "Conv") && (differ("strides") || differ("dilations"));
    reason(is_uneven, "does not take strides or dilations that differ between the axes")
}

pub(super) fn pool(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = list(node, "kernel_shape").len() == 1;
    let is_padded = list(node, "pads").iter().any(|pad| *pad > 0);
    reason(is_pool(node) && (is_series || is_padded), "pools images without padding only")
}

pub(super) fn resize(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = file.constant(node, 2).is_some_and(|scales| scales.dims == [3]);
    let is_linear = is_set(node, "mode", "linear");
    reason(is(node, "Resize") && (is_series || is_linear), "enlarges images by nearest neighbors only")
}

pub(super) fn linear(_: &File<'_>, node: &NodeProto) -> Option<String> {
    reason(is(node, "Gemm") && node.input.len() < 3, "has no Gemm without a bias")
}
