//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::fields;

use crate::Config;

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        fields::classes(self.classes, self.pool)?;
        fields::probability("dropout", self.dropout)?;
        fields::probability("drop_path", self.drop_path)?;
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        fields::norm_momentum(self.norm_momentum)?;
        fields::factor("width_multiplier", self.width_multiplier)?;
        fields::factor("depth_multiplier", self.depth_multiplier)?;
        if !(0.0..=1.0).contains(&self.round_limit) {
            let message = format!("{} is no part of a number; 0 to 1 is needed", self.round_limit);
            return Err(fields::refused("round_limit", message));
        }
        let config = self.scaled();
        fields::depths("stages", config.stages.iter().map(|stage| stage.depth))?;
        if let Some(stem) = &config.stem {
            fields::channels("stem.channels", stem.channels)?;
        }
        for (i, stage) in config.stages.iter().enumerate() {
            fields::channels(&format!("stages[{i}].channels"), stage.channels)?;
            fields::factor(&format!("stages[{i}].expand"), stage.expand)?;
            fields::divisor(&format!("stages[{i}].se_ratio"), stage.se_ratio)?;
        }
        if let Some(head) = &config.head {
            fields::channels("head.channels", head.channels)?;
        }
        Ok(())
    }
}
