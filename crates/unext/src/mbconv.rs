//! The documented network: a U-Net of EfficientNetV2's MBConv blocks.

use graph::{BuildError, Conv, Extent, Scope, Value};
use layers::{MBConv, Rounding, SqueezeExcite, SqueezeWidth, conv_norm_act, join_skip, mbconv, upsample};

use crate::{Block, Config, pool_level};

/// Adds the encoder: the stem, then the levels `enc1`, …. Each level is pooling from the finer one, then
/// blocks `0`, `1`, ….
pub(crate) fn features(g: Scope<'_>, x: Value, config: &Config) -> Result<Vec<Value>, BuildError> {
    let mut x = stem(g / "stem", x, config)?;
    let mut levels = Vec::new();
    for (i, block) in config.blocks.iter().enumerate() {
        if let Some(above) = i.checked_sub(1) {
            x = pool_level(g / format!("enc{i}"), x, config, &config.blocks[above])?;
        }
        x = blocks(g / format!("enc{}", i + 1), x, config, block, block.depth)?;
        levels.push(x);
    }
    Ok(levels)
}

/// Adds the decoder, `dec1` after the coarsest level, …: each level is upsampling, joining the encoder's
/// features, then blocks `0`, `1`, ….
pub(crate) fn decoder(g: Scope<'_>, features: &[Value], config: &Config) -> Result<Value, BuildError> {
    let (mut x, levels) = (features[features.len() - 1], &features[..features.len() - 1]);
    for (i, (&level, block)) in levels.iter().zip(&config.blocks).enumerate().rev() {
        let g = g / format!("dec{}", levels.len() - i);
        x = upsample(g, x, level, config.level_upsample(block))?;
        x = join_skip(g, x, level, config.skip(block))?;
        x = blocks(g, x, config, block, block.blocks_up())?;
    }
    Ok(x)
}

/// Adds a convolution from the input's channels to those of the first level.
fn stem(g: Scope<'_>, x: Value, config: &Config) -> Result<Value, BuildError> {
    let block = &config.blocks[0];
    let conv = Conv { padding: config.padding, ..Conv::new(block.channels, block.kernel) };
    conv_norm_act(g, ["conv", "norm", "act"], x, conv, config.normalization(block), config.activation)
}

fn blocks(
    g: Scope<'_>,
    mut x: Value,
    config: &Config,
    block: &Block,
    depth: usize,
) -> Result<Value, BuildError> {
    let squeeze = |divisor| SqueezeExcite {
        width: SqueezeWidth::Input { divisor, rounding: Rounding::Nearest },
        activation: config.activation,
        ..SqueezeExcite::EFFICIENTNET
    };
    let options = MBConv {
        kernel: block.kernel,
        stride: Extent::All(1),
        padding: config.padding,
        squeeze_excite: block.se_divisor.map(squeeze),
        norm: config.normalization(block),
        activation: config.activation,
        drop_path: block.dropout,
        ..MBConv::new(block.channels, block.expand_ratio)
    };
    for n in 0..depth {
        x = mbconv(g / n, x, options)?;
    }
    Ok(x)
}
