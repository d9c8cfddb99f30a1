//! The published variants.

use graph::{Activation, Padding};
use layers::{Downsample, Presets};

use crate::{Config, Stage, Stem};

/// The presets. All except `mobileone_u0` and `micro` are named as in timm.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("mobileone_s0", Config::s0),
    ("mobileone_s1", Config::s1),
    ("mobileone_s2", Config::s2),
    ("mobileone_s3", Config::s3),
    ("mobileone_s4", Config::s4),
    ("mobileone_u0", Config::u0),
    ("micro",        Config::micro),
];

/// Number of pairs in each stage. In Table 2, the ten pairs of the third stage are two stages of five.
const DEPTHS: [usize; 4] = [2, 8, 10, 1];

impl Config {
    /// 5.3 M parameters, 2.1 M merged (Table 3): the only variant with four branches.
    pub fn s0() -> Self {
        Self::published(48, [48, 128, 256, 1024], 4, [0; 4])
    }

    /// 4.8 M parameters, 4.8 M merged (Table 3).
    pub fn s1() -> Self {
        Self::published(64, [96, 192, 512, 1280], 1, [0; 4])
    }

    /// 7.9 M parameters, 7.8 M merged (Table 3).
    pub fn s2() -> Self {
        Self::published(64, [96, 256, 640, 2048], 1, [0; 4])
    }

    /// 10.2 M parameters, 10.1 M merged (Table 3).
    pub fn s3() -> Self {
        Self::published(64, [128, 320, 768, 2048], 1, [0; 4])
    }

    /// 15.0 M parameters, 14.8 M merged (Table 3), with squeeze-excite in the last six pairs.
    pub fn s4() -> Self {
        Self::published(64, [192, 448, 896, 2048], 1, [0, 0, 5, 1])
    }

    /// SleepKit's micro variant for series, but with strides instead of max pools, so that it can be merged:
    /// 16 to 256 channels, kernels 7, 5 and 3, ReLU6.
    #[rustfmt::skip]
    pub fn u0() -> Self {
        Self::small(16, &[
            // c  n  k  se        branches
            (32,  2, 5, None,     3),
            (64,  3, 3, Some(2.), 3),
            (128, 3, 3, Some(4.), 3),
            (256, 2, 3, Some(4.), 3),
        ])
    }

    /// A small network for time series from wearables, designed for this project: 16 to 64 channels, kernels
    /// 7 and 5, ReLU6.
    #[rustfmt::skip]
    pub fn micro() -> Self {
        Self::small(16, &[
            // c n  k  se    branches
            (16, 1, 5, None, 2),
            (32, 2, 5, None, 2),
            (64, 1, 5, None, 2),
        ])
    }

    fn published(stem: usize, widths: [usize; 4], branches: usize, se_depths: [usize; 4]) -> Self {
        let stage = |i: usize| Stage {
            stride: 2.into(),
            branches,
            se_divisor: if se_depths[i] > 0 { Some(16.0) } else { None },
            se_depth: se_depths[i],
            ..Stage::new(widths[i], DEPTHS[i])
        };
        let padding = Padding::Symmetric;
        Self {
            classes: Some(1000),
            pool: true,
            stem: Stem { channels: stem, kernel: 3.into(), stride: 2.into(), padding, branches: 1 },
            stages: (0..4).map(stage).collect(),
            se_activation: Activation::Relu,
            se_gate: Activation::Sigmoid,
            activation: Activation::Relu,
            norm_eps: 1e-5,
            norm_momentum: 0.1,
            dropout: 0.0,
            output_activation: None,
            inference: false,
            features: false,
        }
    }

    /// A network with a stem of kernel 7 and stride 2, then stages of stride 2. In each stage with a divisor,
    /// the last pair has squeeze-excite.
    fn small(stem: usize, rows: &[(usize, usize, usize, Option<f64>, usize)]) -> Self {
        let stage =
            |&(channels, depth, kernel, se_divisor, branches): &(usize, usize, usize, Option<f64>, usize)| {
                Stage {
                    kernel: kernel.into(),
                    stride: 2.into(),
                    branches,
                    se_divisor,
                    se_depth: usize::from(se_divisor.is_some()),
                    ..Stage::new(channels, depth)
                }
            };
        let s0 = Self::s0();
        Self {
            stem: Stem { channels: stem, kernel: 7.into(), ..s0.stem },
            stages: rows.iter().map(stage).collect(),
            se_activation: Activation::Relu6,
            se_gate: Activation::HardSigmoid,
            activation: Activation::Relu6,
            ..s0
        }
    }
}

impl Stage {
    /// A stage of pairs with kernel 3, stride 1 and one k×k branch, without squeeze-excite.
    pub fn new(channels: usize, depth: usize) -> Self {
        Self {
            channels,
            depth,
            kernel: 3.into(),
            stride: 1.into(),
            dilation: 1.into(),
            padding: Padding::Symmetric,
            downsample: Downsample::Stride,
            branches: 1,
            se_divisor: None,
            se_depth: 0,
        }
    }
}
