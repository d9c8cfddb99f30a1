//! The table of known limits. ONNX Runtime 1.32 and rten 0.27 have none: they run everything that is exported.

use super::file::{File, is, list};
use super::{candle, openvino, tract};
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
    Rule { reader: OPENVINO, source: RUN, check: openvino::pool },
    Rule { reader: OPENVINO, source: RUN, check: openvino::stride },
    Rule { reader: OPENVINO, source: RUN, check: openvino::sum },
    Rule { reader: TRACT, source: RUN, check: tract::reverse },
    Rule { reader: TRACT, source: RUN, check: tract::padding },
    Rule { reader: TRACT, source: RUN, check: tract::flatten },
    Rule { reader: TRACT, source: RUN, check: tract::groups },
    Rule { reader: TRACT, source: RUN, check: tract::stride },
    Rule { reader: TENSORRT, source: "onnx-tensorrt, docs/operators.md", check: tensorrt_pool },
    Rule {
        reader: BURN,
        source: "onnx-ir 0.22.0, src/node/conv_transpose1d.rs and conv_transpose2d.rs",
        check: burn_conv_transpose,
    },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::operator },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::padding },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::axes },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::pool },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::resize },
    Rule { reader: CANDLE, source: CANDLE_SOURCE, check: candle::linear },
];

/// The reason if `applies`.
pub(super) fn reason(applies: bool, reason: &str) -> Option<String> {
    if applies { Some(reason.to_owned()) } else { None }
}

fn tensorrt_pool(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let is_series = is_pool(node) && list(node, "kernel_shape").len() == 1;
    reason(is_series, "pools images only, so a series must be exported as an image")
}

fn burn_conv_transpose(_: &File<'_>, node: &NodeProto) -> Option<String> {
    let (before, after) = list(node, "pads").split_at(list(node, "pads").len() / 2);
    let is_uneven = is(node, "ConvTranspose") && before != after;
    reason(is_uneven, "does not take a transposed convolution whose crops before and after differ")
}

pub(super) fn is_pool(node: &NodeProto) -> bool {
    is(node, "MaxPool") || is(node, "AveragePool")
}
