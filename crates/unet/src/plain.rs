//! The network of the paper's Figure 1: convolutions on the way down and on the way up.

use graph::{BuildError, Extent, Scope, Value};
use layers::{dropout, join_skip, upsample};

use crate::{Block, Config, conv_block, pool_level};

/// Adds the encoder, `inc`, `down1`, …: each level is pooling from the finer one, then convolutions.
pub(crate) fn features(g: Scope<'_>, mut x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let mut levels = Vec::new();
    for (i, block) in config.blocks.iter().enumerate() {
        let path = if i == 0 { "inc".to_owned() } else { format!("down{i}.maxpool_conv.1") };
        if let Some(above) = i.checked_sub(1) {
            x = pool_level(g / format!("down{i}.maxpool_conv"), "0", x, config, &config.blocks[above])?;
        }
        let g = g / path;
        let widths = vec![block.channels; block.depth];
        x = convolutions(g, x, config, block, &widths, |n| block.dilation_at(n))?;
        x = dropout(g, "dropout", x, block.dropout, graph::DropUnit::Element)?;
        levels.push(x);
    }
    Ok(levels)
}

/// Adds the decoder, `up1` after the coarsest level, …: each level is upsampling, joining the encoder's
/// features, then convolutions, the last of which has the decoder's channels.
pub(crate) fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    let (mut x, levels) = (features[features.len() - 1], &features[..features.len() - 1]);
    for (i, (&level, block)) in levels.iter().zip(&config.blocks).enumerate().rev() {
        let g = g / format!("up{}", levels.len() - i);
        x = upsample(g, x, level, config.level_upsample(block))?;
        x = join_skip(g, x, level, block.skip)?;
        let mut widths = vec![block.channels; block.decoder_depth.unwrap_or(block.depth)];
        widths.pop();
        widths.push(block.decoder_channels.unwrap_or(block.channels));
        x = convolutions(g / "conv", x, config, block, &widths, |_| block.decoder_dilation)?;
    }
    Ok(x)
}

/// Adds convolutions with norms and activations: the first is `double_conv.0, .1, .2`, the second `.3, .4,
/// .5`, and so on.
fn convolutions(
    g: Scope<'_>,
    mut x: Value,
    config: &Config,
    block: &Block,
    widths: &[usize],
    dilation: impl Fn(usize) -> Extent,
) -> Result<Value, BuildError> {
    let g = g / "double_conv";
    for (n, &width) in widths.iter().enumerate() {
        let names = [3 * n, 3 * n + 1, 3 * n + 2].map(|index| index.to_string());
        let [conv, norm, act] = &names;
        x = conv_block(g, [conv, norm, act], x, config, block, config.conv(block, width, dilation(n)))?;
    }
    Ok(x)
}
