//! Config validation. Every error names the offending field.

use graph::FieldError;
use layers::fields::{self, MAX_BLOCKS, MAX_LEVELS};

use crate::{Block, Config};

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
        fields::each("blocks", &self.blocks, Block::validate)?;
        let depths = self.blocks.iter().map(|block| block.decoder_depth.unwrap_or(block.depth));
        fields::in_total("blocks", "decoder_depth", depths)
    }
}

impl Block {
    fn validate(&self) -> Result<(), FieldError> {
        fields::channels("channels", self.channels)?;
        if let Some(channels) = self.decoder_channels {
            fields::channels("decoder_channels", channels)?;
        }
        if let Some(depth) = self.decoder_depth {
            fields::count("decoder_depth", depth, MAX_BLOCKS, "convolutions")?;
        }
        fields::probability("dropout", self.dropout)
    }
}
