//! The published variants.

use graph::{Activation, Extent, Padding};
use layers::{Norm, Presets};

use crate::Block::{Basic, Bottleneck};
use crate::{Block, Config, Shortcut, Stage, StemConv, StemPool};

/// The presets. All except `micro` are named as in torchvision or timm.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("resnet10t",         Config::resnet10t),
    ("resnet14t",         Config::resnet14t),
    ("resnet18",          Config::resnet18),
    ("resnet18d",         Config::resnet18d),
    ("resnet26",          Config::resnet26),
    ("resnet26d",         Config::resnet26d),
    ("resnet34",          Config::resnet34),
    ("resnet34d",         Config::resnet34d),
    ("resnet50",          Config::resnet50),
    ("resnet50d",         Config::resnet50d),
    ("resnet50t",         Config::resnet50t),
    ("resnet101",         Config::resnet101),
    ("resnet101d",        Config::resnet101d),
    ("resnet152",         Config::resnet152),
    ("resnet152d",        Config::resnet152d),
    ("resnet200d",        Config::resnet200d),
    ("seresnet50",        Config::seresnet50),
    ("resnetrs50",        Config::resnetrs50),
    ("resnext50_32x4d",   Config::resnext50_32x4d),
    ("resnext101_32x8d",  Config::resnext101_32x8d),
    ("resnext101_64x4d",  Config::resnext101_64x4d),
    ("wide_resnet50_2",   Config::wide_resnet50_2),
    ("wide_resnet101_2",  Config::wide_resnet101_2),
    ("micro",             Config::micro),
];

impl Config {
    /// A published residual network: four stages of widths 64 to 512 and strides 1, 2, 2, 2.
    pub fn published(block: Block, depths: [usize; 4]) -> Self {
        let stage = |i: usize| Stage {
            block,
            channels: 64 << i,
            depth: depths[i],
            kernel: 3.into(),
            stride: if i == 0 { 1.into() } else { 2.into() },
            dilation: 1.into(),
            first_dilation: None,
            activation: None,
        };
        Self {
            classes: Some(1000),
            pool: true,
            stem: vec![stem(64, 7, 2)],
            stem_activation: None,
            stem_pool: StemPool::Max,
            stages: (0..4).map(stage).collect(),
            shortcut: Shortcut::Conv,
            groups: 1,
            base_width: 64,
            se_divisor: None,
            activation: Activation::Relu,
            norm: Norm::Batch,
            norm_eps: 1e-5,
            padding: Padding::Symmetric,
            conv_bias: false,
            dropout: 0.0,
            drop_path: 0.0,
            output_activation: None,
            features: false,
        }
    }

    /// The same network with a stem of three 3×3 convolutions, with `first`, `second` and 64 channels, and
    /// with pooled shortcuts (He et al. 2018, arXiv 1812.01187, Figure 2).
    #[must_use]
    pub fn deep(self, first: usize, second: usize) -> Self {
        let stem = vec![stem(first, 3, 2), stem(second, 3, 1), stem(64, 3, 1)];
        Self { stem, shortcut: Shortcut::AveragePool, ..self }
    }

    /// The same network with dilation instead of stride in the stages that `replace` selects, from the
    /// second on. The first block of such a stage keeps the dilation of the previous stage.
    /// torchvision equivalent: `replace_stride_with_dilation`.
    #[must_use]
    pub fn dilated(mut self, replace: &[bool]) -> Self {
        let mut dilation = Extent::All(1);
        for (i, stage) in self.stages.iter_mut().enumerate() {
            if i > 0 && replace.get(i - 1) == Some(&true) {
                stage.first_dilation = Some(dilation);
                dilation = dilation.times(stage.stride);
                stage.stride = 1.into();
            }
            stage.dilation = dilation;
        }
        self
    }

    /// 11.7 M parameters (Table 1).
    pub fn resnet18() -> Self {
        Self::published(Basic, [2, 2, 2, 2])
    }

    /// 21.8 M parameters (Table 1).
    pub fn resnet34() -> Self {
        Self::published(Basic, [3, 4, 6, 3])
    }

    /// 25.6 M parameters (Table 1).
    pub fn resnet50() -> Self {
        Self::published(Bottleneck, [3, 4, 6, 3])
    }

    /// 44.5 M parameters (Table 1).
    pub fn resnet101() -> Self {
        Self::published(Bottleneck, [3, 4, 23, 3])
    }

