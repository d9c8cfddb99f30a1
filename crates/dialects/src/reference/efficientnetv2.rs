//! EfficientNetV2 of torchvision, timm and Ambiq's packages.

use ::efficientnetv2::{Block, Config, Head, PRESETS, SqueezeOf, Stage, Stem};
use graph::{Activation, Extent, Padding, Shape};
use layers::{Downsample, Norm, OutputActivation};
use serde::Deserialize;
use serde_json::Value as Json;

use super::activation::KerasActivation;
use super::ambiq::{self, Classes, Top};
use super::{Arguments, ForeignModel, ReferenceError, native, renames};
use crate::{Ambiq, Dialect};

/// The network of `{params}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let graph = ::efficientnetv2::graph(&config, input.clone())?;
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}

/// `get_model(model, **kwargs)` of torchvision.
pub(super) fn torchvision(arguments: &Arguments<'_>, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let model = arguments.field("model").and_then(Json::as_str).unwrap_or_default();
    let config = preset(model, |name| name.starts_with("efficientnet_v2_"))?;
    arguments.ignore(&["weights", "progress"]);
    let config = Config {
        classes: Some(arguments.get("num_classes", 1000)?),
        dropout: arguments.get("dropout", config.dropout)?,
        drop_path: arguments.get("stochastic_depth_prob", config.drop_path)?,
        ..config
    };
    arguments.finish()?;
    let graph = ::efficientnetv2::graph(&config, input.clone())?;
    let renames = renames(&config, input, Dialect::Torchvision)?;
    Ok(ForeignModel { graph, renames })
}

/// `create_model(model, **kwargs)` of `timm/models/efficientnet.py`.
pub(super) fn timm(arguments: &Arguments<'_>, input: Shape) -> Result<ForeignModel, ReferenceError> {
    let model = super::timm::architecture(arguments);
    let config = preset(model, |name| name != "micro" && !name.starts_with("efficientnet_v2_"))?;
    arguments.ignore(&["pretrained"]);
    let classes = super::timm::classes(arguments, input.channels)?;
    let padding = match arguments.get::<Option<String>>("pad_type", None)?.as_deref() {
        None => config.padding,
        Some("same") => Padding::Same,
        Some("" | "symmetric") => Padding::Symmetric,
        Some(other) => return Err(ReferenceError::Unsupported(format!("the argument pad_type = {other:?}"))),
    };
    let activation = arguments.get("act_layer", config.activation)?;
    let config = Config {
        classes,
        padding,
        activation,
        se_activation: activation,
        width_multiplier: arguments.get("channel_multiplier", config.width_multiplier)?,
        depth_multiplier: arguments.get("depth_multiplier", config.depth_multiplier)?,
        dropout: arguments.get("drop_rate", config.dropout)?,
        drop_path: arguments.get("drop_path_rate", config.drop_path)?,
        norm_eps: arguments.get("bn_eps", config.norm_eps)?,
        ..config
    };
    arguments.finish()?;
    Ok(native(::efficientnetv2::graph(&config, input)?))
}

fn preset(name: &str, theirs: impl Fn(&str) -> bool) -> Result<Config, ReferenceError> {
    let preset = PRESETS.iter().find(|(preset, _)| *preset == name && theirs(preset));
    preset
        .map(|(_, config)| config())
        .ok_or_else(|| ReferenceError::Unsupported(format!("the model {name:?}")))
}

/// `EfficientNetParams` of helia-edge, and of SleepKit, which has fewer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    blocks: Vec<MBConvParams>,
    #[serde(default)]
    input_filters: usize,
    #[serde(default = "ambiq::three")]
    input_kernel_size: Extent,
    #[serde(default = "two")]
    input_strides: Extent,
    #[serde(default = "KerasActivation::relu6")]
    input_activation: KerasActivation,
    #[serde(default)]
    output_filters: usize,
    #[serde(default)]
    output_activation: KerasActivation,
    #[serde(default = "ambiq::yes")]
    include_top: bool,
    #[serde(default = "fifth")]
    dropout: f64,
    #[serde(default = "fifth")]
    drop_connect_rate: f64,
    #[serde(default = "ambiq::yes")]
    use_logits: bool,
    /// Ignored by both packages: blocks have their own.
    #[serde(default, rename = "activation")]
    _activation: Json,
    /// Ignored by both packages: norms are batch norms.
    #[serde(default, rename = "norm")]
    _norm: Json,
    num_classes: Option<usize>,
    #[serde(default, rename = "name", alias = "model_name")]
    _name: Json,
    #[serde(default, rename = "family")]
    _family: Json,
}

