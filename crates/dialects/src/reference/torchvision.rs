//! torchvision's models.

use resnet::{Block, Config};

use super::{Arguments, ReferenceError};

/// The names of `torchvision.models` that are ResNets.
const RESNETS: [&str; 10] = [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "wide_resnet50_2",
    "wide_resnet101_2",
];

/// `get_model(model, **kwargs)` or `ResNet(block, layers, **kwargs)`.
pub(super) fn resnet(arguments: &Arguments<'_>) -> Result<Config, ReferenceError> {
    let config = match arguments.field("model") {
        Some(model) => named(model.as_str().unwrap_or_default())?,
        None => custom(arguments)?,
    };
    arguments.ignore(&["weights", "progress", "zero_init_residual"]);
    let replace: Vec<bool> = arguments.get("replace_stride_with_dilation", vec![false; 3])?;
    if replace.len() != 3 {
        let found = format!("a list of {}", replace.len());
        return Err(ReferenceError::expected("replace_stride_with_dilation", "a list of 3", found));
    }
    let config = Config {
        classes: Some(arguments.get("num_classes", 1000)?),
        groups: arguments.get("groups", config.groups)?,
        base_width: arguments.get("width_per_group", config.base_width)?,
        ..config
    };
    arguments.finish()?;
    Ok(config.dilated(&replace))
}

fn named(model: &str) -> Result<Config, ReferenceError> {
    super::preset(model, |name| RESNETS.contains(&name))
}

fn custom(arguments: &Arguments<'_>) -> Result<Config, ReferenceError> {
    let block = match arguments.field("block").and_then(|block| block.as_str()) {
        Some("BasicBlock") => Block::Basic,
        Some("Bottleneck") => Block::Bottleneck,
        other => return Err(ReferenceError::Unsupported(format!("the block {}", other.unwrap_or("(none)")))),
    };
    Ok(Config::published(block, depths(arguments.field("layers"))?))
}

/// Four depths, as every ResNet of torchvision and timm has.
pub(super) fn depths(layers: Option<&serde_json::Value>) -> Result<[usize; 4], ReferenceError> {
    let layers = layers.unwrap_or(&serde_json::Value::Null);
    serde_json::from_value(layers.clone())
        .map_err(|_| ReferenceError::expected("layers", "a list of 4 non-negative integers", layers))
}
