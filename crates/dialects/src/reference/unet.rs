//! U-Nets: SleepKit's and helia-edge's from their parameters, and the plain one of
//! `milesial/Pytorch-UNet`.

use ::unet::{Block, Config};
use graph::{Activation, Extent, Shape};
use layers::{Factorization, Norm, OutputActivation, Skip};
use serde::Deserialize;
use serde_json::Value as Json;

use super::activation::KerasActivation;
use super::ambiq::{self, Classes, Kind, UNetParams};
use super::{Arguments, ForeignModel, ReferenceError, native, renames};
use crate::Ambiq;

/// The parameters of `UNetBlockParams`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockParams {
    filters: usize,
    #[serde(default = "ambiq::one")]
    depth: usize,
    ddepth: Option<usize>,
    #[serde(default = "ambiq::three")]
    kernel: Extent,
    #[serde(default = "ambiq::three")]
    pool: Extent,
    #[serde(default = "ambiq::unit")]
    strides: Extent,
    #[serde(default = "ambiq::yes")]
    skip: bool,
    #[serde(default, alias = "separable")]
    seperable: bool,
    dropout: Option<f64>,
    #[serde(default = "ambiq::batch")]
    norm: Option<Kind>,
    #[serde(default = "KerasActivation::relu6")]
    activation: KerasActivation,
    dilation: Option<Extent>,
}

/// The network that `origin` builds from `params`. Kernels are still those of images, of height 1
/// for a series.
///
/// # Errors
/// Names the wrong or unknown key.
pub(super) fn config(params: &Json, origin: Ambiq, classes: Classes) -> Result<Config, ReferenceError> {
    let params: UNetParams<BlockParams> = ambiq::read(params)?;
    // The encoder's last dilation applies to the whole decoder.
    let last = params.blocks.last().map_or(ambiq::unit(), |block| {
        let dilation = block.dilation.unwrap_or(ambiq::unit());
        (1..block.depth.min(64)).fold(ambiq::unit(), |product, _| product.times(dilation))
    });
    let blocks: Result<_, _> = params.blocks.iter().map(|params| block(params, origin, last)).collect();
    Ok(Config {
        classes: params.top().classes(classes)?,
        blocks: blocks?,
        head_kernel: params.output_kernel_size,
        output_activation: if params.use_logits { None } else { Some(OutputActivation::Softmax) },
        ..Config::residual()
    })
}

fn block(params: &BlockParams, origin: Ambiq, decoder_dilation: Extent) -> Result<Block, ReferenceError> {
    Ok(Block {
        depth: params.depth,
        // Python's `ddepth or depth`.
        decoder_depth: params.ddepth.filter(|depth| *depth > 0),
        kernel: params.kernel,
        factorization: if params.seperable { Factorization::Separable } else { Factorization::Plain },
        dilation: params.dilation.unwrap_or(ambiq::unit()),
        decoder_dilation,
        pool: params.pool,
        stride: params.strides,
        skip: if params.skip { Skip::Concat } else { Skip::None },
        dropout: params.dropout.unwrap_or(0.0),
        norm: params.norm.map_or(Norm::None, Kind::norm),
        activation: match origin {
            Ambiq::HeliaEdge => params.activation.between("activation")?,
            // SleepKit 0.3 does not know this parameter and ignores it.
            Ambiq::SleepKit => Activation::Relu6,
        },
        ..Block::new(params.filters)
    })
}

/// The network of `{params}` and its Keras variables.
pub(super) fn ambiq(spec: &Json, origin: Ambiq, input: &Shape) -> Result<ForeignModel, ReferenceError> {
    let (params, classes) = ambiq::spec(spec)?;
    let config = config(params, origin, classes)?;
    let graph = if input.rank() == 1 {
        ::unet::graph(&config.of_series(), input.clone())?
    } else {
        ::unet::graph(&config, input.clone())?
    };
    let renames = renames(&config, input, origin.dialect())?;
    Ok(ForeignModel { graph, renames })
}

/// `UNet(n_channels, n_classes, bilinear=False)` with a `base` for its 64 channels, under its own
/// names.
pub(super) fn self_written(arguments: &Arguments<'_>, input: Shape) -> Result<ForeignModel, ReferenceError> {
    let channels: usize = arguments.get("n_channels", 3)?;
    if channels != input.channels {
        let expected = format!("{} because of the input", input.channels);
        return Err(ReferenceError::expected("n_channels", expected, channels));
    }
    let classes = arguments.get("n_classes", 2)?;
    let config = Config { classes: Some(classes), ..Config::plain(arguments.get("base", 64)?) };
    let config = if arguments.get("bilinear", false)? { config.bilinear() } else { config };
    arguments.finish()?;
    Ok(native(::unet::graph(&config, input)?))
}
