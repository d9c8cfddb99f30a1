//! ResNet of Ambiq's packages.

use ::resnet::{Block, Config, Stage, StemConv, StemPool};
use graph::{Activation, Extent, Padding, Shape};
use serde::Deserialize;
use serde_json::Value as Json;

use super::activation::KerasActivation;
use super::ambiq::{self, Classes, Top};
use super::{ForeignModel, ReferenceError, renames};
use crate::Ambiq;

/// `ResNetParams` of helia-edge, and of SleepKit, which has fewer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    blocks: Vec<BlockParams>,
    #[serde(default)]
    input_filters: usize,
    #[serde(default = "ambiq::three")]
    input_kernel_size: Extent,
    #[serde(default = "two")]
    input_strides: Extent,
    #[serde(default = "KerasActivation::relu6")]
    input_activation: KerasActivation,
    #[serde(default = "ambiq::yes")]
    include_top: bool,
    #[serde(default)]
    output_activation: KerasActivation,
    #[serde(default = "fifth")]
    dropout: f64,
    num_classes: Option<usize>,
    // Ignored by both packages.
    #[serde(rename = "name", alias = "model_name")]
    _name: Option<String>,
    #[serde(rename = "family")]
    _family: Option<String>,
}

/// `ResNetBlockParams`.
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
    #[serde(default)]
    bottleneck: bool,
    #[serde(default = "KerasActivation::relu6")]
    activation: KerasActivation,
}

/// The network that `origin` builds from `params`; `classes` is given beside them.
///
/// Both packages ignore the stride of the first stage, and the result of a bottleneck's first
/// convolution.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, origin: Ambiq, classes: Classes) -> Result<Config, ReferenceError> {
    let params: Params = ambiq::read(params)?;
    let top = Top { include_top: params.include_top, num_classes: params.num_classes };
    let stem = StemConv {
        channels: params.input_filters,
        kernel: params.input_kernel_size,
        stride: params.input_strides,
    };
    // SleepKit 0.3 does not know parameters of activations and ignores them.
    let act = |activation: KerasActivation, parameter| match origin {
        Ambiq::HeliaEdge => activation.between(parameter),
        Ambiq::SleepKit => Ok(Activation::Relu6),
    };
    let stages = params.blocks.iter().enumerate().map(|(i, block)| {
        Ok(Stage {
            block: if block.bottleneck { Block::Unreduced } else { Block::Basic },
            channels: block.filters,
            depth: block.depth,
            kernel: block.kernel_size,
            stride: if i == 0 { 1.into() } else { block.strides },
            dilation: 1.into(),
            first_dilation: None,
            activation: Some(act(block.activation, "activation")?),
        })
    });
    Ok(Config {
        classes: top.classes(classes)?,
        pool: params.include_top,
        stem: if params.input_filters > 0 { vec![stem] } else { Vec::new() },
        stem_activation: Some(act(params.input_activation, "input_activation")?),
        stem_pool: StemPool::None,
        stages: stages.collect::<Result<_, ReferenceError>>()?,
        activation: Activation::Relu6,
        norm_eps: 1e-3,
        padding: Padding::Same,
        dropout: if params.dropout < 1.0 { params.dropout.max(0.0) } else { 0.0 },
        output_activation: if params.include_top { params.output_activation.0 } else { None },
        ..Config::resnet18()
    })
}

/// The network of `{params}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let graph = ::resnet::graph(&config, input.clone())?;
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}

fn two() -> Extent {
    2.into()
}

fn fifth() -> f64 {
    0.2
}
