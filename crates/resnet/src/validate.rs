//! Config validation. Every error names the offending field.

use graph::{FieldError, LARGEST_EXTENT};
use layers::fields::{self, MAX_STEM};

use crate::{Block, Config, Stage};

impl Config {
    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    pub fn validate(&self) -> Result<(), FieldError> {
        fields::pooled_classes(self.classes, self.pool)?;
        fields::depths("stages", self.stages.iter().map(|stage| stage.depth))?;
        fields::probability("dropout", self.dropout)?;
        fields::probability("drop_path", self.drop_path)?;
        if let Some(divisor) = self.se_divisor {
            fields::positive("se_divisor", divisor)?;
        }
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        if self.stem.len() > MAX_STEM {
            let expected = format!("at most {MAX_STEM} convolutions");
            return Err(FieldError::expected("stem", expected, self.stem.len()));
        }
        fields::each("stem", &self.stem, |stem| fields::channels("channels", stem.channels))?;
        fields::each("stages", &self.stages, |stage| self.validate_stage(stage))
    }

    fn validate_stage(&self, stage: &Stage) -> Result<(), FieldError> {
        fields::channels("channels", stage.channels)?;
        match stage.block {
            Block::Bottleneck => self.validate_width(stage.channels),
            Block::Basic | Block::Unreduced if self.groups != 1 || self.base_width != 64 => {
                let expected = "`bottleneck` because `groups` is not 1 or `base_width` is not 64";
                Err(FieldError::expected("block", expected, format!("`{}`", stage.block.name())))
            }
            Block::Basic | Block::Unreduced => Ok(()),
        }
    }

    fn validate_width(&self, channels: usize) -> Result<(), FieldError> {
        let Self { groups, base_width, .. } = self;
        let width = channels.checked_mul(*base_width).map(|width| width / 64);
        match width.and_then(|width| width.checked_mul(*groups)) {
            Some(1..=LARGEST_EXTENT) => Ok(()),
            _ => Err(FieldError::expected(
                "channels",
                format!("an inner width of 1 to {LARGEST_EXTENT}"),
                format!("{channels} channels * {base_width} / 64 * {groups} groups"),
            )),
        }
    }
}

impl Block {
    fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bottleneck => "bottleneck",
            Self::Unreduced => "unreduced",
        }
    }
}
