//! The networks that helia-edge and SleepKit actually compute.

use graph::{Activation, BuildError, Conv, DropUnit, Scope, Value};
use layers::{Norm, Rounding, Skip, SqueezeExcite, SqueezeWidth};
use layers::{conv_norm, conv_norm_act, depthwise, dropout, scale_channels, squeeze_excite, upsample};

use crate::{Block, Config, Kind, pool_level};

/// Adds the encoder, `enc1`, …: each level is pooling from the finer one, then blocks `0`, `1`, ….
pub(crate) fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let mut levels = Vec::new();
    for (i, block) in config.blocks.iter().enumerate() {
        if let Some(above) = i.checked_sub(1) {
            x = pool_level(g / format!("enc{i}"), x, config, &config.blocks[above])?;
        }
        let g = g / format!("enc{}", i + 1);
        for n in 0..block.depth {
            x = package_block(g / n, x, config, block)?;
        }
        levels.push(x);
    }
    Ok(levels)
}

/// Adds the decoder, `dec1` at the coarsest level, which is first pooled once more, …: each level is blocks
/// `0`, `1`, …, upsampling, a 1×1 convolution that merges the encoder's features, and a block `last`.
pub(crate) fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    let count = features.len();
    let (coarsest, block) = (features[count - 1], &config.blocks[count - 1]);
    let mut x = pool_level(g / format!("enc{count}"), coarsest, config, block)?;
    for (i, (&level, block)) in features.iter().zip(&config.blocks).enumerate().rev() {
        let g = g / format!("dec{}", count - i);
        for n in 0..block.blocks_up() {
            x = package_block(g / n, x, config, block)?;
        }
        if config.kind == Kind::HeliaEdge {
            let bias = block.norm == Norm::None;
            let conv = Conv { padding: config.padding, bias, ..Conv::new(block.channels, block.pool) };
            x = g.conv("conv", x, conv)?;
        }
        x = upsample(g, x, level, config.level_upsample(block))?;
        x = merge_skip(g / "merge", x, level, config, block)?;
        x = package_block(g / "last", x, config, block)?;
    }
    Ok(x)
}

/// Merges the upsampled and the encoder's features with a 1×1 convolution to the block's channels.
fn merge_skip(
    g: Scope<'_>,
    x: Value,
    level: Value,
    config: &Config,
    block: &Block,
) -> Result<Value, BuildError> {
    let x = match config.skip(block) {
        Skip::None => return Ok(x),
        Skip::Concat => g.concat("concat", &[x, level])?,
        Skip::Add => g.add("sum", &[x, level])?,
    };
    let conv = Conv::new(block.channels, 1);
    if config.kind == Kind::SleepKit {
        let x = g.conv("conv", x, Conv { bias: block.bias, ..conv })?;
        return g.activation("act", x, Activation::Relu6);
    }
    conv_norm_act(g, ["conv", "norm", "act"], x, conv, config.normalization(block), Activation::Relu6)
}

fn package_block(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    match config.kind {
        Kind::SleepKit => sleepkit(g, x, config, block),
        Kind::HeliaEdge | Kind::MBConv => helia_edge(g, x, config, block),
    }
}

/// Adds helia-edge's block: depthwise with a norm, expansion, squeeze-excite and projection, `[N, C, …]` to
/// `[N, channels, …]`. The expansion is depthwise, too, so only squeeze-excite and the projection mix
/// channels.
fn helia_edge(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let (channels, bias) = (g.channels(x), block.norm == Norm::None);
    let conv = Conv { padding: config.padding, ..depthwise(channels, block.kernel) };
    let mut y = conv_norm(g, ["depthwise", "norm"], x, conv, config.normalization(block))?;
    if block.expands() {
        let expanded = scale_channels(channels, block.expand_ratio, Rounding::Down);
        y = g.conv("expand", y, Conv { groups: channels, bias, ..Conv::new(expanded, 1) })?;
        y = g.activation("act", y, Activation::Relu6)?;
    }
    let y = excite(g, y, channels, block)?;
    let y = g.conv("project", y, Conv { bias, ..Conv::new(block.channels, 1) })?;
    residual(g, x, y, block)
}

/// Adds SleepKit's block: depthwise with an activation, squeeze-excite and projection, with no norms,
/// `[N, C, …]` to `[N, channels, …]`.
fn sleepkit(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let channels = g.channels(x);
    let conv = Conv { padding: config.padding, bias: block.bias, ..depthwise(channels, block.kernel) };
    let y = g.conv("depthwise", x, conv)?;
    let y = g.activation("act", y, Activation::Relu6)?;
    let y = excite(g, y, channels, block)?;
    let y = g.conv("project", y, Conv { bias: block.bias, ..Conv::new(block.channels, 1) })?;
    residual(g, x, y, block)
}

/// Adds squeeze-excite with the convolutions `se.reduce` and `se.expand`.
fn excite(g: Scope<'_>, y: Value, input: usize, block: &Block) -> Result<Value, BuildError> {
    let Some(divisor) = block.se_divisor else { return Ok(y) };
    let options = SqueezeExcite {
        names: ["se", "reduce", "expand"],
        width: SqueezeWidth::expanded(divisor),
        activation: Activation::Relu6,
        gate: Activation::HardSigmoid,
        skip_below: 0,
    };
    squeeze_excite(g, y, input, options)
}

/// Adds the block's input `x` to its output `y`. Returns `y` unchanged if the channels differ.
fn residual(g: Scope<'_>, x: Value, y: Value, block: &Block) -> Result<Value, BuildError> {
    if g.channels(x) != block.channels {
        return Ok(y);
    }
    let y = dropout(g, "dropout", y, block.dropout, DropUnit::Element)?;
    g.add("add", &[x, y])
}

impl Block {
    /// Returns whether the expansion ratio is not 1.
    #[expect(clippy::float_cmp, reason = "a config value, not a computed number")]
    pub fn expands(&self) -> bool {
        self.expand_ratio != 1.0
    }
}
