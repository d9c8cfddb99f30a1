//! Inverted residual blocks: MBConv (Sandler et al. 2018, arXiv 1801.04381; with squeeze-excite
//! Tan and Le 2019, arXiv 1905.11946) and FusedMBConv (Tan and Le 2021, arXiv 2104.00298,
//! Figure 2). Parameter names are timm's.

use graph::{Activation, BuildError, Conv, Extent, Padding, Scope, Value};

use crate::downsample::is_one;
use crate::{
    Downsample, Normalization, Rounding, SqueezeExcite, activation, conv_norm, conv_norm_act, drop_path,
    refused, scale_channels, squeeze_excite,
};

/// Options of [`mbconv`] and [`fused_mbconv`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MBConv {
    /// Output channels.
    pub out: usize,
    /// Expanded width as a multiple of the input channels.
    pub expand_ratio: f64,
    /// Rounding of the expanded width.
    pub expand_rounding: Rounding,
    /// Whether a [`fused_mbconv`] keeps its pointwise convolution even if the expansion ratio is 1, as in
    /// timm's `rw` variants of EfficientNetV2.
    pub project_always: bool,
    /// Kernel of the k×k convolution.
    pub kernel: Extent,
    /// Stride of the k×k convolution.
    pub stride: Extent,
    /// Dilation of the k×k convolution.
    pub dilation: Extent,
    /// Padding of the k×k convolution.
    pub padding: Padding,
    /// Squeeze-excite applied to the expanded channels.
    pub squeeze_excite: Option<SqueezeExcite>,
    /// Norm after each convolution.
    pub norm: Normalization,
    /// Activation after each convolution except the last.
    pub activation: Activation,
    /// Probability of dropping the residual branch.
    pub drop_path: f64,
    /// The downsampling of a strided block.
    pub downsample: Downsample,
}

impl MBConv {
    /// A block with kernel 3, stride 1, batch norm and SiLU, without squeeze-excite.
    pub fn new(out: usize, expand_ratio: f64) -> Self {
        Self {
            out,
            expand_ratio,
            expand_rounding: Rounding::Down,
            project_always: false,
            kernel: Extent::All(3),
            stride: Extent::All(1),
            dilation: Extent::All(1),
            padding: Padding::Symmetric,
            squeeze_excite: None,
            norm: Normalization::default(),
            activation: Activation::Silu,
            drop_path: 0.0,
            downsample: Downsample::Stride,
        }
    }

    /// Returns the k×k convolution, ungrouped.
    fn conv(&self, out: usize) -> Conv {
        let Self { kernel, stride, dilation, padding, .. } = *self;
        self.downsample.conv(Conv { stride, dilation, padding, ..Conv::new(out, kernel) })
    }

    #[expect(clippy::float_cmp, reason = "a config value, not a computed number")]
    fn expands(&self) -> bool {
        self.expand_ratio != 1.0
    }

    fn expanded(&self, g: Scope<'_>, x: Value, name: &str) -> Result<usize, BuildError> {
        if !(self.expand_ratio.is_finite() && self.expand_ratio > 0.0) {
            let message = format!("expected a finite, positive expansion ratio, found {}", self.expand_ratio);
            return Err(refused(g, name, message));
        }
        Ok(scale_channels(g.channels(x), self.expand_ratio, self.expand_rounding))
    }
}

/// Adds an MBConv block: `[N, C, …]` to `[N, out, …]`.
///
/// Its steps are a 1×1 expansion (`conv_pw, bn1`), a depthwise convolution (`conv_dw, bn2`),
/// squeeze-excite, a 1×1 projection without activation (`conv_pwl, bn3`), and a residual connection if the
/// stride is 1 and the channels do not change. If the expansion ratio is 1, there is no expansion, and the
/// names are those of timm's depthwise separable block: `conv_dw, bn1, conv_pw, bn2`.
///
/// # Errors
/// If the expansion ratio is not finite and positive, or if one of the block's parts is invalid.
pub fn mbconv(g: Scope<'_>, x: Value, block: MBConv) -> Result<Value, BuildError> {
    let MBConv { norm, activation, .. } = block;
    let wide = if block.expands() {
        let conv = Conv::new(block.expanded(g, x, "conv_pw")?, 1);
        conv_norm_act(g, ["conv_pw", "bn1", "act1"], x, conv, norm, activation)?
    } else {
        x
    };
    let (depthwise, project) = if block.expands() {
        (["conv_dw", "bn2", "act2"], ["conv_pwl", "bn3"])
    } else {
        (["conv_dw", "bn1", "act1"], ["conv_pw", "bn2"])
    };
    let channels = g.channels(wide);
    let conv = Conv { groups: channels, ..block.conv(channels) };
    let y = conv_norm_act(g, depthwise, wide, conv, norm, activation)?;
    let y = block.downsample.pool(g, "pool", y, block.stride)?;
    let y = excite(g, y, x, &block)?;
    let y = conv_norm(g, project, y, Conv::new(block.out, 1), norm)?;
    residual(g, x, y, &block)
}

/// Adds a FusedMBConv block: `[N, C, …]` to `[N, out, …]`.
///
/// Its steps are a k×k expansion (`conv_exp, bn1`), squeeze-excite, a 1×1 projection without activation
/// (`conv_pwl, bn2`), and a residual connection if the stride is 1 and the channels do not change. If the
/// expansion ratio is 1 and `project_always` is false, the block is one k×k convolution with an activation
/// (`conv, bn1`), followed by squeeze-excite.
///
/// # Errors
/// If the expansion ratio is not finite and positive, or if one of the block's parts is invalid.
pub fn fused_mbconv(g: Scope<'_>, x: Value, block: MBConv) -> Result<Value, BuildError> {
    let projects = block.expands() || block.project_always;
    let (name, channels) =
        if projects { ("conv_exp", block.expanded(g, x, "conv_exp")?) } else { ("conv", block.out) };
    let y = conv_norm(g, [name, "bn1"], x, block.conv(channels), block.norm)?;
    let y = activation(g, "act1", y, block.activation)?;
    let y = block.downsample.pool(g, "pool", y, block.stride)?;
    let y = excite(g, y, x, &block)?;
    let y =
        if projects { conv_norm(g, ["conv_pwl", "bn2"], y, Conv::new(block.out, 1), block.norm)? } else { y };
    residual(g, x, y, &block)
}

fn excite(g: Scope<'_>, y: Value, x: Value, block: &MBConv) -> Result<Value, BuildError> {
    match block.squeeze_excite {
        Some(options) => squeeze_excite(g, y, g.channels(x), options),
        None => Ok(y),
    }
}

fn residual(g: Scope<'_>, x: Value, y: Value, block: &MBConv) -> Result<Value, BuildError> {
    if !is_one(g, x, block.stride) || g.channels(x) != block.out {
        return Ok(y);
    }
    let y = drop_path(g, "drop_path", y, block.drop_path)?;
    g.add("add", &[y, x])
}
