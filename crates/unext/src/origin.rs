//! What helia-edge and SleepKit compute.

use graph::{Activation, BuildError, Conv, DropUnit, Scope, Value};
use layers::{Norm, Rounding, Skip, SqueezeExcite, SqueezeWidth};
use layers::{conv_norm, conv_norm_act, depthwise, dropout, scale_channels, squeeze_excite, upsample};

use crate::{Block, Config, Kind, below};

/// `enc1`, …: pooling from the level above, blocks `0`, `1`, ….
pub(crate) fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let mut levels = Vec::new();
    for (i, block) in config.blocks.iter().enumerate() {
        if let Some(above) = i.checked_sub(1) {
            x = below(g / format!("enc{i}"), x, config, &config.blocks[above])?;
        }
        let g = g / format!("enc{}", i + 1);
        for n in 0..block.depth {
            x = one(g / n, x, config, block)?;
        }
        levels.push(x);
    }
    Ok(levels)
}

/// `dec1` from the coarsest level, which is pooled once more: blocks `0`, `1`, …, upsampling, the
/// level's own features taken in by a 1×1 convolution, and a `last` block.
pub(crate) fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    let n = features.len();
    let mut x = below(g / format!("enc{n}"), features[n - 1], config, &config.blocks[n - 1])?;
    for (i, (&level, block)) in features.iter().zip(&config.blocks).enumerate().rev() {
        let g = g / format!("dec{}", n - i);
        for n in 0..block.blocks_up() {
            x = one(g / n, x, config, block)?;
        }
        if config.kind == Kind::HeliaEdge {
            let bias = block.norm == Norm::None;
            let conv = Conv { padding: config.padding, bias, ..Conv::new(block.channels, block.pool) };
            x = g.conv("conv", x, conv)?;
        }
        x = upsample(g, x, level, config.level_upsample(block))?;
        x = merged(g / "merge", x, level, config, block)?;
        x = one(g / "last", x, config, block)?;
    }
    Ok(x)
}

/// What comes up, and the level's features, by a 1×1 convolution of the block's channels.
fn merged(g: Scope<'_>, x: Value, level: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
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

fn one(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    match config.kind {
        Kind::SleepKit => sleepkit(g, x, config, block),
        Kind::HeliaEdge | Kind::MBConv => helia_edge(g, x, config, block),
    }
}

/// Depthwise and its norm, then expansion: `[N, C, …]` to `[N, channels, …]`. Each channel is
/// expanded by itself, so that nothing mixes channels before the projection.
fn helia_edge(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let (channels, bias) = (g.channels(x), block.norm == Norm::None);
    let conv = Conv { padding: config.padding, ..depthwise(channels, block.kernel) };
    let mut y = conv_norm(g, ["depthwise", "norm"], x, conv, config.normalization(block))?;
    if block.expands() {
        let expanded = scale_channels(channels, block.expand_ratio, Rounding::Down);
        y = g.conv("expand", y, Conv { groups: channels, bias, ..Conv::new(expanded, 1) })?;
        y = g.activation("act", y, Activation::Relu6)?;
    }
    let y = excited(g, y, channels, block)?;
    let y = g.conv("project", y, Conv { bias, ..Conv::new(block.channels, 1) })?;
    residual(g, x, y, block)
}

/// Depthwise with its activation, then projection, without norms: `[N, C, …]` to
/// `[N, channels, …]`.
fn sleepkit(g: Scope<'_>, x: Value, config: &Config, block: &Block) -> Result<Value, BuildError> {
    let channels = g.channels(x);
    let conv = Conv { padding: config.padding, bias: block.bias, ..depthwise(channels, block.kernel) };
    let y = g.conv("depthwise", x, conv)?;
    let y = g.activation("act", y, Activation::Relu6)?;
    let y = excited(g, y, channels, block)?;
    let y = g.conv("project", y, Conv { bias: block.bias, ..Conv::new(block.channels, 1) })?;
    residual(g, x, y, block)
}

/// `se.reduce`, `se.expand`.
fn excited(g: Scope<'_>, y: Value, input: usize, block: &Block) -> Result<Value, BuildError> {
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

/// Where channels are equal.
fn residual(g: Scope<'_>, x: Value, y: Value, block: &Block) -> Result<Value, BuildError> {
    if g.channels(x) != block.channels {
        return Ok(y);
    }
    let y = dropout(g, "dropout", y, block.dropout, DropUnit::Element)?;
    g.add("add", &[x, y])
}

impl Block {
    /// Whether there is an expansion, which one by 1 is not.
    #[expect(clippy::float_cmp, reason = "a configuration's 1, not a computed number")]
    pub fn expands(&self) -> bool {
        self.expand_ratio != 1.0
    }
}
