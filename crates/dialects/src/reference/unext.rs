//! U-NeXt of helia-edge and SleepKit, from their parameters.

use ::unext::{Block, Config};
use graph::{Extent, Shape};
use layers::{Norm, OutputActivation};
use serde::Deserialize;
use serde_json::Value as Json;

use super::ambiq::{self, Classes, Kind, UNetParams};
use super::{ForeignModel, ReferenceError, renames};
use crate::Ambiq;

/// The parameters of `UNextBlockParams`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockParams {
    filters: usize,
    #[serde(default = "ambiq::one")]
    depth: usize,
    ddepth: Option<usize>,
    #[serde(default = "ambiq::three")]
    kernel: Extent,
    #[serde(default = "two")]
    pool: Extent,
    #[serde(default = "two")]
    strides: Extent,
    #[serde(default = "ambiq::yes")]
    skip: bool,
    #[serde(default = "unexpanded")]
    expand_ratio: f64,
    #[serde(default)]
    se_ratio: f64,
    dropout: Option<f64>,
    #[serde(default = "layer")]
    norm: Option<Kind>,
}

/// The network that `origin` builds from `params`. Kernels are still those of images, of height 1
/// for a series.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, origin: Ambiq, classes: Classes) -> Result<Config, ReferenceError> {
    let params: UNetParams<BlockParams> = ambiq::read(params)?;
    let config = match origin {
        Ambiq::HeliaEdge => Config::helia_edge(),
        Ambiq::SleepKit => Config::sleepkit(),
    };
    Ok(Config {
        classes: params.top().classes(classes)?,
        blocks: params.blocks.iter().map(|params| block(params, origin)).collect(),
        head_kernel: params.output_kernel_size,
        output_activation: if params.use_logits { None } else { Some(OutputActivation::Softmax) },
        ..config
    })
}

fn block(params: &BlockParams, origin: Ambiq) -> Block {
    let named = params.norm.map_or(Norm::None, Kind::norm);
    // SleepKit's norms are discarded, but the biases that they would have made superfluous are
    // left out.
    let (norm, bias) = match origin {
        Ambiq::HeliaEdge => (named, true),
        Ambiq::SleepKit => (Norm::None, named == Norm::None),
    };
    Block {
        depth: params.depth,
        // Python's `ddepth or depth`.
        decoder_depth: params.ddepth.filter(|depth| *depth > 0),
        kernel: params.kernel,
        expand_ratio: params.expand_ratio,
        se_divisor: Some(params.se_ratio).filter(|ratio| *ratio > 1.0),
        pool: params.pool,
        stride: params.strides,
        skip: params.skip,
        dropout: params.dropout.unwrap_or(0.0),
        norm,
        bias,
        ..Block::new(params.filters)
    }
}

/// The network of `{params}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let graph = if input.rank() == 1 {
        ::unext::graph(&config.of_series(), input.clone())?
    } else {
        ::unext::graph(&config, input.clone())?
    };
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}

fn two() -> Extent {
    2.into()
}

fn unexpanded() -> f64 {
    1.0
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
fn layer() -> Option<Kind> {
    Some(Kind::Layer)
}
