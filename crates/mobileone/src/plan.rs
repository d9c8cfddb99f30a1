//! The blocks of a config, in order.

use graph::{Conv, Extent};
use layers::{Form, MultiBranch, Norm, Normalization, SqueezeExcite, SqueezeWidth, depthwise};

use crate::{Config, Stage};

/// A block and its position in the network.
pub struct Place {
    /// The stage, counted from 1; 0 for the stem.
    pub stage: usize,
    /// The index in the stage, where depthwise and pointwise blocks are counted together.
    pub index: usize,
    /// Number of input channels; `None` for the stem, which takes the network's input.
    pub input: Option<usize>,
    /// The options of the block.
    pub block: MultiBranch,
    /// Whether the block is the last of its stage.
    pub ends_stage: bool,
}

impl Place {
    /// Returns whether the block has a branch with only a norm. For the stem, this is known only once the
    /// input's channels are: a stem of stride 1 returns true, but has no such branch if they differ from its
    /// output channels.
    pub fn has_identity(&self) -> bool {
        let conv = self.block.conv;
        conv.stride.is_one() && self.input.is_none_or(|input| input == conv.out)
    }

    /// Returns whether the block has a branch with a 1×1 convolution.
    pub fn has_scale(&self) -> bool {
        !self.block.conv.kernel.is_one()
    }
}

impl Config {
    /// Returns the blocks in order. The config must be valid ([`Config::validate`]).
    pub fn plan(&self) -> Vec<Place> {
        let stem = &self.stem;
        let conv =
            Conv { stride: stem.stride, padding: stem.padding, ..Conv::new(stem.channels, stem.kernel) };
        let block = self.block(conv, stem.branches, None);
        let mut plan = vec![Place { stage: 0, index: 0, input: None, block, ends_stage: true }];
        let mut channels = stem.channels;
        for (i, stage) in self.stages.iter().enumerate() {
            for pair in 0..stage.depth {
                let has_se = stage.depth - pair <= stage.se_depth;
                let se = if has_se { stage.se_divisor } else { None };
                let stride = if pair == 0 { stage.stride } else { 1.into() };
                let place = |half, input, block| Place {
                    stage: i + 1,
                    index: 2 * pair + half,
                    input: Some(input),
                    block,
                    ends_stage: half == 1 && pair + 1 == stage.depth,
                };
                let wide = stage.depthwise(channels, stride);
                let wide =
                    MultiBranch { downsample: stage.downsample, ..self.block(wide, stage.branches, se) };
                plan.push(place(0, channels, wide));
                let point = Conv::new(stage.channels, 1);
                plan.push(place(1, channels, self.block(point, stage.branches, se)));
                channels = stage.channels;
            }
        }
        plan
    }

    fn block(&self, conv: Conv, branches: usize, se_divisor: Option<f64>) -> MultiBranch {
        let squeeze_excite = se_divisor.map(|divisor| SqueezeExcite {
            width: SqueezeWidth::expanded(divisor),
            activation: self.se_activation,
            gate: self.se_gate,
            ..SqueezeExcite::MOBILEONE
        });
        MultiBranch {
            norm: Normalization { kind: Norm::Batch, eps: self.norm_eps, momentum: self.norm_momentum },
            squeeze_excite,
            activation: Some(self.activation),
            form: if self.inference { Form::Merged } else { Form::Branches },
            ..MultiBranch::new(conv, branches)
        }
    }
}

impl Stage {
    fn depthwise(&self, channels: usize, stride: Extent) -> Conv {
        Conv { stride, dilation: self.dilation, padding: self.padding, ..depthwise(channels, self.kernel) }
    }
}
