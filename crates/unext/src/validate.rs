//! Config validation. Every error names the offending field.

use graph::FieldError;
use layers::Norm;
use layers::fields::{self, MAX_BLOCKS, MAX_LEVELS};

use crate::{Block, Config, Kind};

impl Config {
    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    pub fn validate(&self) -> Result<(), FieldError> {
        fields::classes(self.classes)?;
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        fields::fraction("norm_momentum", self.norm_momentum)?;
        fields::count("blocks", self.blocks.len(), MAX_LEVELS, "blocks")?;
        fields::depths("blocks", self.blocks.iter().map(|block| block.depth))?;
        fields::each("blocks", &self.blocks, |block| self.validate_block(block))?;
        fields::in_total("blocks", "decoder_depth", self.blocks.iter().map(Block::blocks_up))
    }

    fn validate_block(&self, block: &Block) -> Result<(), FieldError> {
        fields::channels("channels", block.channels)?;
        if let Some(depth) = block.decoder_depth {
            fields::count("decoder_depth", depth, MAX_BLOCKS, "blocks")?;
        }
        fields::positive("expand_ratio", block.expand_ratio)?;
        if let Some(divisor) = block.se_divisor {
            fields::positive("se_divisor", divisor)?;
        }
        fields::probability("dropout", block.dropout)?;
        if self.kind == Kind::SleepKit { validate_sleepkit(block) } else { validate_bias(block) }
    }
}

/// Checks that a block of SleepKit's has neither a norm nor an expansion.
fn validate_sleepkit(block: &Block) -> Result<(), FieldError> {
    if block.norm != Norm::None {
        let found = format!("`{}`", block.norm);
        return Err(FieldError::expected("norm", "`none` because `kind` is `sleepkit`", found));
    }
    if block.expands() {
        return Err(FieldError::expected(
            "expand_ratio",
            "1 because `kind` is `sleepkit`",
            block.expand_ratio,
        ));
    }
    Ok(())
}

/// Checks that `bias` is not changed for other blocks, in which biases depend on the norm.
fn validate_bias(block: &Block) -> Result<(), FieldError> {
    if block.bias {
        return Ok(());
    }
    Err(FieldError::expected("bias", "`true` because `kind` is not `sleepkit`", "`false`"))
}
