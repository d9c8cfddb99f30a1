//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::fields;

use crate::{Block, Config};

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        fields::classes(self.classes, self.pool)?;
        fields::depths("stages", self.stages.iter().map(|stage| stage.depth))?;
        fields::probability("dropout", self.dropout)?;
        fields::probability("drop_path", self.drop_path)?;
        fields::divisor("se_ratio", self.se_ratio)?;
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        for (i, stem) in self.stem.iter().enumerate() {
            fields::channels(&format!("stem[{i}].channels"), stem.channels)?;
        }
        let grouped = self.groups != 1 || self.base_width != 64;
        for (i, stage) in self.stages.iter().enumerate() {
            let field = |name: &str| format!("stages[{i}].{name}");
            fields::channels(&field("channels"), stage.channels)?;
            if stage.block != Block::Bottleneck && grouped {
                let message =
                    "a basic block has neither groups nor another base_width than 64; a bottleneck is needed";
                return Err(fields::refused(field("block"), message));
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
                Err(fields::refused(field, message))
            }
        }
    }
}
