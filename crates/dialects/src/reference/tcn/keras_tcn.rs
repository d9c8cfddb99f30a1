//! keras-tcn (3.5.7).

use graph::{Extent, Padding, Shape};
use layers::Norm;
use serde_json::Value as Json;
use tcn::{Block, Config, Kind, Output, Skips};

use super::between;
use crate::Dialect;
use crate::reference::activation::KerasActivation;
use crate::reference::{Arguments, ForeignModel, ReferenceError, renames};

/// `TCN(**kwargs)`, and a dense layer `head` where there are classes.
pub(in crate::reference) fn keras_tcn(
    arguments: &Arguments<'_>,
    input: &Shape,
) -> Result<ForeignModel, ReferenceError> {
    let config = config(arguments)?;
    let graph = ::tcn::graph(&config, input.clone())?;
    let renames = renames(&config, input, Dialect::KerasTcn)?;
    Ok(ForeignModel { graph, renames })
}

fn config(arguments: &Arguments<'_>) -> Result<Config, ReferenceError> {
    arguments.ignore(&["kernel_initializer", "return_state", "name"]);
    let (padding, step) = match arguments.get("padding", "causal".to_owned())?.as_str() {
        "causal" => (Padding::Causal, Output::Last),
        "same" => (Padding::Same, Output::Middle),
        other => {
            return Err(ReferenceError::expected("padding", "`causal` or `same`", format!("`{other}`")));
        }
    };
    let sequences = arguments.get("return_sequences", false)?;
    let skips = if arguments.get("use_skip_connections", true)? { Skips::Branches } else { Skips::None };
    let config = Config {
        classes: arguments.classes()?,
        blocks: blocks(arguments)?,
        stacks: arguments.get("nb_stacks", 1)?,
        skips,
        padding,
        backwards: arguments.get("go_backwards", false)?,
        double_activation: true,
        channel_dropout: true,
        norm_eps: 1e-3,
        norm_momentum: 0.01,
        output: if sequences { Output::EverySample } else { step },
        ..Config::sm()
    };
    arguments.finish()?;
    Ok(config)
}

fn blocks(arguments: &Arguments<'_>) -> Result<Vec<Block>, ReferenceError> {
    let dilations: Vec<usize> = arguments.get("dilations", vec![1, 2, 4, 8, 16, 32])?;
    // One number for all blocks, or one for each dilation.
    let filters: Vec<usize> = match arguments.get("nb_filters", Json::Null)? {
        Json::Array(_) => arguments.get("nb_filters", Vec::new())?,
        _ => vec![arguments.get("nb_filters", 64)?; dilations.len()],
    };
    if filters.len() != dilations.len() {
        let expected = format!("a list of {}, as `dilations`", dilations.len());
        return Err(ReferenceError::expected("nb_filters", expected, format!("a list of {}", filters.len())));
    }
    let norms = [arguments.get("use_batch_norm", false)?, arguments.get("use_layer_norm", false)?];
    let norm = match norms {
        [false, false] => Norm::None,
        [true, false] => Norm::Batch,
        [false, true] => Norm::Layer,
        [true, true] => {
            let expected = "`false` because `use_batch_norm` is `true`";
            return Err(ReferenceError::expected("use_layer_norm", expected, "`true`"));
        }
    };
    let kernel: Extent = arguments.get("kernel_size", 3.into())?;
    let dropout = arguments.get("dropout_rate", 0.0)?;
    let activation = between(arguments.get("activation", KerasActivation::relu())?)?;
    let block = |(dilation, channels)| Block {
        norm,
        activation,
        dropout,
        ..Block::new(Kind::Residual, channels, kernel, Extent::All(dilation))
    };
    Ok(dilations.into_iter().zip(filters).map(block).collect())
}
