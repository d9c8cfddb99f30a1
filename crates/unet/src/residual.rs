//! The network of SleepKit and helia-edge: convolutions with a projected shortcut around them.

use graph::{BuildError, Conv, DropUnit, Scope, Value};
use layers::{Skip, conv_norm_act, dropout, upsample};

use crate::{Block, Config, conv_block, pool_level};

/// Adds the encoder, `enc1`, …: each level is pooling from the finer one, convolutions, and a shortcut.
pub(crate) fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let mut levels = Vec::new();
    for (i, block) in config.blocks.iter().enumerate() {
        if let Some(above) = i.checked_sub(1) {
            x = pool_level(g / format!("enc{i}"), "pool", x, config, &config.blocks[above])?;
        }
        let g = g / format!("enc{}", i + 1);
        let mut y = x;
        for n in 0..block.depth {
            let conv = config.conv(block, block.channels, block.dilation_at(n));
            y = numbered_conv(g, n + 1, y, config, block, conv)?;
        }
        y = dropout(g, "dropout", y, block.dropout, DropUnit::Element)?;
        x = shortcut(g, x, y)?;
        levels.push(x);
    }
    Ok(levels)
}

/// Adds the decoder, `dec1` at the coarsest level, …: each level is convolutions, upsampling, a 1×1
/// convolution that merges the encoder's features, and a last convolution with a shortcut.
pub(crate) fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    let count = features.len();
    let (coarsest, block) = (features[count - 1], &config.blocks[count - 1]);
    let mut x = pool_level(g / format!("enc{count}"), "pool", coarsest, config, block)?;
    for (i, (&level, block)) in features.iter().zip(&config.blocks).enumerate().rev() {
        let g = g / format!("dec{}", count - i);
        for n in 0..block.decoder_depth.unwrap_or(block.depth) {
            let conv = config.conv(block, block.channels, block.decoder_dilation);
            x = numbered_conv(g, n + 1, x, config, block, conv)?;
        }
        x = upsample(g, x, level, config.level_upsample(block))?;
        x = merge_skip(g, x, level, config, block)?;
        let out = block.decoder_channels.unwrap_or(block.channels);
        let last = config.conv(block, out, 1.into());
        let y = conv_block(g / "last", ["conv", "norm", "act"], x, config, block, last)?;
        x = shortcut(g, x, y)?;
    }
    Ok(x)
}

/// Adds a convolution, norm and activation with this number in their names: `conv1, norm1, act1`.
fn numbered_conv(
    g: Scope<'_>,
    number: usize,
    x: Value,
    config: &Config,
    block: &Block,
    conv: Conv,
) -> Result<Value, BuildError> {
    let names = ["conv", "norm", "act"].map(|name| format!("{name}{number}"));
    conv_block(g, [&names[0], &names[1], &names[2]], x, config, block, conv)
}

/// Merges the upsampled and the encoder's features with a 1×1 convolution to the block's channels.
fn merge_skip(
    g: Scope<'_>,
    x: Value,
    level: Value,
    config: &Config,
    block: &Block,
) -> Result<Value, BuildError> {
    let g = g / "merge";
    let x = match block.skip {
        Skip::None => return Ok(x),
        Skip::Concat => g.concat("concat", &[x, level])?,
        Skip::Add => g.add("sum", &[x, level])?,
    };
    let conv = Conv::new(block.channels, 1);
    conv_norm_act(g, ["conv", "norm", "act"], x, conv, config.normalization(block), block.activation)
}

/// Adds `y` and a 1×1 projection of `x`. The projection has a bias and no norm, and is present even if the
/// channels are equal.
fn shortcut(g: Scope<'_>, x: Value, y: Value) -> Result<Value, BuildError> {
    let x = g.conv("shortcut", x, Conv { bias: true, ..Conv::new(g.channels(y), 1) })?;
    g.add("add", &[y, x])
}
