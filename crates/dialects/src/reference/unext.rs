//! U-NeXt of helia-edge and SleepKit, from their parameters.

use ::unext::{Block, Config};
use graph::{Extent, Shape};
use layers::{Norm, OutputActivation};
use serde::Deserialize;
use serde_json::Value as Json;

use super::ambiq::{self, Kind, Top};
use super::{ForeignModel, ReferenceError, renames};
use crate::Ambiq;

/// The parameters of `UNextParams`, in either package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    blocks: Vec<BlockParams>,
    #[serde(default = "ambiq::yes")]
    include_top: bool,
    #[serde(default = "ambiq::yes")]
    use_logits: bool,
    #[serde(default = "ambiq::three")]
    output_kernel_size: Extent,
    num_classes: Option<usize>,
    /// Ignored by both packages.
    #[serde(default, rename = "output_kernel_stride")]
    _output_kernel_stride: Json,
    #[serde(default, rename = "name", alias = "model_name")]
    _name: Json,
    #[serde(default, rename = "family")]
    _family: Json,
}

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
pub(super) fn config(params: &Json, origin: Ambiq, classes: Option<usize>) -> Result<Config, ReferenceError> {
    let params: Params = ambiq::read(params)?;
    let top = Top { include_top: params.include_top, num_classes: params.num_classes };
    let config = match origin {
        Ambiq::HeliaEdge => Config::helia_edge(),
        Ambiq::SleepKit => Config::sleepkit(),
    };
    Ok(Config {
        classes: top.classes(classes)?,
        blocks: params.blocks.iter().map(|params| block(params, origin)).collect(),
        head_kernel: params.output_kernel_size,
        output_activation: (!params.use_logits).then_some(OutputActivation::Softmax),
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
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let renames = renames(&config, &input, origin.dialect())?;
    let config = if input.rank() == 1 { config.of_series() } else { config };
    Ok(ForeignModel { graph: ::unext::graph(&config, input)?, renames })
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
