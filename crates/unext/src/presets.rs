//! Presets. All are small networks; there are no published variants.

use graph::{Activation, Padding};
use layers::{Norm, Pooling, Presets, Skip, Upsample};

use crate::{Block, Config, Kind};

/// The presets.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("small",      Config::small),
    ("micro",      Config::micro),
    ("helia_edge", Config::helia_edge),
    ("sleepkit",   Config::sleepkit),
];

impl Config {
    /// Five levels of 16 to 128 channels, each with two blocks in the encoder and one in the decoder. The
    /// padding is `same`, so that every size works.
    pub fn small() -> Self {
        let block = |channels| Block { depth: 2, decoder_depth: Some(1), ..Block::new(channels) };
        Self {
            classes: Some(2),
            kind: Kind::MBConv,
            blocks: [16, 24, 40, 64, 128].map(block).to_vec(),
            pooling: Pooling::Max,
            upsample: Upsample::Nearest,
            skip: Skip::Concat,
            activation: Activation::Silu,
            norm_eps: 1e-3,
            norm_momentum: 0.1,
            padding: Padding::Same,
            head_kernel: 3.into(),
            output_activation: None,
            features: false,
        }
    }

    /// A network for small devices: four levels of 8 to 32 channels, one block each, an expansion ratio of
    /// 2, ReLU6.
    pub fn micro() -> Self {
        let block = |channels| Block { expand_ratio: 2.0, ..Block::new(channels) };
        let blocks = [8, 16, 24, 32].map(block).to_vec();
        Self { blocks, activation: Activation::Relu6, head_kernel: 1.into(), ..Self::small() }
    }

    /// helia-edge's network with 12, 24, 32 and 48 channels, with square kernels for images: 39,776 trainable
    /// parameters for series of one channel and 5 classes.
    pub fn helia_edge() -> Self {
        Self {
            kind: Kind::HeliaEdge,
            pooling: Pooling::Stride,
            skip: Skip::Add,
            ..Self::of_packages(Norm::Batch)
        }
    }

    /// SleepKit's network with the same channels.
    pub fn sleepkit() -> Self {
        Self { kind: Kind::SleepKit, ..Self::of_packages(Norm::None) }
    }

    fn of_packages(norm: Norm) -> Self {
        let block = |channels| Block {
            depth: 2,
            decoder_depth: Some(1),
            kernel: 5.into(),
            expand_ratio: 1.0,
            se_divisor: None,
            norm,
            ..Block::new(channels)
        };
        Self {
            classes: Some(5),
            blocks: [12, 24, 32, 48].map(block).to_vec(),
            activation: Activation::Relu6,
            norm_momentum: 0.01,
            head_kernel: 5.into(),
            ..Self::small()
        }
    }
}
