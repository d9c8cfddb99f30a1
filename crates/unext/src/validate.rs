//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::Norm;
use layers::fields::{self, refused};

use crate::{Config, Kind, origin::expands};

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
            return Err(refused("blocks", format!("{levels} blocks; 1 to {MOST_BLOCKS} are supported")));
        }
        fields::depths("blocks", self.blocks.iter().map(|block| block.depth))?;
        for (i, block) in self.blocks.iter().enumerate() {
            let field = |name: &str| format!("blocks[{i}].{name}");
            fields::channels(&field("channels"), block.channels)?;
            if let Some(depth) =
                block.decoder_depth.filter(|depth| !(1..=fields::MOST_BLOCKS).contains(depth))
            {
                let message = format!("{depth} blocks; 1 to {} are supported", fields::MOST_BLOCKS);
                return Err(refused(field("decoder_depth"), message));
            }
            fields::factor(&field("expand"), block.expand)?;
            fields::divisor(&field("se_ratio"), block.se_ratio)?;
            fields::probability(&field("dropout"), block.dropout)?;
            if self.kind == Kind::SleepKit && block.norm != Norm::None {
                let message = format!("{}, but SleepKit's blocks have no norm; none is needed", block.norm);
                return Err(refused(field("norm"), message));
            }
            if self.kind == Kind::SleepKit && expands(block) {
                let message = format!("{}, but SleepKit's blocks do not expand; 1 is needed", block.expand);
                return Err(refused(field("expand"), message));
            }
            if self.kind != Kind::SleepKit && !block.bias {
                let message = "false, but the norm decides on biases; only SleepKit's kind asks for this";
                return Err(refused(field("bias"), message));
            }
        }
        Ok(())
    }
}
