//! What a config may not say, by the name of the field.

use graph::{BuildError, ErrorKind};

use crate::{Block, Config};

/// More blocks than any network has; a config beyond it is a mistake, and would take long to build.
const MOST_BLOCKS: usize = 1000;

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        if self.classes == Some(0) {
            return Err(refused("classes", "0 classes; at least 1 is needed, or none at all for features"));
        }
        if self.stages.is_empty() {
            return Err(refused("stages", "the list is empty; at least one stage is needed"));
        }
        probability("dropout", self.dropout)?;
        probability("drop_path", self.drop_path)?;
        if let Some(ratio) = self.se_ratio.filter(|ratio| !(ratio.is_finite() && *ratio > 0.0)) {
            return Err(refused(
                "se_ratio",
                format!("{ratio} divides nothing; a finite number above 0 is needed"),
            ));
        }
        let grouped = self.groups != 1 || self.base_width != 64;
        let mut blocks = 0usize;
        for (i, stage) in self.stages.iter().enumerate() {
            let field = |name: &str| format!("stages[{i}].{name}");
            blocks = blocks.saturating_add(stage.depth);
            if stage.depth == 0 {
                return Err(refused(field("depth"), "0 blocks; at least 1 is needed"));
            }
            if blocks > MOST_BLOCKS {
                return Err(refused(
                    field("depth"),
                    format!("{blocks} blocks so far; at most {MOST_BLOCKS} are supported"),
                ));
            }
            if stage.channels == 0 || stage.channels > 1 << 20 {
                let message = format!("{} channels; 1 to {} are supported", stage.channels, 1 << 20);
                return Err(refused(field("channels"), message));
            }
            if stage.block == Block::Basic && grouped {
                let message =
                    "a basic block has neither groups nor another base_width than 64; a bottleneck is needed";
                return Err(refused(field("block"), message));
            }
            if stage.block == Block::Bottleneck {
                self.validate_width(&field("channels"), stage.channels)?;
            }
        }
        Ok(())
    }

    fn validate_width(&self, field: &str, channels: usize) -> Result<(), BuildError> {
        let width = channels.checked_mul(self.base_width).map(|width| width / 64);
        match width.and_then(|width| width.checked_mul(self.groups)) {
            Some(1..=0x100_0000) => Ok(()),
            _ => {
                let Self { groups, base_width, .. } = self;
                let message = format!(
                    "{channels} channels with {groups} groups of base_width {base_width} give no width of 1 to 2^24"
                );
                Err(refused(field, message))
            }
        }
    }
}

fn probability(field: &str, p: f64) -> Result<(), BuildError> {
    if (0.0..1.0).contains(&p) {
        return Ok(());
    }
    Err(refused(field, format!("{p} is no probability; 0 to below 1 is needed")))
}

fn refused(field: impl Into<String>, message: impl Into<String>) -> BuildError {
    BuildError::new(field, ErrorKind::Attribute, message)
}
