//! Config validation. Every error names the offending field.

use graph::FieldError;
use layers::fields;

use crate::{Config, Stage};

impl Config {
    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    pub fn validate(&self) -> Result<(), FieldError> {
        fields::pooled_classes(self.classes, self.pool)?;
        fields::probability("dropout", self.dropout)?;
        fields::probability("drop_path", self.drop_path)?;
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        fields::fraction("norm_momentum", self.norm_momentum)?;
        fields::positive("width_multiplier", self.width_multiplier)?;
        fields::positive("depth_multiplier", self.depth_multiplier)?;
        fields::fraction("round_limit", self.round_limit)?;
        let config = self.scaled();
        fields::depths("stages", config.stages.iter().map(|stage| stage.depth))?;
        if let Some(stem) = &config.stem {
            fields::channels("stem.channels", stem.channels)?;
        }
        fields::each("stages", &config.stages, Stage::validate)?;
        if let Some(head) = &config.head {
            fields::channels("head.channels", head.channels)?;
        }
        Ok(())
    }
}

impl Stage {
    fn validate(&self) -> Result<(), FieldError> {
        fields::channels("channels", self.channels)?;
        fields::positive("expand_ratio", self.expand_ratio)?;
        if let Some(divisor) = self.se_divisor {
            fields::positive("se_divisor", divisor)?;
        }
        Ok(())
    }
}
