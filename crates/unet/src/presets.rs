//! The published variants, and small networks.

use graph::{Activation, Padding};
use layers::{Factorization, Pooling, Presets, Upsample};

use crate::{Block, Config, Kind};

/// The presets.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("unet",          Config::unet),
    ("unet_bilinear", Config::unet_bilinear),
    ("small",         Config::small),
    ("micro",         Config::micro),
    ("sleepkit",      Config::sleepkit),
];

impl Config {
    /// A plain network with `base` times 1, 2, 4, 8 and 16 channels, and transposed convolutions. `base` may
    /// be at most 2^20.
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

    /// The same network with bilinear upsampling. This cannot change the number of channels, so the coarsest
    /// level has half as many, and each decoder block outputs the channels of the next finer level.
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

    /// The paper's network with bilinear upsampling: 17.3 M parameters.
    pub fn unet_bilinear() -> Self {
        Self::unet().bilinear()
    }

    /// The paper's network with a quarter of the channels and bilinear upsampling: 1.1 M parameters.
    pub fn small() -> Self {
        Self::plain(16).bilinear()
    }

    /// A network for small devices: four levels of 8 to 32 channels, separable convolutions, ReLU6,
    /// nearest-neighbor upsampling, and `same` padding, so that every size works.
    pub fn micro() -> Self {
        let block = |channels| Block {
            factorization: Factorization::Separable,
            activation: Activation::Relu6,
            ..Block::new(channels)
        };
        let blocks = [8, 16, 24, 32].map(block).to_vec();
        Self { blocks, upsample: Upsample::Nearest, padding: Padding::Same, ..Self::unet() }
    }

    /// The example from helia-edge's documentation, with square kernels for images: 34,306 trainable
    /// parameters for series of one channel and 5 classes.
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

    /// A residual network with no blocks yet, with the options that SleepKit and helia-edge share:
    /// nearest-neighbor upsampling, and Keras's padding and norms.
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