/// `MBConvParams`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MBConvParams {
    filters: usize,
    #[serde(default = "ambiq::one")]
    depth: usize,
    #[serde(default = "unexpanded")]
    ex_ratio: f64,
    #[serde(default = "ambiq::three")]
    kernel_size: Extent,
    #[serde(default = "ambiq::unit")]
    strides: Extent,
    #[serde(default = "eight")]
    se_ratio: f64,
    #[serde(default = "KerasActivation::relu6")]
    activation: KerasActivation,
    /// Weight of the old statistics, as Keras counts.
    #[serde(default = "momentum")]
    bn_momentum: f64,
    /// Ignored by both packages: the rate of all blocks is `drop_connect_rate`.
    #[serde(default, rename = "droprate")]
    _droprate: Json,
    /// Ignored by both packages: norms are batch norms.
    #[serde(default, rename = "norm")]
    _norm: Json,
}

/// The network that `origin` builds from `params`; `classes` is given beside them.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, origin: Ambiq, classes: Classes) -> Result<Config, ReferenceError> {
    let params: Params = ambiq::read(params)?;
    let top = Top { include_top: params.include_top, num_classes: params.num_classes };
    let stages: Result<Vec<Stage>, ReferenceError> =
        params.blocks.iter().map(|block| stage(block, origin)).collect();
    let stem = Stem {
        channels: divisible(params.input_filters),
        kernel: params.input_kernel_size,
        stride: params.input_strides,
        activation: Some(params.input_activation.between("input_activation")?),
    };
    let helia = origin == Ambiq::HeliaEdge;
    let head = Head {
        channels: divisible(params.output_filters),
        activation: if helia { params.output_activation.0 } else { None },
        linear: helia && params.output_activation.0.is_none(),
    };
    let softmax = (!params.use_logits && params.include_top).then_some(OutputActivation::Softmax);
    Ok(Config {
        classes: top.classes(classes)?,
        pool: params.include_top,
        stem: (params.input_filters > 0).then_some(stem),
        stages: stages?,
        head: (params.output_filters > 0).then_some(head),
        se_of: SqueezeOf::Expanded,
        se_activation: Activation::Relu6,
        se_gate: Activation::HardSigmoid,
        activation: Activation::Relu6,
        norm: Norm::Batch,
        norm_eps: 1e-3,
        norm_momentum: 1.0 - same_momentum(&params.blocks)?,
        padding: Padding::Same,
        dropout: if params.dropout < 1.0 { params.dropout.max(0.0) } else { 0.0 },
        drop_path: params.drop_connect_rate,
        output_activation: params.output_activation.0.or(softmax),
        ..Config::b0()
    })
}

/// A strided block convolves at stride 1 and pools; only helia-edge's, where the kernel is a list
/// of equal numbers, has a stride.
fn stage(block: &MBConvParams, origin: Ambiq) -> Result<Stage, ReferenceError> {
    let strides = matches!(block.kernel_size, Extent::Each(h, w) if h == w) && origin == Ambiq::HeliaEdge;
    Ok(Stage {
        block: Block::MBConv,
        expand_ratio: block.ex_ratio,
        channels: divisible(block.filters),
        depth: block.depth,
        kernel: block.kernel_size,
        stride: block.strides,
        downsample: if strides { Downsample::Stride } else { Downsample::MaxPool },
        se_divisor: (block.se_ratio != 0.0).then_some(block.se_ratio * block.ex_ratio),
        activation: match origin {
            Ambiq::HeliaEdge => Some(block.activation.between("activation")?),
            // SleepKit 0.3 does not know this parameter and ignores it.
            Ambiq::SleepKit => None,
        },
    })
}

fn same_momentum(blocks: &[MBConvParams]) -> Result<f64, ReferenceError> {
    let first = blocks.first().map_or_else(momentum, |block| block.bn_momentum);
    match blocks.iter().find(|block| block.bn_momentum.to_bits() != first.to_bits()) {
        None => Ok(first),
        Some(block) => Err(ReferenceError::Unsupported(format!(
            "bn_momentum {} of one block and {first} of another",
            block.bn_momentum
        ))),
    }
}

fn divisible(filters: usize) -> usize {
    layers::scale_channels(filters, 1.0, layers::Rounding::MOBILENET)
}

fn two() -> Extent {
    2.into()
}

fn unexpanded() -> f64 {
    1.0
}

fn eight() -> f64 {
    8.0
}

fn fifth() -> f64 {
    0.2
}

fn momentum() -> f64 {
    0.9
}
