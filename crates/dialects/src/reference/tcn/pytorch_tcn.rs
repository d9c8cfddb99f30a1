//! pytorch-tcn (1.2.3), whose names are the ones used here.

use graph::{Activation, Extent, Padding, Shape};
use layers::Norm;
use tcn::{Block, Config, Kind, Skips};

use crate::reference::{Arguments, ForeignModel, ReferenceError, native};

/// Supported values of `activation`. pytorch-tcn's softmax is over the batch, so it is not supported.
const ACTIVATIONS: [&str; 7] = ["relu", "tanh", "leaky_relu", "sigmoid", "elu", "gelu", "selu"];

/// `TCN(**kwargs)`.
pub(in crate::reference) fn pytorch_tcn(
    arguments: &Arguments<'_>,
    input: Shape,
) -> Result<ForeignModel, ReferenceError> {
    let channels: usize = arguments.get("num_inputs", input.channels)?;
    if channels != input.channels {
        let expected = format!("{} because of the input", input.channels);
        return Err(ReferenceError::expected("num_inputs", expected, channels));
    }
    let config = config(arguments)?;
    Ok(native(::tcn::graph(&config, input)?))
}

fn config(arguments: &Arguments<'_>) -> Result<Config, ReferenceError> {
    // Channels come first here, whatever the order of axes outside.
    arguments.ignore(&["kernel_initializer", "input_shape"]);
    if arguments.get("lookahead", 0)? != 0 {
        return Err(ReferenceError::Unsupported("the argument lookahead".to_owned()));
    }
    let skips =
        if arguments.get("use_skip_connections", false)? { Skips::BranchesAndOutput } else { Skips::None };
    let causal = arguments.get("causal", true)?;
    let config = Config {
        classes: arguments.get("output_projection", None)?,
        blocks: blocks(arguments)?,
        skips,
        padding: if causal { Padding::Causal } else { Padding::Same },
        output_activation: activation(arguments, "output_activation", None)?.map(Into::into),
        ..Config::sm()
    };
    // The mode of embeddings, which are not supported.
    arguments.ignore(&["embedding_mode"]);
    arguments.finish()?;
    Ok(config)
}

fn blocks(arguments: &Arguments<'_>) -> Result<Vec<Block>, ReferenceError> {
    let channels: Vec<usize> = arguments.get("num_channels", Vec::new())?;
    let dilations = dilations(arguments, channels.len())?;
    // The default is a norm; null means no norm.
    let weight_norm = if arguments.is_null("use_norm") { None } else { Some("weight_norm".to_owned()) };
    let (norm, weight_norm) = match arguments.get("use_norm", weight_norm)?.as_deref() {
        None => (Norm::None, false),
        Some("weight_norm") => (Norm::None, true),
        Some("batch_norm") => (Norm::Batch, false),
        Some("layer_norm") => (Norm::Layer, false),
        Some(other) => return Err(ReferenceError::Unsupported(format!("the argument use_norm = {other:?}"))),
    };
    let kernel: Extent = arguments.get("kernel_size", 4.into())?;
    let activation = activation(arguments, "activation", Some(Activation::Relu))?;
    let gate = arguments.get("use_gate", false)?;
    let dropout = arguments.get("dropout", 0.1)?;
    let block = |(channels, dilation)| Block {
        gate,
        weight_norm,
        norm,
        activation,
        dropout,
        ..Block::new(Kind::Residual, channels, kernel, Extent::All(dilation))
    };
    Ok(channels.into_iter().zip(dilations).map(block).collect())
}

/// The dilations as given, or powers of two that restart at `dilation_reset`.
fn dilations(arguments: &Arguments<'_>, blocks: usize) -> Result<Vec<usize>, ReferenceError> {
    let given: Option<Vec<usize>> = arguments.get("dilations", None)?;
    let reset: Option<usize> = arguments.get("dilation_reset", None)?;
    let period = match reset {
        None => usize::MAX,
        // `int(log2(reset * 2))`
        Some(reset) => match reset.checked_ilog2() {
            Some(exponent) => exponent as usize + 1,
            None => {
                return Err(ReferenceError::expected("dilation_reset", "at least 1", 0));
            }
        },
    };
    match given {
        Some(dilations) if dilations.len() == blocks => Ok(dilations),
        Some(dilations) => {
            let expected = format!("a list of {blocks}, as `num_channels`");
            Err(ReferenceError::expected("dilations", expected, format!("a list of {}", dilations.len())))
        }
        // The graph refuses dilations that are too large for a convolution.
        None => Ok((0..blocks).map(|i| 1 << (i % period).min(62)).collect()),
    }
}

fn activation(
    arguments: &Arguments<'_>,
    name: &str,
    default: Option<Activation>,
) -> Result<Option<Activation>, ReferenceError> {
    let Some(text) = arguments.get(name, None::<String>)? else { return Ok(default) };
    let known = ACTIVATIONS.contains(&text.as_str()).then(|| text.parse().ok()).flatten();
    known.map(Some).ok_or_else(|| ReferenceError::Unsupported(format!("the argument {name} = {text:?}")))
}
