//! The names of other packages for the parameters of a config with batch norms.

use ::efficientnetv2::{Block, Config, Stage};
use graph::{BuildError, Conv, FieldError, Shape};

use super::Names;
use crate::{Ambiq, Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        match dialect {
            Dialect::Timm => Some(Ok(Vec::new())),
            Dialect::Torchvision => Some(torchvision(self)),
            _ => Some(keras(self, input.rank(), dialect.ambiq()?)),
        }
    }

    fn architecture(&self) -> &'static str {
        "efficientnetv2"
    }
}

/// The modules of a block in order, by their names here. The norm of the n-th convolution is `bn{n}`.
fn modules(stage: &Stage) -> Vec<&'static str> {
    #[expect(clippy::float_cmp, reason = "a configuration's 1, not a computed number")]
    let expands = stage.expand_ratio != 1.0;
    let modules = match (stage.block, expands) {
        (Block::MBConv, true) => &["conv_pw", "conv_dw", SE, "conv_pwl"][..],
        (Block::MBConv, false) => &["conv_dw", SE, "conv_pw"],
        (Block::FusedMBConv, false) => &["conv", SE],
        (Block::FusedMBConv | Block::FusedMBConvProjected, _) => &["conv_exp", SE, "conv_pwl"],
    };
    modules.iter().copied().filter(|name| *name != SE || stage.se_divisor.is_some()).collect()
}

/// Squeeze-excite, the only module other than a convolution with norm.
const SE: &str = "se";

/// torchvision's names, such as `features.1.0.block.0.0.weight`.
///
/// # Errors
/// Those of [`Config::validate`].
fn torchvision(config: &Config) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    let config = config.scaled();
    let mut renames = Vec::new();
    if config.stem.is_some() {
        conv_norm(&mut renames, "features.0", ["conv_stem", "bn1"]);
    }
    for (i, stage) in config.stages.iter().enumerate() {
        for b in 0..stage.depth {
            let ours = format!("blocks.{i}.{b}");
            let mut norms = 1..;
            for (m, module) in modules(stage).into_iter().enumerate() {
                let theirs = format!("features.{}.{b}.block.{m}", i + 1);
                if module == SE {
                    biased(&mut renames, &format!("{theirs}.fc1"), &format!("{ours}.se.conv_reduce"));
                    biased(&mut renames, &format!("{theirs}.fc2"), &format!("{ours}.se.conv_expand"));
                } else if let Some(norm) = norms.next() {
                    let ours = [format!("{ours}.{module}"), format!("{ours}.bn{norm}")];
                    conv_norm(&mut renames, &theirs, [&ours[0], &ours[1]]);
                }
            }
        }
    }
    if config.head.is_some() {
        conv_norm(&mut renames, &format!("features.{}", config.stages.len() + 1), ["conv_head", "bn2"]);
    }
    if config.classes.is_some() {
        biased(&mut renames, "classifier.1", "classifier");
    }
    Ok(renames)
}

/// A convolution without bias and its norm, `0` and `1` of a sequence.
fn conv_norm(renames: &mut Vec<Rename>, theirs: &str, [conv, norm]: [&str; 2]) {
    renames.push(Rename::same(format!("{theirs}.0.weight"), format!("{conv}.weight")));
    for parameter in ["weight", "bias", "running_mean", "running_var"] {
        renames.push(Rename::same(format!("{theirs}.1.{parameter}"), format!("{norm}.{parameter}")));
    }
}

fn biased(renames: &mut Vec<Rename>, theirs: &str, ours: &str) {
    for parameter in ["weight", "bias"] {
        renames.push(Rename::same(format!("{theirs}.{parameter}"), format!("{ours}.{parameter}")));
    }
}

/// The names and layouts of Ambiq's Keras models, such as `stage1_mbconv1_dp/kernel`. `rank` is 1
/// for series, 2 for images.
///
/// # Errors
/// Those of [`Config::validate`], FusedMBConv blocks, which those models do not have, and a kernel of a
/// series none of whose rows meets data.
fn keras(config: &Config, rank: usize, origin: Ambiq) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    let config = config.scaled();
    let words = Words::of(origin);
    let mut keras = Keras::new(rank);
    if let Some(stem) = &config.stem {
        keras.conv(
            "stem.conv",
            "conv_stem",
            Conv { padding: config.padding, ..Conv::new(1, stem.kernel) },
        )?;
        keras.batch_norm(&format!("stem{}bn", words.dot), "bn1");
    }
    for (i, stage) in config.stages.iter().enumerate() {
        if stage.block != Block::MBConv {
            let message = format!("expected `mbconv`, the only block of {origin}");
            return Err(FieldError::new(format!("stages[{i}].block"), message).into());
        }
        for b in 0..stage.depth {
            let theirs = format!("stage{}{}mbconv{}", i + 1, words.dot, b + 1);
            mbconv(&mut keras, &config, stage, &theirs, &format!("blocks.{i}.{b}"), &words)?;
        }
    }
    if config.head.is_some() {
        keras.pointwise("neck.conv", "conv_head", false);
        keras.batch_norm(&format!("neck{}bn", words.dot), "bn2");
    }
    if config.classes.is_some() {
        keras.dense("top", "classifier");
    }
    Ok(keras.renames())
}

/// The parts of a package's names.
struct Words {
    dot: &'static str,
    norm: &'static str,
    squeeze: &'static str,
    excite: &'static str,
}

impl Words {
    fn of(origin: Ambiq) -> Self {
        match origin {
            Ambiq::HeliaEdge => Self { dot: "_", norm: "_bn_bn", squeeze: "_sq", excite: "_ex" },
            Ambiq::SleepKit => Self { dot: ".", norm: ".bn", squeeze: ".sq.conv", excite: ".ex.conv" },
        }
    }
}

fn mbconv(
    keras: &mut Keras,
    config: &Config,
    stage: &Stage,
    theirs: &str,
    ours: &str,
    words: &Words,
) -> Result<(), BuildError> {
    let mut norms = 1..;
    for (m, module) in modules(stage).into_iter().enumerate() {
        let step = match (module, m) {
            (SE, _) => "se",
            ("conv_dw", _) => "dp",
            (_, 0) => "exp",
            _ => "red",
        };
        let (theirs, conv) = (format!("{theirs}{}{step}", words.dot), format!("{ours}.{module}"));
        match step {
            "se" => {
                keras.pointwise(&format!("{theirs}{}", words.squeeze), &format!("{conv}.conv_reduce"), true);
                keras.pointwise(&format!("{theirs}{}", words.excite), &format!("{conv}.conv_expand"), true);
                continue;
            }
            "dp" => {
                let window = Conv { padding: config.padding, ..Conv::new(1, stage.kernel) };
                keras.depthwise(&theirs, &conv, window)?;
            }
            _ => keras.pointwise(&format!("{theirs}.conv"), &conv, false),
        }
        if let Some(n) = norms.next() {
            keras.batch_norm(&format!("{theirs}{}", words.norm), &format!("{ours}.bn{n}"));
        }
    }
    Ok(())
}
