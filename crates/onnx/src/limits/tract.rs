//! Limits of tract.

use super::file::{File, is, list};
use super::rules::reason;
use crate::proto::NodeProto;

/// Operators that compute each element from those at the same position.
const POINTWISE: [&str; 17] = [
    "Add",
    "BatchNormalization",
    "Clip",
    "Div",
    "Elu",
    "Erf",
    "HardSigmoid",
    "Identity",
    "LeakyRelu",
    "Max",
    "Mul",
    "Relu",
    "Sigmoid",
    "Softplus",
    "Sqrt",
    "Sub",
    "Tanh",
];

pub(super) fn reverse(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_reversal = is(node, "Slice") && file.integers(node, 4).contains(&-1);
    reason(is_reversal && file.has_dynamic_size(node, 0), "does not reverse an axis of dynamic size")
}

pub(super) fn padding(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_computed = is(node, "Pad") && file.constant(node, 1).is_none();
    reason(is_computed, "does not take padding that is computed from a dynamic size")
}

/// tract would have to multiply the dynamic size by the dynamic batch.
pub(super) fn flatten(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_product = is(node, "Flatten") && file.has_dynamic_size(node, 0);
    reason(is_product, "does not flatten an axis of dynamic size")
}

/// tract does not multiply a height and a width that are sums, such as `height - 2`.
pub(super) fn groups(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_grouped =
        is(node, "Reshape") && file.readers(node).iter().any(|norm| is(norm, "InstanceNormalization"));
    let applies = is_grouped
        && file.dynamic_axes() > 1
        && file.before(node, |_| true).iter().any(|node| adds_size(node));
    reason(applies, "does not take a group norm after a change of a dynamic height or width by a constant")
}

/// Whether the size of the output is a quotient of that of the input plus or minus a constant.
fn adds_size(node: &NodeProto) -> bool {
    let pads = list(node, "pads");
    let rank = pads.len() / 2;
    (0..rank).any(|axis| {
        let [kernel, stride, dilation] = ["kernel_shape", "strides", "dilations"]
            .map(|name| list(node, name).get(axis).copied().unwrap_or(1));
        let surplus = pads[axis] + pads[axis + rank] - dilation * (kernel - 1) - 1 + stride;
        surplus != 0 && surplus % stride == 0
    })
}

/// tract moves the stride before all pointwise nodes, and cannot move it past the reshape of a group norm.
pub(super) fn stride(file: &File<'_>, node: &NodeProto) -> Option<String> {
    if !is(node, "Conv") || !skips_positions(node) {
        return None;
    }
    let is_only_reader = file.producer(node, 0).is_some_and(|input| file.readers(input).len() == 1);
    let is_pointwise = |node: &NodeProto| POINTWISE.contains(&node.op_type.as_str());
    let meets_reshape = file.before(node, is_pointwise).iter().any(|node| is(node, "Reshape"));
    let applies = is_only_reader && meets_reshape;
    reason(applies, "does not take a strided convolution with kernel 1 after a group norm")
}

/// Whether some positions on an axis are not read.
fn skips_positions(node: &NodeProto) -> bool {
    let pads = list(node, "pads");
    let [kernel, strides] = ["kernel_shape", "strides"].map(|name| list(node, name));
    let rank = kernel.len();
    (0..rank).any(|axis| {
        let is_padded = pads.get(axis) != Some(&0) || pads.get(axis + rank) != Some(&0);
        kernel[axis] == 1 && strides[axis] > 1 && !is_padded
    })
}
