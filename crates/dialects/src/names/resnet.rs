//! The names of other packages for the parameters of a config.

use ::resnet::{Block, Config, Stage};
use graph::{BuildError, Conv, Extent, Shape};

use super::Names;
use crate::{Ambiq, Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        match dialect {
            Dialect::Torchvision | Dialect::Timm => Some(Ok(Vec::new())),
            _ => Some(keras(self, input, dialect.ambiq()?)),
        }
    }

    fn architecture(&self) -> &'static str {
        "resnet"
    }
}

/// The names and layouts of Ambiq's Keras models for an input of this shape, such as
/// `conv2d_7/kernel`: their layers have no names, and Keras counts them in order of construction,
/// those of a bottleneck's dropped convolution too.
///
/// # Errors
/// Those of [`Config::validate`], and a kernel of a series none of whose rows meets data.
fn keras(config: &Config, input: &Shape, origin: Ambiq) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    let mut layers = Counted { config, keras: Keras::new(input.rank()), convs: 0, norms: 0 };
    let mut channels = input.channels;
    for (i, stem) in config.stem.iter().enumerate() {
        let deep = format!("conv1.{}", 3 * i);
        let conv = if config.stem.len() == 1 { "conv1" } else { &deep };
        let last = i + 1 == config.stem.len();
        layers.conv(conv, stem.kernel, 1.into())?;
        layers.norm(&if last { "bn1".to_owned() } else { format!("conv1.{}", 3 * i + 1) });
        channels = stem.channels;
    }
    for (i, stage) in config.stages.iter().enumerate() {
        for b in 0..stage.depth {
            let out = stage.channels * stage.block.expansion();
            let projects = channels != out || b == 0 && !stage.stride.is_one();
            let dilation = match stage.first_dilation {
                Some(dilation) if b == 0 => dilation,
                _ => stage.dilation,
            };
            layers.block(&format!("layer{}.{b}", i + 1), stage, dilation, projects)?;
            channels = out;
        }
    }
    if config.classes.is_some() {
        let top = match origin {
            Ambiq::HeliaEdge => "top",
            Ambiq::SleepKit => "dense",
        };
        layers.keras.dense(top, "fc");
    }
    Ok(layers.keras.renames())
}

/// Layers with Keras's automatic names.
struct Counted<'c> {
    config: &'c Config,
    keras: Keras,
    convs: usize,
    norms: usize,
}

impl Counted<'_> {
    fn conv(&mut self, ours: &str, kernel: Extent, dilation: Extent) -> Result<(), BuildError> {
        let Config { padding, conv_bias: bias, .. } = *self.config;
        let theirs = counted("conv2d", &mut self.convs);
        self.keras.conv(&theirs, ours, Conv { dilation, padding, bias, ..Conv::new(1, kernel) })
    }

    fn norm(&mut self, ours: &str) {
        let theirs = counted("batch_normalization", &mut self.norms);
        self.keras.batch_norm(&theirs, ours);
    }

    /// Convolutions in their order, then the projection; norms in theirs.
    fn block(
        &mut self,
        ours: &str,
        stage: &Stage,
        dilation: Extent,
        projects: bool,
    ) -> Result<(), BuildError> {
        let one = Extent::All(1);
        let middle = (2, stage.kernel, dilation);
        let convs = match stage.block {
            Block::Basic => vec![(1, stage.kernel, dilation), (2, stage.kernel, stage.dilation)],
            Block::Bottleneck => vec![(1, one, one), middle, (3, one, one)],
            Block::Unreduced => {
                self.convs += 1;
                self.norms += 1;
                vec![middle, (3, one, one)]
            }
        };
        for (n, kernel, dilation) in convs {
            self.conv(&format!("{ours}.conv{n}"), kernel, dilation)?;
            self.norm(&format!("{ours}.bn{n}"));
        }
        if projects {
            self.conv(&format!("{ours}.downsample.0"), one, one)?;
            self.norm(&format!("{ours}.downsample.1"));
        }
        Ok(())
    }
}

/// `name`, `name_1`, `name_2`, ….
fn counted(name: &str, count: &mut usize) -> String {
    let counted = if *count == 0 { name.to_owned() } else { format!("{name}_{count}") };
    *count += 1;
    counted
}
