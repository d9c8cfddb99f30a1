//! The published variants, and small ones.

use graph::{Activation, Padding};
use layers::{Factorization, Pooling, Upsample};

use crate::{Block, Config, Kind};

/// Every preset.
#[rustfmt::skip]
pub const PRESETS: &[(&str, fn() -> Config)] = &[
    ("unet",          Config::unet),
    ("unet_bilinear", Config::unet_bilinear),
    ("small",         Config::small),
    ("micro",         Config::micro),
    ("sleepkit",      Config::sleepkit),
];

impl Default for Config {
    /// The paper's network, of which a config file states the fields it changes.
    fn default() -> Self {
        Self::unet()
    }
}

impl Config {
    /// A plain network with channels `base` times 1, 2, 4, 8, 16 and transposed convolutions. The
    /// largest base is 65,536.
    pub fn plain(base: usize) -> Self {
        let blocks = (0..5).map(|i| Block::new(base.saturating_mul(1 << i))).collect();
        Self {
            classes: Some(2),
            kind: Kind::Plain,
            blocks,
            pooling: Pooling::Max,
            upsample: Upsample::Transposed,
            norm_eps: 1e-5,
            norm_momentum: 0.1,
            padding: Padding::Symmetric,
            head_kernel: 1.into(),
            output_activation: None,
            features: false,
        }
    }

    /// This network with bilinear upsampling, which changes no channels: the deepest level has
    /// half as many, and each of the decoder's blocks puts out those of the next.
    #[must_use]
    pub fn bilinear(mut self) -> Self {
        for i in 1..self.blocks.len() {
            self.blocks[i].decoder_channels = Some(self.blocks[i].channels / 2);
        }
        if let Some(bottom) = self.blocks.last_mut() {
            bottom.channels /= 2;
            bottom.decoder_channels = None;
        }
        Self { upsample: Upsample::LinearAligned, ..self }
    }

    /// The paper's network (Figure 1) with padding and batch norm: 31.0 M parameters.
    pub fn unet() -> Self {
        Self::plain(64)
    }

    /// The same with bilinear upsampling: 17.3 M parameters.
    pub fn unet_bilinear() -> Self {
        Self::unet().bilinear()
    }

    /// A quarter of the paper's channels and bilinear upsampling: 1.1 M parameters.
    pub fn small() -> Self {
        Self::plain(16).bilinear()
    }

    /// For small devices: four levels of 8 to 32 channels, separable convolutions, ReLU6, nearest
    /// upsampling. Padded `same`, so that it takes any size from 1 on.
    pub fn micro() -> Self {
        let block = |channels| Block {
            factorization: Factorization::Separable,
            activation: Activation::Relu6,
            ..Block::new(channels)
        };
        let blocks = [8, 16, 24, 32].map(block).to_vec();
        Self { blocks, upsample: Upsample::Nearest, padding: Padding::Same, ..Self::unet() }
    }

    /// The example of helia-edge's documentation, with square kernels for images: 34,306
    /// trainable parameters for one channel and 5 classes.
    pub fn sleepkit() -> Self {
        let block = |channels| Block {
            decoder_depth: Some(1),
            kernel: 5.into(),
            pool: 3.into(),
            factorization: Factorization::Separable,
            activation: Activation::Relu6,
            ..Block::new(channels)
        };
        Self {
            classes: Some(5),
            blocks: [12, 24, 32, 48].map(block).to_vec(),
            head_kernel: 5.into(),
            ..Self::residual()
        }
    }

    /// A residual network without blocks as yet, with what SleepKit and helia-edge have in common:
    /// nearest upsampling, Keras's padding and norms.
    pub fn residual() -> Self {
        Self {
            kind: Kind::Residual,
            blocks: Vec::new(),
            upsample: Upsample::Nearest,
            norm_eps: 1e-3,
            norm_momentum: 0.01,
            padding: Padding::Same,
            head_kernel: 3.into(),
            ..Self::unet()
        }
    }
}
