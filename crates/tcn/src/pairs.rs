//! Blocks of pairs of dense convolutions: SleepKit's `tcn_block_lg`.

use graph::{BuildError, Conv, Scope, Value};
use layers::{Norm, activation, norm};

use crate::factorized::{add_input, excite};
use crate::{Block, Config};

/// Adds an `lg` block. Each repetition is two convolutions with norms, the sum with the input unless the
/// channels differ, an activation, squeeze-excite and dropout. The first convolution never has a bias, even
/// if no norm follows it.
pub(crate) fn lg(g: Scope<'_>, mut x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let normalization = config.normalization(block.norm);
    let conv = config.dilated(block, Conv::new(block.channels, 1));
    for repetition in 0..block.depth {
        let g = g / repetition;
        let y = g.conv("conv1", x, conv)?;
        let y = norm(g, "norm1", y, normalization)?;
        let y = g.conv("conv2", y, Conv { bias: block.norm == Norm::None, ..conv })?;
        let y = norm(g, "norm2", y, normalization)?;
        let y = add_input(g, x, y)?;
        let y = activation(g, "act", y, block.activation)?;
        let y = excite(g, y, block, 0)?;
        x = config.dropout(g, "dropout", y, block)?;
    }
    Ok(x)
}
