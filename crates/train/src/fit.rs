//! Whether a network, its data and its loss go together; known before the first step.

use data::{ExampleTarget, Order, Splits};
use graph::{Activation, Graph, Op, Shape};

use crate::{Config, Error, Loss};

/// Refuses a network whose main output is not what the targets and the loss need.
///
/// The sentence begins with the key of the config that is to change.
pub(crate) fn check(graph: &Graph, splits: &Splits, config: &Config) -> Result<(), Error> {
    let example = splits.train.example(0, Order::InOrder)?;
    let input = graph.inputs().map(|(_, node)| node.shape.dims()).next().unwrap_or_default();
    if input != example.input.shape() {
        let message =
            format!("the network takes {}; the data have {}", batch(&input), batch(example.input.shape()));
        return refused("input", message);
    }
    let node = graph.node(graph.main_output().value);
    let output = &node.shape;
    let space = &example.input.shape()[1..];
    match &example.target {
        ExampleTarget::Class(_) => classes(splits, config, output, &[])?,
        ExampleTarget::Positions(_) => classes(splits, config, output, space)?,
        ExampleTarget::Values(values) => return of_values(values.shape(), output, config),
    }
    let squash = [Op::Softmax, Op::Activation(Activation::Sigmoid), Op::Activation(Activation::HardSigmoid)];
    if !squash.contains(&node.op) {
        return Ok(());
    }
    let message = format!(
        "the network ends in `{}`, which makes probabilities of logits, but the loss takes logits; leave \
         `output_activation` out",
        node.name
    );
    refused("params", message)
}

/// One output for each class, at each position of `space`; for a binary loss one in all will do.
fn classes(splits: &Splits, config: &Config, output: &Shape, space: &[usize]) -> Result<(), Error> {
    let classes = splits.classes.len();
    if classes < 2 {
        let names = splits.classes.join(", ");
        let message = format!("{classes} in the data ({names}); at least 2 are needed");
        return refused("data.classes", message);
    }
    let is_binary = config.loss == Some(Loss::Binary);
    if let Some(loss @ (Loss::Mse | Loss::Mae)) = config.loss {
        let message = format!(
            "`{}` is for values; of classes cross_entropy, binary, focal or dice is needed",
            name(loss)
        );
        return refused("train.loss", message);
    }
    if let Some(loss @ (Loss::Focal | Loss::Dice)) = config.loss
        && config.label_smoothing > 0.0
    {
        let message = format!("{}; `{}` has none, 0 is needed", config.label_smoothing, name(loss));
        return refused("train.label_smoothing", message);
    }
    let (task, other) = match space {
        [] => ("classification", "segmentation"),
        _ => ("segmentation", "classification"),
    };
    let needed = Shape::new(classes, space);
    if output.rank() != needed.rank() {
        let message = format!("{task} needs {needed}; the network puts out {output}, as {other} has it");
        return refused("data.task", message);
    }
    if output.space != needed.space {
        return refused("params", format!("the network puts out {output}; {task} needs {needed}"));
    }
    match output.channels {
        1 if classes == 2 && is_binary => Ok(()),
        1 if classes == 2 => refused(
            "train.loss",
            format!("the network puts out {output}; one output for two classes needs `binary`, or {needed}"),
        ),
        channels if channels == classes => Ok(()),
        _ => refused(
            "classes",
            format!(
                "the network puts out {output}; the data have {classes} classes ({}), which need {needed}",
                splits.classes.join(", ")
            ),
        ),
    }
}

/// Outputs of the targets' shape.
fn of_values(target: &[usize], output: &Shape, config: &Config) -> Result<(), Error> {
    if let Some(loss @ (Loss::CrossEntropy | Loss::Binary | Loss::Focal | Loss::Dice)) = config.loss {
        return refused(
            "train.loss",
            format!("`{}` is for classes; of values mse or mae is needed", name(loss)),
        );
    }
    if config.label_smoothing > 0.0 {
        return refused(
            "train.label_smoothing",
            format!("{}; the targets are no classes, 0 is needed", config.label_smoothing),
        );
    }
    if output.dims() == target {
        return Ok(());
    }
    // Channels are what `classes` says; sizes are the architecture's.
    let field = if output.rank() + 1 == target.len() && output.dims()[1..] == target[1..] {
        "classes"
    } else {
        "params"
    };
    refused(field, format!("the network puts out {output}; the targets are {}", batch(target)))
}

fn name(loss: Loss) -> &'static str {
    match loss {
        Loss::CrossEntropy => "cross_entropy",
        Loss::Binary => "binary",
        Loss::Focal => "focal",
        Loss::Dice => "dice",
        Loss::Mse => "mse",
        Loss::Mae => "mae",
    }
}

/// Sizes as a shape is written, with the batch's axis.
fn batch(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
    format!("[N, {}]", sizes.join(", "))
}

fn refused(field: &str, message: impl std::fmt::Display) -> Result<(), Error> {
    Err(Error::Fit(format!("{field}: {message}")))
}
