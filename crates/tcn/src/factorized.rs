//! Blocks of depthwise and pointwise convolutions: SleepKit's `tcn_block_mb` and `tcn_block_sm`.

use graph::{Activation, BuildError, Conv, Scope, Value};
use layers::{MultiBranch, Rounding, SqueezeExcite, SqueezeWidth};
use layers::{conv_norm_act, depthwise, multi_branch, scale_channels, squeeze_excite};

use crate::{Block, Config};

/// Adds an `mb` block. Each repetition is expansion, depthwise, squeeze-excite, pointwise.
pub(crate) fn mb(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let mut y = x;
    for repetition in 0..block.depth {
        let g = g / repetition;
        y = expand(g / "expand", y, config, block)?;
        y = depthwise_step(g / "depthwise", y, config, block)?;
        y = excite(g, y, block, 1)?;
        y = pointwise_step(g / "pointwise", y, config, block)?;
    }
    let y = add_input(g, x, y)?;
    config.dropout(g, "dropout", y, block)
}

/// Adds an `sm` block. Each repetition is depthwise, pointwise; squeeze-excite follows the last one.
pub(crate) fn sm(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let mut y = x;
    for repetition in 0..block.depth {
        let g = g / repetition;
        y = depthwise_step(g / "depthwise", y, config, block)?;
        y = pointwise_step(g / "pointwise", y, config, block)?;
    }
    let y = excite(g, y, block, 2)?;
    let y = add_input(g, x, y)?;
    config.dropout(g, "dropout", y, block)
}

/// Adds the expansion to the block's output channels times the ratio, if the ratio is not 1.
fn expand(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    if !block.expands() {
        return Ok(x);
    }
    single(g, x, config, block, Conv::new(block.expanded_width(), 1))
}

fn depthwise_step(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    step(g, x, config, block, config.dilated(block, depthwise(g.channels(x), 1)))
}

fn pointwise_step(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    step(g, x, config, block, Conv::new(block.channels, 1))
}

/// Adds a convolution with its norm, or the sum of several such branches; then the activation.
fn step(g: Scope<'_>, x: Value, config: &Config, block: &Block, conv: Conv) -> Result<Value, BuildError> {
    if block.branches == 1 {
        return single(g, x, config, block, conv);
    }
    let branches = MultiBranch {
        scale: false,
        identity: false,
        norm: config.normalization(block.norm),
        activation: block.activation,
        ..MultiBranch::new(conv, block.branches)
    };
    multi_branch(g, x, branches)
}

fn single(g: Scope<'_>, x: Value, config: &Config, block: &Block, conv: Conv) -> Result<Value, BuildError> {
    conv_norm_act(g, ["conv", "norm", "act"], x, conv, config.normalization(block.norm), block.activation)
}

/// Adds squeeze-excite over all channels, unless its width is less than `smallest_width`.
pub(crate) fn excite(
    g: Scope<'_>,
    x: Value,
    block: &Block,
    smallest_width: usize,
) -> Result<Value, BuildError> {
    let Some(divisor) = block.se_divisor else { return Ok(x) };
    let options = SqueezeExcite {
        width: SqueezeWidth::expanded(divisor),
        activation: Activation::Relu6,
        gate: Activation::HardSigmoid,
        skip_below: smallest_width,
        ..SqueezeExcite::RESNET
    };
    squeeze_excite(g, x, g.channels(x), options)
}

/// Adds the block's input `x` to its output `y`. Returns `y` unchanged if the channels differ.
pub(crate) fn add_input(g: Scope<'_>, x: Value, y: Value) -> Result<Value, BuildError> {
    if g.channels(x) == g.channels(y) { g.add("add", &[y, x]) } else { Ok(y) }
}

impl Block {
    #[expect(clippy::float_cmp, reason = "a config value, not a computed number")]
    pub(crate) fn expands(&self) -> bool {
        self.expand_ratio != 1.0
    }

    /// Returns the number of expanded channels.
    pub(crate) fn expanded_width(&self) -> usize {
        scale_channels(self.channels, self.expand_ratio, Rounding::Down)
    }
}
