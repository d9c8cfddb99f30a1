//! Presets: the paper's network and small networks for wearables.

use graph::{Activation, Padding};
use layers::{Norm, Presets};

use crate::{Block, Config, Encoder, Kind, Output, Skips};

/// The presets.
#[rustfmt::skip]
pub const PRESETS: Presets<Config> = &[
    ("bai", Config::bai),
    ("lg",  Config::lg),
    ("mb",  Config::mb),
    ("sm",  Config::sm),
];

impl Config {
    /// The paper's network for sequential MNIST, whose series are 784 pixels long. It has 66,910 parameters
    /// (70K in Table 1). The settings are from the authors' code (locuslab/TCN,
    /// `mnist_pixel/pmnist_test.py`): 8 blocks of 25 channels, kernel 7, dropout 0.05, and a classifier on
    /// the last sample.
    pub fn bai() -> Self {
        let block = |i: usize| Block {
            weight_norm: true,
            norm: Norm::None,
            activation: Some(Activation::Relu),
            dropout: 0.05,
            ..Block::new(Kind::Residual, 25, 7, 1 << i)
        };
        Self { classes: Some(10), output: Output::Last, ..Self::of((0..8).map(block).collect()) }
    }

    /// Pairs of dense convolutions: the largest of the small networks, with the largest receptive field. It
    /// has 62,624 parameters for 6 input channels.
    #[rustfmt::skip]
    pub fn lg() -> Self {
        Self::of(vec![
            //               channels  k  dilation
            Block::new(Kind::Lg,  16,  5,  1),
            Block::new(Kind::Lg,  32,  5,  2),
            Block::new(Kind::Lg,  32,  5,  4),
            Block::new(Kind::Lg,  48,  5,  8),
            Block::new(Kind::Lg,  48,  5, 16),
        ])
    }

    /// The example from helia-edge's documentation for series of one channel: an encoder, four `mb` blocks,
    /// squeeze-excite in the last two, and `same` padding. It has 2,649 parameters.
    pub fn mb() -> Self {
        let block = |channels, dilation: usize, se_divisor| Block {
            se_divisor,
            dropout: 0.1,
            ..Block::new(Kind::Mb, channels, 3, dilation)
        };
        Self {
            classes: Some(5),
            encoder: Some(Encoder { kernel: 3.into(), norm: Norm::Batch }),
            padding: Padding::Same,
            channel_dropout: true,
            norm_eps: 1e-3,
            norm_momentum: 0.01,
            head_kernel: 3.into(),
            ..Self::of(vec![
                block(8, 1, None),
                block(16, 2, None),
                block(24, 4, Some(4.0)),
                block(32, 8, Some(4.0)),
            ])
        }
    }

    /// Depthwise and pointwise convolutions for streams: causal, with a finite receptive field. It has 3,182
    /// parameters for 6 input channels.
    #[rustfmt::skip]
    pub fn sm() -> Self {
        Self::of(vec![
            //               channels  k  dilation
            Block::new(Kind::Sm,  16,  7,  1),
            Block::new(Kind::Sm,  24,  7,  2),
            Block::new(Kind::Sm,  32,  7,  4),
            Block::new(Kind::Sm,  32,  7,  8),
        ])
    }

    /// A causal network of the given blocks that outputs the features of every sample.
    fn of(blocks: Vec<Block>) -> Self {
        Self {
            classes: None,
            encoder: None,
            blocks,
            stacks: 1,
            skips: Skips::None,
            padding: Padding::Causal,
            backwards: false,
            double_activation: false,
            channel_dropout: false,
            norm_eps: 1e-5,
            norm_momentum: 0.1,
            output: Output::EverySample,
            head_kernel: 1.into(),
            output_activation: None,
        }
    }
}
