//! Width and depth multipliers (EfficientNet: Tan and Le 2019, arXiv 1905.11946, section 3.3).

use layers::{Rounding, scale_channels};

use crate::Config;

impl Config {
    /// Applies the multipliers: returns the same network with the resulting channels and depths, and with
    /// multipliers of 1.
    #[must_use]
    pub fn scaled(&self) -> Self {
        let mut config = self.clone();
        config.width_multiplier = 1.0;
        config.depth_multiplier = 1.0;
        if let Some(stem) = &mut config.stem {
            stem.channels = self.width(stem.channels);
        }
        for stage in &mut config.stages {
            stage.channels = self.width(stage.channels);
            stage.depth = scale_channels(stage.depth, self.depth_multiplier, Rounding::Up { multiple: 1 });
        }
        if let Some(head) = &mut config.head {
            head.channels = self.width(head.channels);
        }
        config
    }

    #[expect(clippy::float_cmp, reason = "a config value, not a computed number")]
    fn width(&self, channels: usize) -> usize {
        let rounding = Rounding::Divisible { divisor: 8, round_limit: self.round_limit };
        if self.width_multiplier == 1.0 {
            channels
        } else {
            scale_channels(channels, self.width_multiplier, rounding)
        }
    }
}
