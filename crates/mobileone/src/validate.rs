//! Config validation. Every error names the offending field.

use graph::FieldError;
use layers::Downsample;
use layers::fields::{self, MAX_BRANCHES};

use crate::{Config, Stage};

impl Config {
    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    pub fn validate(&self) -> Result<(), FieldError> {
        fields::pooled_classes(self.classes, self.pool)?;
        fields::probability("dropout", self.dropout)?;
        fields::norm_eps(self.norm_eps)?;
        fields::fraction("norm_momentum", self.norm_momentum)?;
        fields::channels("stem.channels", self.stem.channels)?;
        fields::count("stem.branches", self.stem.branches, MAX_BRANCHES, "branches")?;
        fields::depths("stages", self.stages.iter().map(|stage| stage.depth))?;
        fields::each("stages", &self.stages, |stage| self.validate_stage(stage))?;
        let branches = self.stages.iter().map(|stage| stage.depth.saturating_mul(stage.branches));
        fields::in_total("stages", "branches", branches)
    }

    fn validate_stage(&self, stage: &Stage) -> Result<(), FieldError> {
        fields::channels("channels", stage.channels)?;
        fields::count("branches", stage.branches, MAX_BRANCHES, "branches")?;
        match stage.se_divisor {
            Some(divisor) => fields::positive("se_divisor", divisor)?,
            None if stage.se_depth > 0 => {
                let expected = "0 because `se_divisor` is not set";
                return Err(FieldError::expected("se_depth", expected, stage.se_depth));
            }
            None => {}
        }
        if self.inference && stage.downsample == Downsample::MaxPool && !stage.stride.is_one() {
            let expected = "`stride` because `inference` is true";
            return Err(FieldError::expected("downsample", expected, "`max_pool`"));
        }
        Ok(())
    }
}
