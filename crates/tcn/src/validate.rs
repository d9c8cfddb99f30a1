//! Config validation. Every error names the offending field.

use graph::{FieldError, LARGEST_EXTENT};
use layers::Norm;
use layers::fields::{self, MAX_BLOCKS, MAX_BRANCHES};

use crate::{Block, Config, Kind, Output, Skips};

impl Config {
    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    pub fn validate(&self) -> Result<(), FieldError> {
        fields::classes(self.classes)?;
        fields::depths("blocks", self.blocks.iter().map(|block| block.depth))?;
        fields::norm_eps(self.norm_eps)?;
        fields::fraction("norm_momentum", self.norm_momentum)?;
        fields::count("stacks", self.stacks, MAX_BLOCKS, "stacks")?;
        fields::each("blocks", &self.blocks, Block::validate)?;
        self.validate_branches()?;
        self.validate_residual()?;
        if self.output != Output::EverySample && !self.head_kernel.is_one() {
            let expected = "1 because `output` reduces the series to one step";
            return Err(FieldError::expected("head_kernel", expected, self.head_kernel));
        }
        Ok(())
    }

    fn validate_branches(&self) -> Result<(), FieldError> {
        let mut branches = 0usize;
        for (i, block) in self.blocks.iter().enumerate() {
            let repeated = self.stacks.saturating_mul(block.depth).saturating_mul(block.branches);
            branches = branches.saturating_add(repeated);
            if branches > MAX_BLOCKS {
                let expected = format!("at most {MAX_BLOCKS} in total over all blocks and stacks");
                let error = FieldError::expected("branches", expected, branches);
                return Err(error.at_index(i).within("blocks"));
            }
        }
        Ok(())
    }

    fn validate_residual(&self) -> Result<(), FieldError> {
        let Some(i) = self.blocks.iter().position(|block| block.kind != Kind::Residual) else {
            return Ok(());
        };
        let refused = |path| {
            let found = format!("`blocks[{i}]` of kind `{}`", self.blocks[i].kind.name());
            Err(FieldError::expected(path, "residual blocks only", found))
        };
        if self.skips != Skips::None {
            return refused("skips");
        }
        if self.double_activation {
            return refused("double_activation");
        }
        Ok(())
    }
}

impl Block {
    fn validate(&self) -> Result<(), FieldError> {
        fields::channels("channels", self.channels)?;
        if let Some(divisor) = self.se_divisor {
            fields::positive("se_divisor", divisor)?;
        }
        fields::positive("expand_ratio", self.expand_ratio)?;
        fields::probability("dropout", self.dropout)?;
        fields::count("branches", self.branches, MAX_BRANCHES, "branches")?;
        fields::count("expand_ratio", self.expanded_width(), LARGEST_EXTENT, "expanded channels")?;
        if self.weight_norm && self.norm != Norm::None {
            return Err(FieldError::expected(
                "norm",
                "`none` because `weight_norm` is true",
                format!("`{}`", self.norm),
            ));
        }
        if let Some(name) = self.unsupported_field() {
            return Err(FieldError::new(
                name,
                format!("not supported by blocks of kind `{}`", self.kind.name()),
            ));
        }
        Ok(())
    }

    /// Returns the name of a field that is set although blocks of this kind do not support it.
    fn unsupported_field(&self) -> Option<&'static str> {
        let has_branches = self.kind == Kind::Mb || self.kind == Kind::Sm;
        let is_residual = self.kind == Kind::Residual;
        let fields = [
            ("branches", self.branches != 1, has_branches),
            ("expand_ratio", self.expands(), self.kind == Kind::Mb),
            ("se_divisor", self.se_divisor.is_some(), !is_residual),
            ("gate", self.gate, is_residual),
            ("weight_norm", self.weight_norm, is_residual),
        ];
        for (name, is_set, is_supported) in fields {
            if is_set && !is_supported {
                return Some(name);
            }
        }
        None
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
