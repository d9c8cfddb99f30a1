//! What a config may not say, by the name of the field.

use graph::BuildError;
use layers::Norm;
use layers::fields::{self, MOST_BLOCKS, MOST_CHANNELS, refused};

use crate::{Block, Config, Kind, Output, Skips};

impl Config {
    /// Refuses a config that no network can be built from.
    ///
    /// # Errors
    /// Names the field, what it says and what is needed.
    pub fn validate(&self) -> Result<(), BuildError> {
        fields::classes(self.classes, true)?;
        fields::depths("blocks", self.blocks.iter().map(|block| block.depth))?;
        fields::norm_eps(self.norm_eps)?;
        fields::norm_momentum(self.norm_momentum)?;
        if !(1..=MOST_BLOCKS).contains(&self.stacks) {
            return Err(refused("stacks", format!("{}; 1 to {MOST_BLOCKS} are supported", self.stacks)));
        }
        let mut layers = 0usize;
        for (i, block) in self.blocks.iter().enumerate() {
            let field = |name: &str| format!("blocks[{i}].{name}");
            block.validate(field)?;
            let repeated = self.stacks.saturating_mul(block.depth).saturating_mul(block.branches);
            layers = layers.saturating_add(repeated);
            if layers > MOST_BLOCKS {
                let message =
                    format!("{layers} branches so far, in all stacks; at most {MOST_BLOCKS} are supported");
                return Err(refused(field("branches"), message));
            }
        }
        self.validate_residual()?;
        if self.output != Output::EverySample && !self.head_kernel.is_one() {
            let message = format!("{} samples of the one that is put out; 1 is needed", self.head_kernel);
            return Err(refused("head_kernel", message));
        }
        Ok(())
    }

    fn validate_residual(&self) -> Result<(), BuildError> {
        let other = self.blocks.iter().position(|block| block.kind != Kind::Residual);
        match other {
            Some(i) if self.skips != Skips::None => {
                let message = format!("blocks[{i}] has no branch to add up; only residual blocks have");
                Err(refused("skips", message))
            }
            Some(i) if self.double_activation => {
                Err(refused("double_activation", format!("blocks[{i}] is not residual; only those can")))
            }
            _ => Ok(()),
        }
    }
}

impl Block {
    fn validate(&self, field: impl Fn(&str) -> String) -> Result<(), BuildError> {
        fields::channels(&field("channels"), self.channels)?;
        fields::divisor(&field("se_ratio"), self.se_ratio)?;
        fields::factor(&field("expand_ratio"), self.expand_ratio)?;
        fields::probability(&field("dropout"), self.dropout)?;
        if self.branches == 0 {
            return Err(refused(field("branches"), "0 branches; at least 1 is needed"));
        }
        if !(1..=MOST_CHANNELS).contains(&self.expanded()) {
            let Self { channels, expand_ratio, .. } = self;
            let message =
                format!("{channels} channels times {expand_ratio}; 1 to {MOST_CHANNELS} are supported");
            return Err(refused(field("expand_ratio"), message));
        }
        if self.weight_norm && self.norm != Norm::None {
            return Err(refused(field("norm"), format!("{} beside weight_norm; none is needed", self.norm)));
        }
        let misplaced = self.misplaced().map(|name| {
            refused(field(name), format!("a block of kind {} has no such thing", self.kind.name()))
        });
        misplaced.map_or(Ok(()), Err)
    }

    /// A field that is set and that blocks of this kind have no place for.
    fn misplaced(&self) -> Option<&'static str> {
        let is = |kind| self.kind == kind;
        let set = [
            ("branches", self.branches != 1, is(Kind::Mb) || is(Kind::Sm)),
            ("expand_ratio", self.expands(), is(Kind::Mb)),
            ("se_ratio", self.se_ratio.is_some(), !is(Kind::Residual)),
            ("gate", self.gate, is(Kind::Residual)),
            ("weight_norm", self.weight_norm, is(Kind::Residual)),
        ];
        set.iter().find(|(_, is_set, possible)| *is_set && !possible).map(|(name, ..)| *name)
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Mb => "mb",
            Self::Lg => "lg",
            Self::Sm => "sm",
            Self::Residual => "residual",
        }
    }
}
