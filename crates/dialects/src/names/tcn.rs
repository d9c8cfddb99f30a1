//! Names in Keras packages.

use ::tcn::{Block, Config};
use graph::{BuildError, Conv, ErrorKind, Extent, Graph, Op, Shape};

use super::{NO_COUNTERPART, Names};
use crate::{Ambiq, Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        match dialect {
            Dialect::PytorchTcn => Some(Ok(Vec::new())),
            Dialect::KerasTcn => Some(keras_tcn(self, input.clone())),
            _ => Some(keras(self, input.clone(), dialect.ambiq()?)),
        }
    }

    fn architecture(&self) -> &'static str {
        "tcn"
    }
}

/// The variables of SleepKit's or helia-edge's model.
///
/// They run a series as an image of height 1: a kernel `7` is 7×7 there, of which one row meets
/// data, and `[1, 7]` is that row alone. `config` may be that of the image, before
/// [`Config::of_series`].
///
/// # Errors
/// As [`graph()`](::tcn::graph()); a layer that these packages do not have, a kernel none of whose
/// rows meets data.
fn keras(config: &Config, input: Shape, origin: Ambiq) -> Result<Vec<Rename>, BuildError> {
    let keras = Keras::new(input.rank());
    let graph = if input.rank() == 1 {
        ::tcn::graph(&config.of_series(), input)?
    } else {
        ::tcn::graph(config, input)?
    };
    renames(config, &graph, keras, |parts, op| ambiq(parts, op, origin))
}

/// The variables of a keras-tcn layer called `tcn` and a dense layer called `head`.
///
/// # Errors
/// As [`graph()`](::tcn::graph()); a layer that keras-tcn does not have.
fn keras_tcn(config: &Config, input: Shape) -> Result<Vec<Rename>, BuildError> {
    let graph = ::tcn::graph(config, input)?;
    renames(config, &graph, Keras::as_it_is(), residual)
}

/// The variables of each node that has parameters, where `theirs` names the Keras layer.
fn renames(
    config: &Config,
    graph: &Graph,
    mut keras: Keras,
    theirs: impl Fn(&[&str], &Op) -> Option<String>,
) -> Result<Vec<Rename>, BuildError> {
    let blocks: Vec<&Block> = config.sequence().collect();
    for (_, node) in graph.nodes().filter(|(_, node)| !graph.parameters_of(node).is_empty()) {
        let ours = &node.name;
        let parts: Vec<&str> = ours.split('.').collect();
        let Some(theirs) = theirs(&parts, &node.op) else {
            return Err(BuildError::new(ours, ErrorKind::Attribute, NO_COUNTERPART));
        };
        if let Op::Conv(conv) = node.op
            && theirs != "head"
        {
            let conv = as_configured(config, &blocks, &parts, conv);
            if matches!(parts[..], ["encoder", _] | ["network", _, _, "depthwise", ..]) {
                keras.depthwise(&theirs, ours, conv)?;
            } else {
                keras.conv(&theirs, ours, conv)?;
            }
        } else if matches!(node.op, Op::BatchNorm(_)) {
            keras.batch_norm(&theirs, ours);
        } else if matches!(node.op, Op::LayerNorm { .. }) {
            keras.layer_norm(&theirs, ours);
        } else if matches!(node.op, Op::PositionNorm { .. }) {
            keras.position_norm(&theirs, ours);
        } else {
            keras.dense(&theirs, ours);
        }
    }
    Ok(keras.renames())
}

/// The convolution with kernel and dilation as the config has them; the graph of a series keeps one
/// axis only.
fn as_configured(config: &Config, blocks: &[&Block], parts: &[&str], conv: Conv) -> Conv {
    let kernel = match (parts, &config.encoder) {
        (["encoder", ..], Some(encoder)) => encoder.kernel,
        (["projection_out"], _) => config.head_kernel,
        (["network", i, _, "depthwise", ..] | ["network", i, _, "conv1" | "conv2"], _) => {
            let block = i.parse().ok().and_then(|i: usize| blocks.get(i));
            return block.map_or(conv, |block| config.dilated(block, conv));
        }
        // A 1×1 convolution has one row.
        _ => Extent::All(1),
    };
    Conv { kernel, ..conv }
}

