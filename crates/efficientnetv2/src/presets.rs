//! The published variants.

use graph::{Activation, Padding};
use layers::{Downsample, Norm, Presets};

use crate::Block::{FusedMBConv as Fused, FusedMBConvProjected as Projected, MBConv};
use crate::{Block, Config, Head, SqueezeOf, Stage, Stem};

/// The presets: timm's models in the PyTorch and the TensorFlow style (`tf_`), torchvision's models, and
/// `micro`. timm has no `efficientnetv2_b0` to `b3`; these are the TensorFlow models with PyTorch's padding.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("efficientnetv2_s",      Config::s),
    ("efficientnetv2_m",      Config::m),
    ("efficientnetv2_l",      Config::l),
    ("efficientnetv2_xl",     Config::xl),
    ("efficientnetv2_b0",     Config::b0),
    ("efficientnetv2_b1",     Config::b1),
    ("efficientnetv2_b2",     Config::b2),
    ("efficientnetv2_b3",     Config::b3),
    ("efficientnetv2_rw_t",   Config::rw_t),
    ("efficientnetv2_rw_s",   Config::rw_s),
    ("efficientnetv2_rw_m",   Config::rw_m),
    ("tf_efficientnetv2_s",   || Config::s().tensorflow()),
    ("tf_efficientnetv2_m",   || Config::m().tensorflow()),
    ("tf_efficientnetv2_l",   || Config::l().tensorflow()),
    ("tf_efficientnetv2_xl",  || Config::xl().tensorflow()),
    ("tf_efficientnetv2_b0",  || Config::b0().tensorflow()),
    ("tf_efficientnetv2_b1",  || Config::b1().tensorflow()),
    ("tf_efficientnetv2_b2",  || Config::b2().tensorflow()),
    ("tf_efficientnetv2_b3",  || Config::b3().tensorflow()),
    ("efficientnet_v2_s",     || Config::s().torchvision()),
    ("efficientnet_v2_m",     || Config::m().torchvision()),
    ("efficientnet_v2_l",     || Config::l().torchvision()),
    ("micro",                 Config::micro),
];

/// A stage as a row of a table: block, expansion ratio, channels, stride of the first block, number of
/// blocks. MBConv has squeeze-excite with a divisor of 4, and all kernels are 3.
type Row = (Block, f64, usize, usize, usize);

/// S, from the authors' code; the depths in Table 4 differ.
#[rustfmt::skip]
const S: [Row; 6] = [
    // operator  t    c    s  n
    (Fused,      1.0, 24,  1, 2),
    (Fused,      4.0, 48,  2, 4),
    (Fused,      4.0, 64,  2, 4),
    (MBConv,     4.0, 128, 2, 6),
    (MBConv,     6.0, 160, 1, 9),
    (MBConv,     6.0, 256, 2, 15),
];

#[rustfmt::skip]
const M: [Row; 7] = [
    // operator  t    c    s  n
    (Fused,      1.0, 24,  1, 3),
    (Fused,      4.0, 48,  2, 5),
    (Fused,      4.0, 80,  2, 5),
    (MBConv,     4.0, 160, 2, 7),
    (MBConv,     6.0, 176, 1, 14),
    (MBConv,     6.0, 304, 2, 18),
    (MBConv,     6.0, 512, 1, 5),
];

#[rustfmt::skip]
const L: [Row; 7] = [
    // operator  t    c    s  n
    (Fused,      1.0, 32,  1, 4),
    (Fused,      4.0, 64,  2, 7),
    (Fused,      4.0, 96,  2, 7),
    (MBConv,     4.0, 192, 2, 10),
    (MBConv,     6.0, 224, 1, 19),
    (MBConv,     6.0, 384, 2, 25),
    (MBConv,     6.0, 640, 1, 7),
];

#[rustfmt::skip]
const XL: [Row; 7] = [
    // operator  t    c    s  n
    (Fused,      1.0, 32,  1, 4),
    (Fused,      4.0, 64,  2, 8),
    (Fused,      4.0, 96,  2, 8),
    (MBConv,     4.0, 192, 2, 16),
    (MBConv,     6.0, 256, 1, 24),
    (MBConv,     6.0, 512, 2, 32),
    (MBConv,     6.0, 640, 1, 8),
];

/// The base network from which B0 to B3 are scaled.
#[rustfmt::skip]
const BASE: [Row; 6] = [
    // operator  t    c    s  n
    (Fused,      1.0, 16,  1, 1),
    (Fused,      4.0, 32,  2, 2),
    (Fused,      4.0, 48,  2, 2),
    (MBConv,     4.0, 96,  2, 3),
    (MBConv,     6.0, 112, 1, 5),
    (MBConv,     6.0, 192, 2, 8),
];

/// timm's S before the authors published theirs.
#[rustfmt::skip]
const RW_S: [Row; 6] = [
    // operator  t    c    s  n
    (Projected,  1.0, 24,  1, 2),
    (Fused,      4.0, 48,  2, 4),
    (Fused,      4.0, 64,  2, 4),
    (MBConv,     4.0, 128, 2, 6),
    (MBConv,     6.0, 160, 1, 9),
    (MBConv,     6.0, 272, 2, 15),
];