    /// 60.2 M parameters (Table 1).
    pub fn resnet152() -> Self {
        Self::published(Bottleneck, [3, 8, 36, 3])
    }

    /// timm's resnet10t: tiered deep stem.
    pub fn resnet10t() -> Self {
        Self::published(Basic, [1, 1, 1, 1]).deep(24, 32)
    }

    /// timm's resnet14t: tiered deep stem.
    pub fn resnet14t() -> Self {
        Self::published(Bottleneck, [1, 1, 1, 1]).deep(24, 32)
    }

    /// timm's resnet18d.
    pub fn resnet18d() -> Self {
        Self::resnet18().deep(32, 32)
    }

    /// timm's resnet26.
    pub fn resnet26() -> Self {
        Self::published(Bottleneck, [2, 2, 2, 2])
    }

    /// timm's resnet26d.
    pub fn resnet26d() -> Self {
        Self::resnet26().deep(32, 32)
    }

    /// timm's resnet34d.
    pub fn resnet34d() -> Self {
        Self::resnet34().deep(32, 32)
    }

    /// ResNet-50-D (He et al. 2018, arXiv 1812.01187, Table 5).
    pub fn resnet50d() -> Self {
        Self::resnet50().deep(32, 32)
    }

    /// timm's resnet50t: tiered deep stem.
    pub fn resnet50t() -> Self {
        Self::resnet50().deep(24, 32)
    }

    /// timm's resnet101d.
    pub fn resnet101d() -> Self {
        Self::resnet101().deep(32, 32)
    }

    /// timm's resnet152d.
    pub fn resnet152d() -> Self {
        Self::resnet152().deep(32, 32)
    }

    /// timm's resnet200d.
    pub fn resnet200d() -> Self {
        Self::published(Bottleneck, [3, 24, 36, 3]).deep(32, 32)
    }

    /// SE-ResNet-50 (Hu et al. 2017, arXiv 1709.01507, Table 2), with a divisor of 16.
    pub fn seresnet50() -> Self {
        Self { se_divisor: Some(16.0), ..Self::resnet50() }
    }

    /// ResNet-RS-50 (Bello et al. 2021, arXiv 2103.07579).
    pub fn resnetrs50() -> Self {
        Self { se_divisor: Some(4.0), stem_pool: StemPool::Conv, ..Self::resnet50d() }
    }

    /// ResNeXt-50 with 32 groups of width 4 (Xie et al. 2016, arXiv 1611.05431, Table 1).
    pub fn resnext50_32x4d() -> Self {
        Self { groups: 32, base_width: 4, ..Self::resnet50() }
    }

    /// torchvision's ResNeXt-101 with 32 groups of width 8.
    pub fn resnext101_32x8d() -> Self {
        Self { groups: 32, base_width: 8, ..Self::resnet101() }
    }

    /// ResNeXt-101 with 64 groups of width 4 (Xie et al. 2016, arXiv 1611.05431, Table 4).
    pub fn resnext101_64x4d() -> Self {
        Self { groups: 64, base_width: 4, ..Self::resnet101() }
    }

    /// Wide ResNet-50-2 (Zagoruyko and Komodakis 2016, arXiv 1605.07146, Table 8).
    pub fn wide_resnet50_2() -> Self {
        Self { base_width: 128, ..Self::resnet50() }
    }

    /// torchvision's Wide ResNet-101-2.
    pub fn wide_resnet101_2() -> Self {
        Self { base_width: 128, ..Self::resnet101() }
    }

    /// A small network for time series from wearables, designed for this project: three stages of one basic
    /// block each, with 16 to 64 channels, kernels 7 and 5, and ReLU6.
    pub fn micro() -> Self {
        let stage = |channels, stride: usize| Stage {
            block: Basic,
            channels,
            depth: 1,
            kernel: 5.into(),
            stride: stride.into(),
            dilation: 1.into(),
            first_dilation: None,
            activation: None,
        };
        Self {
            stem: vec![stem(16, 7, 2)],
            stem_pool: StemPool::None,
            stages: vec![stage(16, 1), stage(32, 2), stage(64, 2)],
            activation: Activation::Relu6,
            ..Self::resnet18()
        }
    }
}

fn stem(channels: usize, kernel: usize, stride: usize) -> StemConv {
    StemConv { channels, kernel: kernel.into(), stride: stride.into() }
}
