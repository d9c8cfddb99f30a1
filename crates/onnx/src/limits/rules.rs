//! The table of known limits. ONNX Runtime 1.32 and rten 0.27 have none: they run everything that is exported.

use super::file::{File, is, is_set, list};
use crate::proto::NodeProto;

/// A limit of a reader.
pub(super) struct Rule {
    pub(super) reader: &'static str,
    pub(super) source: &'static str,
    /// The reason, if the limit applies to a node.
    pub(super) check: fn(&File<'_>, &NodeProto) -> Option<String>,
}

const BURN: &str = "burn-onnx 0.22";
const CANDLE: &str = "candle-onnx 0.11";
const CANDLE_SOURCE: &str = "candle-onnx 0.11.1, src/eval.rs";
const OPENVINO: &str = "OpenVINO 2026.4";
const RUN: &str = "found by running such files";
const TENSORRT: &str = "TensorRT 10.15";
const TRACT: &str = "tract 0.23";

/// Every known limit.
pub(super) const RULES: &[Rule] = &[
    Rule { reader: OPENVINO, source: RUN, check: openvino_pool },
    Rule { reader: OPENVINO, source: RUN, check: openvino_stride },
    Rule { reader: TRACT, source: RUN, check: tract_reverse },
    Rule { reader: TRACT, source: RUN, check: tract_padding },
    Rule { reader: TRACT, source: RUN, check: tract_flatten },
    Rule { reader: TENSORRT, source: "onnx-tensorrt, docs/operators.md", check: tensorrt_pool },
    Rule {
        reader: BURN,
        source: "onnx-ir 0.22.0, src/node/conv_transpose1d.rs and conv_transpose2d.rs",
        check: burn_conv_transpose,
    },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_operator },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_padding },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_axes },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_pool },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_resize },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle_linear },
];

/// The reason if `applies`.
fn reason(applies: bool, reason: &str) -> Option<String> {
    if applies { Some(reason.to_owned()) } else { None }
}

/// It moves the activation before the pooling, which is right for functions that only rise.
fn openvino_pool(file: &File<'_>, node: &NodeProto) -> Option<String> {
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

/// It moves the stride to the node before and loses the padding.
fn openvino_stride(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_pointwise = is(node, "Conv") && list(node, "kernel_shape").iter().all(|size| *size == 1);
    let is_strided = list(node, "strides").iter().any(|stride| *stride > 1);
    let is_padded = list(node, "pads").iter().any(|pad| *pad > 0);
    let is_moved = is_pointwise && is_strided && is_padded && !file.is_input(node, 0);
    reason(is_moved, "computes a wrong size for a strided convolution with kernel 1 and padding")
}

fn tract_reverse(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_reversal = is(node, "Slice") && file.integers(node, 4).contains(&-1);
    reason(is_reversal && file.dynamic_axes() > 0, "does not reverse an axis of dynamic size")
}

fn tract_padding(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_computed = is(node, "Pad") && file.constant(node, 1).is_none();
    reason(is_computed, "does not take padding that is computed from a dynamic size")
}

fn tract_flatten(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_product = is(node, "Flatten") && file.dynamic_axes() > 1 && file.has_dynamic_channels();
    reason(is_product, "does not flatten two axes of dynamic size")
}

fn tensorrt_pool(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = is_pool(node) && list(node, "kernel_shape").len() == 1;
    reason(is_series, "pools images only; export the series as an image")
}

fn burn_conv_transpose(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let (before, after) = list(node, "pads").split_at(list(node, "pads").len() / 2);
    let is_uneven = is(node, "ConvTranspose") && before != after;
    reason(is_uneven, "does not take a transposed convolution whose crops before and after differ")
}

fn candle_operator(_: &File<'_>, node: &NodeProto) -> Option<String> {
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

fn candle_padding(_: &File<'_>, node: &NodeProto) -> Option<String> {
    if is(node, "Pad") {
        return Some("has no Pad with a constant".to_owned());
    }
    reason(is_set(node, "auto_pad", "SAME_UPPER"), "does not take `auto_pad`")
}

fn candle_axes(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let differ = |name| list(node, name).iter().any(|number| *number != list(node, name)[0]);
    let is_uneven = is(node, "Conv") && (differ("strides") || differ("dilations"));
    reason(is_uneven, "does not take strides or dilations that differ between the axes")
}

fn candle_pool(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = list(node, "kernel_shape").len() == 1;
    let is_padded = list(node, "pads").iter().any(|pad| *pad > 0);
    reason(is_pool(node) && (is_series || is_padded), "pools images without padding only")
}

fn candle_resize(file: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = file.constant(node, 2).is_some_and(|scales| scales.dims == [3]);
    let is_linear = is_set(node, "mode", "linear");
    reason(is(node, "Resize") && (is_series || is_linear), "enlarges images by nearest neighbors only")
}

fn candle_linear(_: &File<'_>, node: &NodeProto) -> Option<String> {
    reason(is(node, "Gemm") && node.input.len() < 3, "has no Gemm without a bias")
}

fn is_pool(node: &NodeProto) -> bool {
    is(node, "MaxPool") || is(node, "AveragePool")
}