/// SleepKit's name of a layer: parts joined by `.`, in helia-edge by `_`; blocks, layers and branches
/// counted from 1.
fn ambiq(parts: &[&str], op: &Op, origin: Ambiq) -> Option<String> {
    let kinds = [
        (matches!(op, Op::Conv(_)), "CN"),
        (matches!(op, Op::BatchNorm(_)), "BN"),
        (matches!(op, Op::PositionNorm { .. }), "LN"),
    ];
    let (_, kind) = kinds.into_iter().find(|(is_it, _)| *is_it)?;
    let own = |part: &str| part.to_owned();
    let name = match *parts {
        ["encoder", _] => vec![own("ENC"), own(kind)],
        ["projection_out"] => vec![own("NECK"), own("conv")],
        ["network", i, "se", conv] => vec![counted("B", i)?, own("SE"), squeeze(conv)?],
        ["network", i, d, "se", conv] => vec![counted("B", i)?, counted("D", d)?, own("SE"), squeeze(conv)?],
        ["network", i, d, "expand", _] => vec![counted("B", i)?, counted("D", d)?, own("EX"), own(kind)],
        ["network", i, d, step @ ("depthwise" | "pointwise"), .., _] => {
            let branch = if let [.., "conv_kxk", branch, _] = *parts { branch } else { "0" };
            let step = if step == "depthwise" { "DW" } else { "PW" };
            vec![counted("B", i)?, counted("D", d)?, own(step), counted("B", branch)?, own(kind)]
        }
        ["network", i, d, conv @ ("conv1" | "conv2")] => {
            vec![counted("B", i)?, counted("D", d)?, conv.replace("conv", "CN")]
        }
        ["network", i, d, norm @ ("norm1" | "norm2")] => {
            vec![counted("B", i)?, counted("D", d)?, norm.replace("norm", "CN"), own(kind)]
        }
        _ => return None,
    };
    Some(match origin {
        Ambiq::HeliaEdge => name.join("_"),
        Ambiq::SleepKit if parts.contains(&"se") => format!("{}.conv", name.join(".")),
        Ambiq::SleepKit => name.join("."),
    })
}

fn counted(prefix: &str, index: &str) -> Option<String> {
    index.parse::<usize>().ok().map(|i| format!("{prefix}{}", i + 1))
}

/// The convolutions of squeeze-excite.
fn squeeze(conv: &str) -> Option<String> {
    match conv {
        "fc1" => Some("sq".to_owned()),
        "fc2" => Some("ex".to_owned()),
        _ => None,
    }
}

/// keras-tcn's name of a layer; Keras counts the norms of all blocks.
fn residual(parts: &[&str], op: &Op) -> Option<String> {
    let kinds = [
        (matches!(op, Op::BatchNorm(_)), "batch_normalization"),
        (matches!(op, Op::LayerNorm { .. }), "layer_normalization"),
        (matches!(op, Op::Conv(conv) if !conv.weight_norm), "conv1D"),
        (matches!(op, Op::Linear(_)), "dense"),
    ];
    let (_, kind) = kinds.into_iter().find(|(is_it, _)| *is_it)?;
    if matches!(op, Op::Conv(conv) if parts == ["projection_out"] && !conv.kernel.is_one()) {
        return None;
    }
    let norm = |i: &str, second: usize| match 2 * i.parse::<usize>().ok()? + second {
        0 => Some(kind.to_owned()),
        count => Some(format!("{kind}_{count}")),
    };
    let (i, layer) = match *parts {
        ["linear" | "projection_out"] => return Some("head".to_owned()),
        ["network", i, "conv1"] => (i, "conv1D_0".to_owned()),
        ["network", i, "conv2"] => (i, "conv1D_1".to_owned()),
        ["network", i, "norm1"] => (i, norm(i, 0)?),
        ["network", i, "norm2"] => (i, norm(i, 1)?),
        ["network", i, "downsample"] => (i, "matching_conv1D".to_owned()),
        _ => return None,
    };
    Some(format!("tcn/residual_block_{i}/{layer}"))
}