/// timm's M: [`RW_S`] scaled to 1.2 times the width and 1.2 times the depth (1.6 times from the fifth stage
/// on).
#[rustfmt::skip]
const RW_M: [Row; 6] = [
    // operator  t    c    s  n
    (Projected,  1.0, 32,  1, 3),
    (Fused,      4.0, 56,  2, 5),
    (Fused,      4.0, 80,  2, 5),
    (MBConv,     4.0, 152, 2, 8),
    (MBConv,     6.0, 192, 1, 15),
    (MBConv,     6.0, 328, 2, 24),
];

impl Config {
    /// 21.5 M parameters (Table 7).
    pub fn s() -> Self {
        Self::published(24, &S, 1280, 0.2)
    }

    /// 54.1 M parameters (Table 7).
    pub fn m() -> Self {
        Self::published(24, &M, 1280, 0.3)
    }

    /// 118.5 M parameters (Table 7).
    pub fn l() -> Self {
        Self::published(32, &L, 1280, 0.4)
    }

    /// 208.1 M parameters (Table 7).
    pub fn xl() -> Self {
        Self::published(32, &XL, 1280, 0.4)
    }

    /// 7.1 M parameters.
    pub fn b0() -> Self {
        Self::published(32, &BASE, 1280, 0.2)
    }

    /// 8.1 M parameters: 1.1 times as deep as B0.
    pub fn b1() -> Self {
        Self { depth_multiplier: 1.1, ..Self::b0() }
    }

    /// 10.1 M parameters: 1.1 times as wide and 1.2 times as deep as B0.
    pub fn b2() -> Self {
        Self { width_multiplier: 1.1, depth_multiplier: 1.2, dropout: 0.3, ..Self::b0() }
    }

    /// 14.4 M parameters: 1.2 times as wide and 1.4 times as deep as B0.
    pub fn b3() -> Self {
        Self { width_multiplier: 1.2, depth_multiplier: 1.4, dropout: 0.3, ..Self::b0() }
    }

    /// 13.6 M parameters: timm's tiny variant, which is S scaled to 0.8 times the width and 0.9 times the
    /// depth.
    pub fn rw_t() -> Self {
        Self { width_multiplier: 0.8, depth_multiplier: 0.9, round_limit: 0.9, ..Self::s() }
    }

    /// 23.9 M parameters: timm's S before the authors published theirs.
    pub fn rw_s() -> Self {
        Self { round_limit: 0.9, ..Self::published(24, &RW_S, 1792, 0.2) }
    }

    /// 53.2 M parameters: timm's M, scaled from [`Config::rw_s`].
    pub fn rw_m() -> Self {
        Self { round_limit: 0.9, ..Self::published(32, &RW_M, 2152, 0.2) }
    }

    /// A small network for time series from wearables, designed for this project: a stem with kernel 7, then
    /// four stages of one or two MBConv blocks with 16 to 48 channels and kernel 5.
    pub fn micro() -> Self {
        let stage = |expand_ratio, channels, stride: usize, depth| Stage {
            kernel: 5.into(),
            ..stage(&(MBConv, expand_ratio, channels, stride, depth))
        };
        let stages =
            vec![stage(1.0, 16, 1, 1), stage(4.0, 24, 2, 2), stage(4.0, 32, 2, 2), stage(4.0, 48, 2, 1)];
        let stem = Some(Stem { channels: 16, kernel: 7.into(), stride: 2.into(), activation: None });
        Self { stem, stages, head: None, ..Self::b0() }
    }

    /// The same network with TensorFlow's padding and an epsilon of 1e-3, as in the authors' code, Keras
    /// and timm's `tf_` models.
    #[must_use]
    pub fn tensorflow(self) -> Self {
        Self { padding: Padding::Same, norm_eps: 1e-3, ..self }
    }

    /// The same network with PyTorch's padding and an epsilon of 1e-3, as in torchvision.
    #[must_use]
    pub fn torchvision(self) -> Self {
        Self { padding: Padding::Symmetric, norm_eps: 1e-3, ..self }
    }

    fn published(stem: usize, rows: &[Row], head: usize, dropout: f64) -> Self {
        Self {
            classes: Some(1000),
            pool: true,
            stem: Some(Stem { channels: stem, kernel: 3.into(), stride: 2.into(), activation: None }),
            stages: rows.iter().map(stage).collect(),
            head: Some(Head { channels: head, activation: None, linear: false }),
            width_multiplier: 1.0,
            depth_multiplier: 1.0,
            round_limit: 0.0,
            se_of: SqueezeOf::Input,
            se_activation: Activation::Silu,
            se_gate: Activation::Sigmoid,
            activation: Activation::Silu,
            norm: Norm::Batch,
            norm_eps: 1e-5,
            norm_momentum: 0.1,
            padding: Padding::Symmetric,
            dropout,
            drop_path: 0.2,
            output_activation: None,
            features: false,
        }
    }
}

fn stage(&(block, expand_ratio, channels, stride, depth): &Row) -> Stage {
    Stage {
        block,
        expand_ratio,
        channels,
        depth,
        kernel: 3.into(),
        stride: stride.into(),
        downsample: Downsample::Stride,
        se_divisor: if block == MBConv { Some(4.0) } else { None },
        activation: None,
    }
}
