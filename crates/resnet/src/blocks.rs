//! Residual blocks and their shortcuts.

use graph::{Activation, BuildError, Conv, Extent, Padding, Pool, Scope, Value};
use layers::{SqueezeExcite, SqueezeWidth};
use layers::{activation, conv_norm, conv_norm_act, drop_path, norm, squeeze_excite};

use crate::{Block, Config, Shortcut, Stage};

/// The options that may differ between the blocks of a stage.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) stride: Extent,
    pub(crate) dilation: Extent,
    /// Dilation of a basic block's second convolution.
    pub(crate) next_dilation: Extent,
    pub(crate) drop_path: f64,
    pub(crate) activation: Activation,
}

/// Adds a basic block: two k×k convolutions (Figure 5, left).
pub(crate) fn basic(
    g: Scope<'_>,
    x: Value,
    config: &Config,
    stage: &Stage,
    place: Place,
) -> Result<Value, BuildError> {
    let Stage { channels, kernel, .. } = *stage;
    let first = config.conv(channels, kernel, place.stride, place.dilation);
    let second = config.conv(channels, kernel, 1.into(), place.next_dilation);
    let y = conv_norm_act(g, ["conv1", "bn1", "relu1"], x, first, config.normalization(), place.activation)?;
    let y = conv_norm(g, ["conv2", "bn2"], y, second, config.normalization())?;
    residual(g, x, y, config, place)
}

/// Adds a bottleneck: 1×1, k×k with stride and groups, 1×1 (Figure 5, right; ResNeXt, Figure 3c).
pub(crate) fn bottleneck(
    g: Scope<'_>,
    x: Value,
    config: &Config,
    stage: &Stage,
    place: Place,
) -> Result<Value, BuildError> {
    let width = config.inner_width(stage.channels);
    let out = stage.channels * Block::Bottleneck.expansion();
    let reduce = config.conv(width, 1.into(), 1.into(), 1.into());
    let middle = config.conv(width, stage.kernel, place.stride, place.dilation);
    let expand = config.conv(out, 1.into(), 1.into(), 1.into());
    let middle = Conv { groups: config.groups, ..middle };
    let y = conv_norm_act(g, ["conv1", "bn1", "relu1"], x, reduce, config.normalization(), place.activation)?;
    let y = conv_norm_act(g, ["conv2", "bn2", "relu2"], y, middle, config.normalization(), place.activation)?;
    let y = conv_norm(g, ["conv3", "bn3"], y, expand, config.normalization())?;
    residual(g, x, y, config, place)
}

/// Adds a bottleneck without its first convolution: k×k with stride from the block's input to the inner
/// width, then 1×1.
pub(crate) fn unreduced(
    g: Scope<'_>,
    x: Value,
    config: &Config,
    stage: &Stage,
    place: Place,
) -> Result<Value, BuildError> {
    let out = stage.channels * Block::Unreduced.expansion();
    let middle = config.conv(stage.channels, stage.kernel, place.stride, place.dilation);
    let expand = config.conv(out, 1.into(), 1.into(), 1.into());
    let names = ["conv2", "bn2", "relu2"];
    let y = conv_norm_act(g, names, x, middle, config.normalization(), place.activation)?;
    let y = conv_norm(g, ["conv3", "bn3"], y, expand, config.normalization())?;
    residual(g, x, y, config, place)
}

/// Completes a block: squeeze-excite and stochastic depth of the branch `y`, the shortcut of `x`, their sum
/// and the activation.
fn residual(
    g: Scope<'_>,
    x: Value,
    mut y: Value,
    config: &Config,
    place: Place,
) -> Result<Value, BuildError> {
    if let Some(divisor) = config.se_divisor {
        let width = SqueezeWidth::Expanded { divisor, rounding: layers::Rounding::EIGHTS };
        y = squeeze_excite(g, y, g.channels(x), SqueezeExcite { width, ..SqueezeExcite::RESNET })?;
    }
    let y = drop_path(g, "drop_path", y, place.drop_path)?;
    let x = shortcut(g, x, g.channels(y), config, place)?;
    let sum = g.add("add", &[y, x])?;
    activation(g, "relu", sum, place.activation)
}

fn shortcut(
    g: Scope<'_>,
    x: Value,
    channels: usize,
    config: &Config,
    place: Place,
) -> Result<Value, BuildError> {
    if place.stride.is_one() && g.channels(x) == channels {
        return Ok(x);
    }
    let g = g / "downsample";
    let project = |stride| config.conv(channels, 1.into(), stride, 1.into());
    match config.shortcut {
        Shortcut::Conv => conv_norm(g, ["0", "1"], x, project(place.stride), config.normalization()),
        Shortcut::AveragePool => {
            let x = shortcut_pool(g, x, place)?;
            let x = g.conv("1", x, project(1.into()))?;
            norm(g, "2", x, config.normalization())
        }
    }
}

/// Adds the average pool of a shortcut. Its window is the stride. If the block has a dilation instead of a
/// stride, timm averages over 2×2 windows at stride 1 and includes the padding in the mean.
fn shortcut_pool(g: Scope<'_>, x: Value, place: Place) -> Result<Value, BuildError> {
    let stride = place.stride;
    match (stride.is_one(), place.next_dilation.is_one()) {
        (true, true) => Ok(x),
        (true, false) => {
            g.average_pool("0", x, Pool { kernel: 2.into(), stride, padding: Padding::Same }, true)
        }
        (false, _) => g.average_pool("0", x, Pool { kernel: stride, stride, padding: Padding::Same }, false),
    }
}
