//! The names and layouts of Keras's variables in helia-edge's and SleepKit's U-NeXt.

use ::unext::{Block, Config, Kind};
use graph::{BuildError, Conv, FieldError, Shape};
use layers::{Norm, Pooling, Skip, Upsample, depthwise};

use super::Names;
use crate::{Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        dialect.ambiq().map(|_| keras(self, input.rank()))
    }

    fn architecture(&self) -> &'static str {
        "unext"
    }
}

/// The Keras variables of the package's network of the config's kind, for an input of `rank`
/// spatial axes.
///
/// Kernels are read as the package's: one number is a k×k kernel also for a series, which runs as
/// an image of height 1 there.
///
/// # Errors
/// A network that neither package has, and kernels none of whose rows meets a series.
fn keras(config: &Config, rank: usize) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    theirs(config)?;
    let mut names = Collector { keras: Keras::new(rank), config };
    for (i, block) in config.blocks.iter().enumerate() {
        let (theirs, ours) = (format!("ENC{}", i + 1), format!("enc{}", i + 1));
        for n in 0..block.depth {
            names.block(&theirs, n + 1, &format!("{ours}.{n}"), block)?;
        }
        if config.kind == Kind::HeliaEdge {
            let conv = names.conv(block, Conv::new(1, block.pool));
            names.keras.conv(&format!("{theirs}_pool"), &format!("{ours}.pool.conv"), conv)?;
            names.norm(&format!("{theirs}_norm"), &format!("{ours}.pool.norm"), block);
        }
    }
    for (i, block) in config.blocks.iter().rev().enumerate() {
        let (theirs, ours) = (format!("DEC{}", i + 1), format!("dec{}", i + 1));
        for n in 0..block.blocks_up() {
            names.block(&theirs, n + 1, &format!("{ours}.{n}"), block)?;
        }
        if config.kind == Kind::HeliaEdge {
            let conv = names.conv(block, Conv::new(1, block.pool));
            names.keras.conv(&format!("{theirs}_conv"), &format!("{ours}.conv"), conv)?;
        }
        if block.skip {
            names.merge(&theirs, &ours, block);
        }
        names.block(&theirs, block.depth + 1, &format!("{ours}.last"), block)?;
    }
    if config.classes.is_some() {
        let conv = Conv { bias: true, padding: config.padding, ..Conv::new(1, config.head_kernel) };
        let theirs = if config.kind == Kind::SleepKit { "NECK.conv" } else { "NECK_conv" };
        names.keras.conv(theirs, "outc.conv", conv)?;
    }
    Ok(names.keras.renames())
}

/// Refuses what the packages' layers have no names for.
fn theirs(config: &Config) -> Result<(), FieldError> {
    let not_theirs = |field: &str, expected: &str| {
        Err(FieldError::new(field, format!("expected {expected}; other networks have no names in Keras")))
    };
    let (pooling, skip) = match config.kind {
        Kind::MBConv => return not_theirs("kind", "helia_edge or sleepkit"),
        Kind::HeliaEdge => (Pooling::Stride, Skip::Add),
        Kind::SleepKit => (Pooling::Max, Skip::Concat),
    };
    if config.pooling != pooling {
        return not_theirs("pooling", if pooling == Pooling::Max { "max" } else { "stride" });
    }
    if config.skip != skip {
        return not_theirs("skip", if skip == Skip::Add { "add" } else { "concat" });
    }
    if config.upsample == Upsample::Transposed {
        return not_theirs("upsample", "nearest");
    }
    for (i, block) in config.blocks.iter().enumerate() {
        let field = |name: &str| format!("blocks[{i}].{name}");
        if block.blocks_up() > block.depth {
            let message = format!(
                "the packages give two layers one name where this is above depth, {}; no weights exist",
                block.depth
            );
            return Err(FieldError::new(field("decoder_depth"), message));
        }
        if !matches!(block.norm, Norm::Batch | Norm::Position | Norm::None) {
            return not_theirs(&field("norm"), "batch, position or none");
        }
    }
    Ok(())
}

struct Collector<'c> {
    keras: Keras,
    config: &'c Config,
}

impl Collector<'_> {
    /// A convolution with the config's padding and the bias of its kind.
    fn conv(&self, block: &Block, conv: Conv) -> Conv {
        Conv { bias: self.bias(block), padding: self.config.padding, ..conv }
    }

    fn bias(&self, block: &Block) -> bool {
        match self.config.kind {
            Kind::SleepKit => block.bias,
            Kind::HeliaEdge | Kind::MBConv => block.norm == Norm::None,
        }
    }

    fn norm(&mut self, theirs: &str, ours: &str, block: &Block) {
        match block.norm {
            Norm::Batch => self.keras.batch_norm(theirs, ours),
            Norm::Position => self.keras.position_norm(theirs, ours),
            Norm::Layer | Norm::Group { .. } | Norm::Instance | Norm::None => {}
        }
    }

    /// Block `number` of a level.
    fn block(&mut self, level: &str, number: usize, ours: &str, block: &Block) -> Result<(), BuildError> {
        match self.config.kind {
            Kind::SleepKit => self.sleepkit(&format!("{level}.D{number}"), ours, block),
            Kind::HeliaEdge | Kind::MBConv => self.helia_edge(&format!("{level}_D{number}"), ours, block),
        }
    }

    fn helia_edge(&mut self, theirs: &str, ours: &str, block: &Block) -> Result<(), BuildError> {
        let bias = self.bias(block);
        // A grouped convolution there, not Keras's depthwise one.
        let conv = self.conv(block, depthwise(1, block.kernel));
        self.keras.conv(&format!("{theirs}_dwconv"), &format!("{ours}.depthwise"), conv)?;
        self.norm(&format!("{theirs}_norm"), &format!("{ours}.norm"), block);
        if block.expands() {
            self.keras.pointwise(&format!("{theirs}_expand"), &format!("{ours}.expand"), bias);
        }
        if block.se_divisor.is_some() {
            self.keras.pointwise(&format!("{theirs}_se_sq"), &format!("{ours}.se.reduce"), true);
            self.keras.pointwise(&format!("{theirs}_se_ex"), &format!("{ours}.se.expand"), true);
        }
        self.keras.pointwise(&format!("{theirs}_project"), &format!("{ours}.project"), bias);
        Ok(())
    }

    fn sleepkit(&mut self, theirs: &str, ours: &str, block: &Block) -> Result<(), BuildError> {
        let conv = self.conv(block, depthwise(1, block.kernel));
        self.keras.depthwise(&format!("{theirs}.DW"), &format!("{ours}.depthwise"), conv)?;
        if block.se_divisor.is_some() {
            self.keras.pointwise(&format!("{theirs}.SE.sq"), &format!("{ours}.se.reduce"), true);
            self.keras.pointwise(&format!("{theirs}.SE.ex"), &format!("{ours}.se.expand"), true);
        }
        self.keras.pointwise(&format!("{theirs}.RD"), &format!("{ours}.project"), block.bias);
        Ok(())
    }

    /// The 1×1 convolution after the skip.
    fn merge(&mut self, theirs: &str, ours: &str, block: &Block) {
        let bias = self.bias(block);
        let ours = ["conv", "norm"].map(|part| format!("{ours}.merge.{part}"));
        if self.config.kind == Kind::SleepKit {
            return self.keras.pointwise(&format!("{theirs}.SL.CONV"), &ours[0], bias);
        }
        self.keras.pointwise(&format!("{theirs}_S1_conv"), &ours[0], bias);
        self.norm(&format!("{theirs}_S1_norm"), &ours[1], block);
    }
}
