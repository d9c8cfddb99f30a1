//! MobileOne of timm and Ambiq's packages.

use ::mobileone::{Config, PRESETS, Stage, Stem};
use graph::{Activation, Extent, Padding, Shape};
use layers::Downsample;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::activation::KerasActivation;
use super::ambiq::{self, Classes, Top};
use super::{Arguments, ForeignModel, ReferenceError, native, renames};
use crate::Ambiq;

/// `create_model(model, **kwargs)` of `timm/models/byobnet.py`; with `reparameterized_before_fill`
/// beside them, the model after `reparameterize_model`.
pub(super) fn timm(arguments: &Arguments<'_>, input: Shape) -> Result<ForeignModel, ReferenceError> {
    let model = super::timm::architecture(arguments);
    let theirs = |name: &str| name == model && !["micro", "mobileone_u0"].contains(&name);
    let preset = PRESETS.iter().find(|(name, _)| theirs(name));
    let config = preset.ok_or_else(|| ReferenceError::Unsupported(format!("the model {model:?}")))?.1();
    // These blocks have no stochastic depth.
    arguments.ignore(&["pretrained", "drop_path_rate"]);
    let merged = arguments.field("reparameterized_before_fill").and_then(Json::as_bool).unwrap_or_default();
    let config = Config {
        classes: super::timm::classes(arguments, input.channels)?,
        dropout: arguments.get("drop_rate", config.dropout)?,
        inference: arguments.get("inference_mode", merged)?,
        ..config
    };
    arguments.finish()?;
    Ok(native(::mobileone::graph(&config, input)?))
}

/// `MobileOneParams` of helia-edge, and of SleepKit, which has fewer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    blocks: Vec<BlockParams>,
    #[serde(default = "three")]
    input_filters: usize,
    #[serde(default = "ambiq::three")]
    input_kernel_size: Extent,
    #[serde(default = "two")]
    input_strides: Extent,
    #[serde(default = "ambiq::unit")]
    input_padding: Extent,
    #[serde(default = "ambiq::yes")]
    include_top: bool,
    #[serde(default = "fifth")]
    dropout: f64,
    #[serde(default)]
    output_activation: KerasActivation,
    num_classes: Option<usize>,
    // Ignored by both packages.
    #[serde(rename = "input_activation")]
    _input_activation: Option<String>,
    #[serde(rename = "name", alias = "model_name")]
    _name: Option<String>,
    #[serde(rename = "family")]
    _family: Option<String>,
}

/// `MobileOneBlockParams`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockParams {
    filters: usize,
    #[serde(default = "ambiq::one")]
    depth: usize,
    #[serde(default = "ambiq::three")]
    kernel_size: Extent,
    #[serde(default = "ambiq::unit")]
    strides: Extent,
    #[serde(default = "none")]
    padding: Extent,
    #[serde(default = "eight")]
    se_ratio: f64,
    #[serde(default)]
    se_depth: usize,
    #[serde(default = "branches")]
    num_conv_branches: usize,
    // Ignored by both packages.
    #[serde(rename = "activation")]
    _activation: Option<String>,
}

/// The network that either package builds from `params`; `classes` is given beside them. In
/// the form for inference it has strides where it has max pools in training, so that no weights go
/// from one to the other.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, classes: Classes, inference: bool) -> Result<Config, ReferenceError> {
    let params: Params = ambiq::read(params)?;
    let top = Top { include_top: params.include_top, num_classes: params.num_classes };
    let stem = Stem {
        channels: params.input_filters,
        kernel: params.input_kernel_size,
        stride: params.input_strides,
        padding: Padding::both(params.input_padding),
        branches: 1,
    };
    let mut stages = Vec::new();
    let mut channels = params.input_filters;
    for block in &params.blocks {
        let se = block.se_ratio > 0.0 && block.se_depth > 0;
        // They do not treat one channel as a depthwise convolution.
        let pools = !inference && channels > 1;
        stages.push(Stage {
            kernel: block.kernel_size,
            stride: block.strides,
            padding: Padding::both(block.padding),
            downsample: if pools { Downsample::MaxPool } else { Downsample::Stride },
            branches: block.num_conv_branches,
            se_divisor: se.then_some(block.se_ratio),
            se_depth: if se { block.se_depth } else { 0 },
            ..Stage::new(block.filters, block.depth)
        });
        channels = block.filters;
    }
    Ok(Config {
        classes: top.classes(classes)?,
        pool: params.include_top,
        stem,
        stages,
        se_activation: Activation::Relu6,
        se_gate: Activation::HardSigmoid,
        activation: Activation::Relu6,
        norm_eps: 1e-3,
        norm_momentum: 0.1,
        dropout: if params.dropout < 1.0 { params.dropout.max(0.0) } else { 0.0 },
        output_activation: if params.include_top { params.output_activation.0 } else { None },
        inference,
        features: false,
    })
}

/// The network of `{params, inference_mode}` or `{preset}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let config = match spec.get("preset") {
        None => {
            let (params, classes) = ambiq::spec(spec)?;
            let inference = spec.get("inference_mode").and_then(Json::as_bool).unwrap_or_default();
            config(params, classes, inference)?
        }
        Some(preset) if preset == "MobileOneU0" => {
            let spec = json!({ "params": u0(), "num_classes": spec.get("num_classes") });
            let (params, classes) = ambiq::spec(&spec)?;
            config(params, classes, false)?
        }
        Some(preset) => return Err(ReferenceError::Unsupported(format!("the preset {preset}"))),
    };
    let graph = ::mobileone::graph(&config, input.clone())?;
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}

/// The parameters of SleepKit's `MobileOneU0`.
fn u0() -> Json {
    let block = |filters: usize, depth: usize, kernel: usize, se_ratio: usize| {
        json!({
            "filters": filters, "depth": depth, "kernel_size": [1, kernel], "strides": [1, 2],
            "padding": [0, kernel / 2], "se_ratio": se_ratio, "se_depth": usize::from(se_ratio > 0),
            "num_conv_branches": 3
        })
    };
    json!({
        "input_filters": 16, "input_kernel_size": [1, 7], "input_strides": [1, 2], "input_padding": [0, 3],
        "blocks": [block(32, 2, 5, 0), block(64, 3, 3, 2), block(128, 3, 3, 4), block(256, 2, 3, 4)]
    })
}

fn none() -> Extent {
    0.into()
}

fn branches() -> usize {
    2
}

fn two() -> Extent {
    2.into()
}

fn three() -> usize {
    3
}

fn eight() -> f64 {
    8.0
}

fn fifth() -> f64 {
    0.2
}
