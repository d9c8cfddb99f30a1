//! Blocks of dense convolutions in pairs, as SleepKit's `tcn_block_lg`.

use graph::{BuildError, Conv, Scope, Value};
use layers::{Norm, activation, norm};

use crate::factorized::{added, excited};
use crate::{Block, Config};

/// For each repetition: two convolutions with nothing but norms between, the sum with the input
/// where channels agree, activation, squeeze-excite, dropout. The first convolution has no bias,
/// even where no norm follows it.
pub(crate) fn lg(g: Scope<'_>, mut x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let normalization = config.normalization(block.norm);
    let conv = config.dilated(block, Conv::new(block.channels, 1));
    for d in 0..block.depth {
        let g = g / d;
        let y = g.conv("conv1", x, conv)?;
        let y = norm(g, "norm1", y, normalization)?;
        let y = g.conv("conv2", y, Conv { bias: block.norm == Norm::None, ..conv })?;
        let y = norm(g, "norm2", y, normalization)?;
        let y = added(g, x, y)?;
        let y = activation(g, "act", y, block.activation)?;
        let y = excited(g, y, block, 0)?;
        x = config.dropped(g, "dropout", y, block)?;
    }
    Ok(x)
}
