//! Ready configs: the paper's, and small ones for wearables.

use graph::{Activation, Padding};
use layers::Norm;

use crate::{Block, Config, Encoder, Kind, Output, Skips};

/// Every preset.
#[rustfmt::skip]
pub const PRESETS: &[(&str, fn() -> Config)] = &[
    ("bai", Config::bai),
    ("lg",  Config::lg),
    ("mb",  Config::mb),
    ("sm",  Config::sm),
];

impl Default for Config {
    /// [`Config::sm`], of which a config file states the fields it changes.
    fn default() -> Self {
        Self::sm()
    }
}

impl Config {
    /// The paper's network for sequential MNIST, 784 samples of one pixel: 66,910 parameters, the
    /// 70K of Table 1. Numbers from the authors' code (locuslab/TCN, `mnist_pixel/pmnist_test.py`):
    /// 8 blocks of 25 channels, kernel 7, dropout 0.05, the last sample into the classifier.
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

    /// Pairs of dense convolutions: the largest of the small ones, with the widest view. 62,624
    /// parameters for 6 channels.
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

    /// helia-edge's documented example for a series of one channel: an encoder, four `mb` blocks,
    /// squeeze-excite in the last two, `same` padding. 2,649 parameters.
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

    /// Depthwise and pointwise convolutions, nothing that looks ahead or over all of the input: for
    /// signals that are processed as they come. 3,182 parameters for 6 channels.
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

    /// Blocks and nothing else: causal, features of every sample.
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
