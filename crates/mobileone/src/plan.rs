//! The blocks of a config, in order.

use graph::{Conv, Extent};
use layers::{Form, MultiBranch, Norm, Normalization, SqueezeExcite, SqueezeWidth, depthwise};

use crate::{Config, Stage};

/// A block and its place in the network.
pub struct Place {
    /// 0 for the stem.
    pub stage: usize,
    /// Depthwise and pointwise blocks of a stage, counted together.
    pub index: usize,
    /// Input channels; those of the stem are the input's.
    pub input: Option<usize>,
    /// The block.
    pub block: MultiBranch,
    /// Whether it is its stage's last.
    pub ends_stage: bool,
}

impl Place {
    /// Whether there is a branch with a norm only. The stem's may be missing all the same.
    pub fn has_identity(&self) -> bool {
        let conv = self.block.conv;
        conv.stride.is_one() && self.input.is_none_or(|input| input == conv.out)
    }

    /// Whether there is a branch with a 1×1 convolution.
    pub fn has_scale(&self) -> bool {
        !self.block.conv.kernel.is_one()
    }
}

impl Config {
    /// Call after [`Config::validate`].
    pub fn plan(&self) -> Vec<Place> {
        let stem = &self.stem;
        let conv =
            Conv { stride: stem.stride, padding: stem.padding, ..Conv::new(stem.channels, stem.kernel) };
        let block = self.block(conv, stem.branches, None);
        let mut plan = vec![Place { stage: 0, index: 0, input: None, block, ends_stage: true }];
        let mut channels = stem.channels;
        for (i, stage) in self.stages.iter().enumerate() {
            for pair in 0..stage.depth {
                let has_se = pair + stage.se_depth >= stage.depth;
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
