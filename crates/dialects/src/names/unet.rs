//! The names and layouts of Keras's variables in SleepKit's and helia-edge's U-Net.

use ::unet::{Block, Config, Kind};
use graph::{BuildError, Conv, FieldError, Shape};
use layers::{Factorization, Norm, Pooling, Skip, Upsample};

use super::Names;
use crate::{Ambiq, Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        Some(keras(self, input.rank(), dialect.ambiq()?))
    }

    fn architecture(&self) -> &'static str {
        "unet"
    }
}

/// The Keras variables of the network that `origin` builds from the same parameters, for an input
/// of `rank` spatial axes.
///
/// Kernels are read as the origin's: one number is a k×k kernel also for a series, which runs as an
/// image of height 1 there.
///
/// # Errors
/// A network that the origin does not have, and kernels none of whose rows meets a series.
fn keras(config: &Config, rank: usize, origin: Ambiq) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    theirs(config)?;
    let mut names = Collector { keras: Keras::new(rank), config, origin };
    for (i, block) in config.blocks.iter().enumerate() {
        let (theirs, ours) = (format!("ENC{}", i + 1), format!("enc{}", i + 1));
        for n in 0..block.depth {
            let dilation = block.dilation_at(n);
            names.numbered(&theirs, &ours, n + 1, block, config.conv(block, block.channels, dilation))?;
        }
        names.shortcut(&theirs, &ours);
    }
    for (i, block) in config.blocks.iter().rev().enumerate() {
        let (theirs, ours) = (format!("DEC{}", i + 1), format!("dec{}", i + 1));
        for n in 0..block.decoder_depth.unwrap_or(block.depth) {
            let conv = config.conv(block, block.channels, block.decoder_dilation);
            names.numbered(&theirs, &ours, n + 1, block, conv)?;
        }
        if block.skip != Skip::None {
            let block = &Block { factorization: Factorization::Plain, ..block.clone() };
            let layer = format!("D{}", block.depth + 1);
            let merge = ["conv", "norm"].map(|part| format!("{ours}.merge.{part}"));
            names.layer(&theirs, &layer, [&merge[0], &merge[1]], block, Conv::new(1, [1, 1]))?;
        }
        let layer = format!("D{}", block.depth + 2);
        let last = ["conv", "norm"].map(|part| format!("{ours}.last.{part}"));
        names.layer(&theirs, &layer, [&last[0], &last[1]], block, config.conv(block, 1, 1.into()))?;
        names.shortcut(&theirs, &ours);
    }
    if config.classes.is_some() {
        let conv = Conv { bias: true, padding: config.padding, ..Conv::new(1, config.head_kernel) };
        let theirs = names.path(&["NECK", "conv"]);
        names.keras.conv(&theirs, "outc.conv", conv)?;
    }
    Ok(names.keras.renames())
}

/// Refuses what the origin's layers have no names for.
fn theirs(config: &Config) -> Result<(), FieldError> {
    let not_theirs = |field: &str, expected: &str| {
        Err(FieldError::new(field, format!("expected {expected}; other networks have no names in Keras")))
    };
    if config.kind != Kind::Residual {
        return not_theirs("kind", "residual");
    }
    if config.pooling != Pooling::Max {
        return not_theirs("pooling", "max");
    }
    if config.upsample == Upsample::Transposed {
        return not_theirs("upsample", "nearest");
    }
    for (i, block) in config.blocks.iter().enumerate() {
        let field = |name: &str| format!("blocks[{i}].{name}");
        // The merging convolution is `D{depth + 1}`; it is absent if there is no skip.
        let most = if block.skip == Skip::None { block.depth + 1 } else { block.depth };
        if block.decoder_depth.is_some_and(|depth| depth > most) {
            let message =
                format!("the origin gives two layers one name where this is above {most}; no weights exist");
            return Err(FieldError::new(field("decoder_depth"), message));
        }
        if !matches!(block.norm, Norm::Batch | Norm::Position | Norm::None) {
            return not_theirs(&field("norm"), "batch, position or none");
        }
        if block.factorization == Factorization::DepthwiseSeparable {
            return not_theirs(&field("factorization"), "plain or separable");
        }
    }
    Ok(())
}

struct Collector<'c> {
    keras: Keras,
    config: &'c Config,
    origin: Ambiq,
}

impl Collector<'_> {
    /// The origin's path of these parts.
    fn path(&self, parts: &[&str]) -> String {
        parts.join(match self.origin {
            Ambiq::HeliaEdge => "_",
            Ambiq::SleepKit => ".",
        })
    }

    fn numbered(
        &mut self,
        theirs: &str,
        ours: &str,
        number: usize,
        block: &Block,
        conv: Conv,
    ) -> Result<(), BuildError> {
        let ours = ["conv", "norm"].map(|part| format!("{ours}.{part}{number}"));
        self.layer(theirs, &format!("D{number}"), [&ours[0], &ours[1]], block, conv)
    }

    /// A convolution and its norm.
    fn layer(
        &mut self,
        theirs: &str,
        layer: &str,
        ours: [&str; 2],
        block: &Block,
        conv: Conv,
    ) -> Result<(), BuildError> {
        let conv = Conv { bias: block.norm == Norm::None, padding: self.config.padding, ..conv };
        let path = self.path(&[theirs, layer, "conv"]);
        match block.factorization {
            Factorization::Plain => self.keras.conv(&path, ours[0], conv)?,
            Factorization::Separable | Factorization::DepthwiseSeparable => {
                self.keras.separable(&path, ours[0], conv)?;
            }
        }
        match block.norm {
            Norm::Batch => self.keras.batch_norm(&self.path(&[theirs, layer, "bn"]), ours[1]),
            // The one name that has a dot in both packages.
            Norm::Position => {
                self.keras.position_norm(&format!("{}.ln", self.path(&[theirs, layer])), ours[1]);
            }
            Norm::Layer | Norm::Group { .. } | Norm::Instance | Norm::None => {}
        }
        Ok(())
    }

    fn shortcut(&mut self, theirs: &str, ours: &str) {
        let path = self.path(&[theirs, "skip"]);
        self.keras.pointwise(&path, &format!("{ours}.shortcut"), true);
    }
}
