//! The residual block (Bai et al. 2018, Figure 1b), and the skip connections of later implementations.

use graph::{Activation, BuildError, Conv, Scope, Value};
use layers::{activation, norm};

use crate::{Block, Config, Skips};

/// Adds the branch of a residual block: two convolutions, each with norm, activation and dropout,
/// `[N, C, …]` to `[N, block.channels, …]`.
pub(crate) fn branch(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let conv = |channels| {
        let conv = Conv { bias: true, weight_norm: block.weight_norm, ..Conv::new(channels, 1) };
        config.dilated(block, conv)
    };
    let normalization = config.normalization(block.norm);
    // A gate consumes half of the channels.
    let channels = if block.gate { 2 * block.channels } else { block.channels };
    let y = g.conv("conv1", x, conv(channels))?;
    let y = norm(g, "norm1", y, normalization)?;
    let y = if block.gate {
        gated_linear_unit(g / "gate", y)?
    } else {
        activation(g, "act1", y, block.activation)?
    };
    let y = config.dropout(g, "dropout1", y, block)?;
    let y = g.conv("conv2", y, conv(block.channels))?;
    let y = norm(g, "norm2", y, normalization)?;
    let y = activation(g, "act2", y, block.activation)?;
    let y = config.dropout(g, "dropout2", y, block)?;
    if config.double_activation { activation(g, "act3", y, block.activation) } else { Ok(y) }
}

/// Adds a gated linear unit: the first half of the channels times the sigmoid of the second half.
fn gated_linear_unit(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
    let half = g.channels(x) / 2;
    let value = g.slice("value", x, 0, half)?;
    let gate = g.slice("gate", x, half, half)?;
    let gate = g.activation("sigmoid", gate, Activation::Sigmoid)?;
    g.multiply("product", value, gate)
}

/// Adds the sum of the branch and the input, which is projected if the channels differ, and the activation.
pub(crate) fn sum(g: Scope<'_>, x: Value, branch: Value, block: &Block) -> Result<Value, BuildError> {
    let x = project(g, "downsample", x, block.channels)?;
    let sum = g.add("add", &[branch, x])?;
    activation(g, "act", sum, block.activation)
}

/// Adds the skip connections to the last features `x`: the sum of the blocks' branches, each projected to
/// the number of channels of `x`. Returns `x` unchanged for [`Skips::None`].
pub(crate) fn skips(
    g: Scope<'_>,
    x: Value,
    branches: &[Value],
    config: &Config,
) -> Result<Value, BuildError> {
    let (branches, output) = match config.skips {
        Skips::None => return Ok(x),
        Skips::Branches => (branches, None),
        Skips::BranchesAndOutput => (&branches[..branches.len() - 1], Some(x)),
    };
    let width = g.channels(x);
    let mut terms = Vec::new();
    for (i, branch) in branches.iter().enumerate() {
        terms.push(project(g / "downsample_skip_connection", i, *branch, width)?);
    }
    terms.extend(output);
    let sum = if let [term] = terms[..] { term } else { g.add("skip_add", &terms)? };
    match config.blocks.last() {
        Some(last) if output.is_some() => activation(g, "skip_act", sum, last.activation),
        _ => Ok(sum),
    }
}

/// Adds a 1×1 convolution to `channels` channels. Returns `x` unchanged if it already has as many.
fn project(
    g: Scope<'_>,
    name: impl std::fmt::Display,
    x: Value,
    channels: usize,
) -> Result<Value, BuildError> {
    if g.channels(x) == channels {
        return Ok(x);
    }
    g.conv(name, x, Conv { bias: true, ..Conv::new(channels, 1) })
}
