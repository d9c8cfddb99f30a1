//! Compatibility of a network with its data and its loss, checked before the first step.

use data::{ExampleTarget, Order, Splits};
use graph::{FieldError, Graph, Node, Op, Shape, listed};

use crate::evaluate::makes_probabilities;
use crate::{Config, LossConfig, TrainError};

/// Checks that the main output of a network suits the targets and the loss. The error's path is the
/// config key to change.
pub(crate) fn check(graph: &Graph, splits: &Splits, config: &Config) -> Result<(), TrainError> {
    let example = splits.train.example(0, Order::InOrder)?;
    let input = graph.inputs().map(|(_, node)| node.shape.dims()).next().unwrap_or_default();
    if input != example.input.shape() {
        let expected = format!("{}, the shape of the data", batch(example.input.shape()));
        return refused("input", expected, batch(&input));
    }
    check_batch(graph, splits.train.len(), config)?;
    let node = graph.node(graph.main_output().value);
    match &example.target {
        ExampleTarget::Class(_) => {
            check_classes(splits, config, &node.shape, &[])?;
            check_logits(node)
        }
        ExampleTarget::Labels(_) => {
            check_labels(splits, config, &node.shape)?;
            check_logits(node)
        }
        ExampleTarget::Positions(_) => {
            check_classes(splits, config, &node.shape, &example.input.shape()[1..])?;
            check_logits(node)
        }
        ExampleTarget::Values(values) => check_values(values.shape(), &node.shape, config),
    }
}

/// Checks that batch norms have more than one value per channel in a batch, because a single value has no variance.
fn check_batch(graph: &Graph, examples: usize, config: &Config) -> Result<(), TrainError> {
    let batch = config.batch_size.min(examples);
    for (_, node) in graph.nodes() {
        let positions: usize = node.shape.space.iter().product();
        if matches!(node.op, Op::BatchNorm(_)) && positions * batch < 2 {
            let field = if config.batch_size < 2 { "train.batch_size" } else { "data.train" };
            let found =
                format!("{batch}; the batch norm `{}` has 1 value per channel and example", node.name);
            return refused(field, "at least 2 examples in a batch", found);
        }
    }
    Ok(())
}

/// Checks for one output per class, at each position of `space`. A binary loss also takes a single
/// output for two classes.
fn check_classes(
    splits: &Splits,
    config: &Config,
    output: &Shape,
    space: &[usize],
) -> Result<(), TrainError> {
    let classes = splits.classes.len();
    if classes < 2 {
        let found = format!("{classes} ({})", listed(&splits.classes));
        return refused("data.classes", "at least 2 classes", found);
    }
    if let Some(loss) = &config.loss
        && !loss.takes_classes()
    {
        let expected = "`cross_entropy`, `binary`, `focal` or `dice` for classes";
        return refused("train.loss", expected, quoted(loss.name()));
    }
    let (task, other) = if space.is_empty() {
        ("classification", "segmentation")
    } else {
        ("segmentation", "classification")
    };
    let needed = Shape::new(classes, space);
    if output.rank() != needed.rank() {
        let expected = format!("outputs of {needed} for {task}");
        return refused("data.task", expected, format!("{output}, as for {other}"));
    }
    if output.space != needed.space {
        return refused("params", format!("outputs of {needed} for {task}"), output);
    }
    if output.channels == classes {
        return Ok(());
    }
    if output.channels == 1 && classes == 2 {
        if matches!(config.loss, Some(LossConfig::Binary(_))) {
            return Ok(());
        }
        let loss = config.loss.as_ref().map_or("cross_entropy", LossConfig::name);
        let expected = format!("`binary` for a single output {output}, or outputs of {needed}");
        return refused("train.loss", expected, quoted(loss));
    }
    let expected = format!("outputs of {needed} for {classes} classes ({})", listed(&splits.classes));
    refused("classes", expected, output)
}

/// Checks for one output per class, of which an example may have any number.
fn check_labels(splits: &Splits, config: &Config, output: &Shape) -> Result<(), TrainError> {
    if let Some(loss) = &config.loss
        && !matches!(loss, LossConfig::Binary(_))
    {
        return refused("train.loss", "`binary` for several classes per example", quoted(loss.name()));
    }
    let classes = splits.classes.len();
    let needed = Shape::new(classes, []);
    if *output == needed {
        return Ok(());
    }
    if output.rank() != needed.rank() {
        let expected = format!("outputs of {needed} for multi_label");
        return refused("params", expected, format!("{output}, as for segmentation"));
    }
    let expected = format!("outputs of {needed} for {classes} classes ({})", listed(&splits.classes));
    refused("classes", expected, output)
}

/// The losses of classes take logits.
fn check_logits(output: &Node) -> Result<(), TrainError> {
    if !makes_probabilities(&output.op) {
        return Ok(());
    }
    let found = format!("probabilities from `{}`; remove `output_activation`", output.name);
    refused("params", "logits as outputs", found)
}

/// Checks for outputs of the targets' shape.
fn check_values(target: &[usize], output: &Shape, config: &Config) -> Result<(), TrainError> {
    if let Some(loss) = &config.loss
        && loss.takes_classes()
    {
        return refused("train.loss", "`mse` or `mae` for values", quoted(loss.name()));
    }
    if output.dims() == target {
        return Ok(());
    }
    // The config's `classes` are the output's channels; the sizes are the architecture's.
    let only_channels_differ = output.rank() + 1 == target.len() && output.dims()[1..] == target[1..];
    let field = if only_channels_differ { "classes" } else { "params" };
    refused(field, format!("outputs of {}, the shape of the targets", batch(target)), output)
}

/// Sizes in the notation of a [`Shape`], with the batch's axis.
fn batch(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
    format!("[N, {}]", sizes.join(", "))
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

fn refused(
    field: &str,
    expected: impl std::fmt::Display,
    found: impl std::fmt::Display,
) -> Result<(), TrainError> {
    Err(TrainError::Mismatch(FieldError::expected(field, expected, found)))
}
