//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::fields::{self, refused};

use crate::Config;

/// More levels than any network has.
const MOST_BLOCKS: usize = 16;

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        fields::classes(self.classes, true)?;
        fields::padding(&self.padding)?;
        fields::norm_eps(self.norm_eps)?;
        fields::norm_momentum(self.norm_momentum)?;
        let levels = self.blocks.len();
        if !(1..=MOST_BLOCKS).contains(&levels) {
            let message = format!("{levels} blocks; 1 to {MOST_BLOCKS} are supported");
            return Err(refused("blocks", message));
        }
        fields::depths("blocks", self.blocks.iter().map(|block| block.depth))?;
        for (i, block) in self.blocks.iter().enumerate() {
            let field = |name: &str| format!("blocks[{i}].{name}");
            fields::channels(&field("channels"), block.channels)?;
            if let Some(channels) = block.decoder_channels {
                fields::channels(&field("decoder_channels"), channels)?;
            }
            if let Some(depth) =
                block.decoder_depth.filter(|depth| !(1..=fields::MOST_BLOCKS).contains(depth))
            {
                let message = format!("{depth} convolutions; 1 to {} are supported", fields::MOST_BLOCKS);
                return Err(refused(field("decoder_depth"), message));
            }
            fields::probability(&field("dropout"), block.dropout)?;
        }
        Ok(())
    }
}
