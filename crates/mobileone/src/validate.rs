//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::{Downsample, fields};

use crate::Config;

/// More branches are a slip of the pen.
const MOST_BRANCHES: usize = 64;

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        fields::classes(self.classes, self.pool)?;
        fields::probability("dropout", self.dropout)?;
        fields::norm_eps(self.norm_eps)?;
        fields::norm_momentum(self.norm_momentum)?;
        fields::channels("stem.channels", self.stem.channels)?;
        branches("stem.branches", self.stem.branches)?;
        fields::depths("stages", self.stages.iter().map(|stage| stage.depth))?;
        for (i, stage) in self.stages.iter().enumerate() {
            let field = |name: &str| format!("stages[{i}].{name}");
            fields::channels(&field("channels"), stage.channels)?;
            branches(&field("branches"), stage.branches)?;
            fields::divisor(&field("se_ratio"), stage.se_ratio)?;
            if stage.se_depth > 0 && stage.se_ratio.is_none() {
                let message = format!("squeeze-excite in {} pairs needs se_ratio", stage.se_depth);
                return Err(fields::refused(field("se_depth"), message));
            }
            if self.inference && stage.downsample == Downsample::MaxPool && !stage.stride.is_one() {
                let message = "branches that max-pool have no form for inference; stride is needed";
                return Err(fields::refused(field("downsample"), message));
            }
        }
        Ok(())
    }
}

fn branches(field: &str, branches: usize) -> Result<(), BuildError> {
    if (1..=MOST_BRANCHES).contains(&branches) {
        return Ok(());
    }
    Err(fields::refused(field, format!("{branches} branches; 1 to {MOST_BRANCHES} are supported")))
}
