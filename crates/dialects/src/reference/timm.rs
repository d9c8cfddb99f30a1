//! timm's models.

use resnet::{Config, Shortcut, StemConv, StemPool};

use super::{Arguments, ReferenceError};

/// `create_model(model, **kwargs)` of `timm/models/resnet.py`.
pub(super) fn resnet(arguments: &Arguments<'_>, channels: usize) -> Result<Config, ReferenceError> {
    let model = architecture(arguments);
    let config = named(model)?;
    arguments.ignore(&["pretrained", "zero_init_last"]);
    let classes = classes(arguments, channels)?;
    let output_stride: usize = arguments.get("output_stride", 32)?;
    let config = Config {
        classes,
        groups: arguments.get("cardinality", config.groups)?,
        base_width: arguments.get("base_width", config.base_width)?,
        dropout: arguments.get("drop_rate", config.dropout)?,
        drop_path: arguments.get("drop_path_rate", config.drop_path)?,
        ..config
    };
    let config = stem(config, arguments)?;
    arguments.finish()?;
    Ok(config.dilated(&replaced(output_stride)?))
}

/// The model's name. Weights and their tag, such as `resnet50.a1_in1k`, do not change the network.
pub(super) fn architecture<'j>(arguments: &Arguments<'j>) -> &'j str {
    let model = arguments.field("model").and_then(|model| model.as_str()).unwrap_or_default();
    model.split('.').next().unwrap_or_default()
}

/// Number of classes of a model for inputs with this many channels; 0 stands for `None`.
pub(super) fn classes(arguments: &Arguments<'_>, channels: usize) -> Result<Option<usize>, ReferenceError> {
    let input: usize = arguments.get("in_chans", 3)?;
    if input != channels {
        let expected = format!("{channels} because of the input");
        return Err(ReferenceError::expected("in_chans", expected, input));
    }
    let pool: String = arguments.get("global_pool", "avg".to_owned())?;
    if pool != "avg" {
        return Err(ReferenceError::Unsupported(format!("the argument global_pool = {pool:?}")));
    }
    let classes: usize = arguments.get("num_classes", 1000)?;
    Ok(if classes > 0 { Some(classes) } else { None })
}

/// For each stage from the second on, true if it keeps its size for this total stride.
fn replaced(output_stride: usize) -> Result<[bool; 3], ReferenceError> {
    match output_stride {
        32 => Ok([false, false, false]),
        16 => Ok([false, false, true]),
        8 => Ok([false, true, true]),
        4 => Ok([true, true, true]),
        other => Err(ReferenceError::expected("output_stride", "one of 8, 16, 32", other)),
    }
}

/// The arguments that change a preset's stem and shortcut.
fn stem(config: Config, arguments: &Arguments<'_>) -> Result<Config, ReferenceError> {
    let preset = if config.stem.len() == 1 { "" } else { "deep" };
    let kind: Option<String> = arguments.get("stem_type", None)?;
    let width: Option<usize> = arguments.get("stem_width", None)?;
    let pooled = arguments.get("avg_down", config.shortcut == Shortcut::AveragePool)?;
    let replace = arguments.get("replace_stem_pool", config.stem_pool == StemPool::Conv)?;
    let shortcut = if pooled { Shortcut::AveragePool } else { Shortcut::Conv };
    let stem_pool = if replace { StemPool::Conv } else { StemPool::Max };
    let config = Config { shortcut, stem_pool, ..config };
    if kind.is_none() && width.is_none() {
        return Ok(config);
    }
    // timm's own default is 64; its presets with a deep stem set 32.
    let width = width.or_else(|| config.stem.get(1).map(|stem| stem.channels)).unwrap_or(64);
    let conv = |channels, kernel: usize, stride: usize| StemConv {
        channels,
        kernel: kernel.into(),
        stride: stride.into(),
    };
    let deep = |first| vec![conv(first, 3, 2), conv(width, 3, 1), conv(width.saturating_mul(2), 3, 1)];
    let stem = match kind.as_deref().unwrap_or(preset) {
        "" => vec![conv(64, 7, 2)],
        "deep" => deep(width),
        "deep_tiered" => deep((width / 4).saturating_mul(3)),
        other => return Err(ReferenceError::Unsupported(format!("the argument stem_type = {other:?}"))),
    };
    Ok(Config { stem, ..config })
}

/// A preset, or a variant by its name: `se` as a prefix, `c`, `s`, `d` or `t` as a suffix.
fn named(model: &str) -> Result<Config, ReferenceError> {
    if let Ok(config) = super::preset(model, |name| name != "micro") {
        return Ok(config);
    }
    if let Some(plain) = model.strip_prefix("se")
        && !plain.starts_with("se")
    {
        return Ok(Config { se_divisor: Some(16.0), ..named(plain)? });
    }
    let unknown = || ReferenceError::Unsupported(format!("timm's model {model:?}"));
    let (depth, cardinality) = match model.split_once('_') {
        Some((depth, cardinality)) => (depth, Some(cardinality)),
        None => (model, None),
    };
    let config = match depth.strip_prefix("resnext") {
        Some(depth) => {
            let plain = format!("resnet{depth}");
            let (groups, width) = cardinality.and_then(|text| text.split_once('x')).ok_or_else(unknown)?;
            let groups = groups.parse().map_err(|_| unknown())?;
            let base_width =
                width.strip_suffix('d').and_then(|width| width.parse().ok()).ok_or_else(unknown)?;
            Config { groups, base_width, ..named(&plain)? }
        }
        None => {
            let split = depth
                .len()
                .checked_sub(1)
                .filter(|split| depth.is_char_boundary(*split))
                .ok_or_else(unknown)?;
            let (plain, letter) = depth.split_at(split);
            let config = super::preset(plain, |_| cardinality.is_none()).map_err(|_| unknown())?;
            match letter {
                "d" => config.deep(32, 32),
                "t" => config.deep(24, 32),
                "c" => Config { shortcut: Shortcut::Conv, ..config.deep(32, 32) },
                "s" => wide_stem(config),
                _ => return Err(unknown()),
            }
        }
    };
    Ok(config)
}

/// The S stem: as C, twice as wide.
fn wide_stem(config: Config) -> Config {
    let mut config = Config { shortcut: Shortcut::Conv, ..config.deep(64, 64) };
    config.stem[2].channels = 128;
    config
}
