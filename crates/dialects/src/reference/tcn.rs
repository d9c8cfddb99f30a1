//! Temporal convolutional networks: SleepKit's and helia-edge's from their parameters, those of
//! keras-tcn and pytorch-tcn from their arguments.

mod keras_tcn;
mod pytorch_tcn;

use graph::{Activation, Extent, Padding, Shape};
use layers::{Norm, OutputActivation};
use serde::Deserialize;
use serde_json::Value as Json;
use tcn::{Block, Config, Encoder};

use super::activation::KerasActivation;
use super::ambiq::{self, Classes, Kind, Top};
use super::{ForeignModel, ReferenceError, renames};
use crate::Ambiq;

pub(super) use keras_tcn::keras_tcn;
pub(super) use pytorch_tcn::pytorch_tcn;

/// The parameters of `TcnParams`, in either package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    input_kernel: Option<Kernel>,
    #[serde(default = "layer")]
    input_norm: Option<Kind>,
    #[serde(default)]
    block_type: BlockType,
    #[serde(default)]
    blocks: Vec<BlockParams>,
    #[serde(default = "ambiq::three")]
    output_kernel: Extent,
    #[serde(default = "ambiq::yes")]
    include_top: bool,
    #[serde(default = "ambiq::yes")]
    use_logits: bool,
    #[serde(default)]
    output_activation: KerasActivation,
    num_classes: Option<usize>,
    // Ignored by both packages.
    #[serde(rename = "name", alias = "model_name")]
    _name: Option<String>,
    #[serde(rename = "family")]
    _family: Option<String>,
}

/// The parameters of `TcnBlockParams`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockParams {
    filters: usize,
    #[serde(default = "ambiq::one")]
    depth: usize,
    #[serde(default = "ambiq::one")]
    branch: usize,
    #[serde(default = "ambiq::three")]
    kernel: Extent,
    #[serde(default = "ambiq::unit")]
    dilation: Extent,
    #[serde(default = "one")]
    ex_ratio: f64,
    #[serde(default)]
    se_ratio: f64,
    dropout: Option<f64>,
    #[serde(default = "layer")]
    norm: Option<Kind>,
    #[serde(default = "KerasActivation::relu6")]
    activation: KerasActivation,
}

/// Values of `block_type`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BlockType {
    Lg,
    #[default]
    Mb,
    Sm,
}

/// A kernel that may be absent; 0 is absent in Python.
#[derive(Clone, Copy, Deserialize)]
struct Kernel(Extent);

impl Kernel {
    fn given(self) -> Option<Extent> {
        (self.0 != Extent::All(0)).then_some(self.0)
    }
}

fn one() -> f64 {
    1.0
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
fn layer() -> Option<Kind> {
    Some(Kind::Layer)
}

/// The network that `origin` builds from `params`, a `TcnParams`, with `classes` classes. Kernels are
/// still those of images, of height 1 for a series; [`Config::of_series`] makes them those of a series.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, origin: Ambiq, classes: Classes) -> Result<Config, ReferenceError> {
    let params: Params = ambiq::read(params)?;
    let top = Top { include_top: params.include_top, num_classes: params.num_classes };
    let classes = top.classes(classes)?;
    let blocks: Result<_, _> =
        params.blocks.iter().map(|block| self::block(block, params.block_type)).collect();
    let kernel = params.input_kernel.and_then(Kernel::given);
    let activation = match origin {
        Ambiq::HeliaEdge => params.output_activation.0,
        // SleepKit 0.3 does not know this parameter and ignores it.
        Ambiq::SleepKit => None,
    };
    let softmax = (!params.use_logits).then_some(OutputActivation::Softmax);
    Ok(Config {
        classes,
        encoder: kernel.map(|kernel| Encoder { kernel, norm: norm(params.input_norm) }),
        blocks: blocks?,
        padding: Padding::Same,
        channel_dropout: true,
        norm_eps: 1e-3,
        norm_momentum: 0.01,
        head_kernel: params.output_kernel,
        output_activation: if classes.is_some() { activation.or(softmax) } else { None },
        ..Config::sm()
    })
}

fn block(params: &BlockParams, block_type: BlockType) -> Result<Block, ReferenceError> {
    let (kind, has_branches, expands) = match block_type {
        BlockType::Lg => (tcn::Kind::Lg, false, false),
        BlockType::Mb => (tcn::Kind::Mb, true, true),
        BlockType::Sm => (tcn::Kind::Sm, true, false),
    };
    Ok(Block {
        depth: params.depth,
        // Parameters that this block type ignores keep their defaults.
        branches: if has_branches { params.branch } else { 1 },
        expand_ratio: if expands { params.ex_ratio } else { 1.0 },
        se_divisor: Some(params.se_ratio).filter(|ratio| *ratio != 0.0),
        norm: norm(params.norm),
        activation: between(params.activation)?,
        dropout: params.dropout.unwrap_or(0.0),
        ..Block::new(kind, params.filters, params.kernel, params.dilation)
    })
}

fn norm(kind: Option<Kind>) -> Norm {
    kind.map_or(Norm::None, Kind::norm)
}

/// The activation between layers; `linear` means `None`.
fn between(activation: KerasActivation) -> Result<Option<Activation>, ReferenceError> {
    match activation.0 {
        None => Ok(None),
        Some(OutputActivation::Pointwise(activation)) => Ok(Some(activation)),
        Some(OutputActivation::Softmax) => Err(ReferenceError::Unsupported("activation softmax".to_owned())),
    }
}

/// The network of `{params}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let graph = if input.rank() == 1 {
        ::tcn::graph(&config.of_series(), input.clone())?
    } else {
        ::tcn::graph(&config, input.clone())?
    };
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}
