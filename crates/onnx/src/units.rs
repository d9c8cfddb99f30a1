//! Inputs in the units of the data, and outputs that are probabilities or values in these units.

use graph::{Graph, Op, single};
use model::{Model, Normalization, Task};

use crate::error::ExportError;
use crate::writer::{Writer, int};

/// The largest mean in units of the deviation for which f32 keeps about three digits of a normalized input.
const LARGEST_RATIO: f64 = 16_384.0;

/// The change of the main output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending<'m> {
    /// No change.
    Unchanged,
    /// Values in the units of the data.
    DataUnits(&'m Normalization),
    /// The probability of each class.
    Probabilities(Function),
}

/// The function from the graph's output to probabilities.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Function {
    /// The outputs already are probabilities.
    None,
    Softmax,
    /// For each class separately.
    Sigmoid,
    /// Probabilities of two classes from one logit.
    Pair,
    /// Probabilities of two classes from that of the second.
    PairOfProbability,
}

impl<'m> Ending<'m> {
    /// The change of the main output of `graph`, which is `model` as it is exported.
    pub(crate) fn new(
        model: &'m Model,
        graph: &Graph,
        raw_input: bool,
        probabilities: bool,
    ) -> Result<Self, ExportError> {
        if probabilities {
            return Ok(Self::Probabilities(function(model, graph)?));
        }
        match model.output_normalization() {
            Some(normalization) if raw_input && !normalization.is_identity() => {
                check_range(normalization)?;
                Ok(Self::DataUnits(normalization))
            }
            Some(_) | None => Ok(Self::Unchanged),
        }
    }

    /// Whether the change adds nodes.
    pub(crate) fn adds_nodes(self) -> bool {
        !matches!(self, Self::Unchanged | Self::Probabilities(Function::None))
    }

    /// Returns the number of channels of the main output in the file, which has `channels` in the graph.
    pub(crate) fn channels(self, channels: usize) -> usize {
        match self {
            Self::Probabilities(Function::Pair | Function::PairOfProbability) => 2 * channels,
            Self::Unchanged | Self::DataUnits(_) | Self::Probabilities(_) => channels,
        }
    }

    /// Adds the nodes that compute `output` from `x`, which has `rank` spatial axes.
    pub(crate) fn write(self, writer: &mut Writer, x: &str, output: &str, rank: usize) {
        match self {
            Self::Unchanged | Self::Probabilities(Function::None) => {}
            Self::DataUnits(normalization) => {
                let [mean, deviation] = constants(writer, normalization, rank);
                let scaled = part(writer, output, "scaled", "Mul", &[x, &deviation]);
                writer.node(output, "Add", &[&scaled, &mean], output, vec![]);
            }
            Self::Probabilities(Function::Softmax) => {
                writer.node(output, "Softmax", &[x], output, vec![int("axis", 1)]);
            }
            Self::Probabilities(Function::Sigmoid) => writer.node(output, "Sigmoid", &[x], output, vec![]),
            Self::Probabilities(Function::Pair) => {
                let second = part(writer, output, "second", "Sigmoid", &[x]);
                pair(writer, &second, output);
            }
            Self::Probabilities(Function::PairOfProbability) => pair(writer, x, output),
        }
    }
}

/// Refuses means and deviations that f32 cannot represent.
fn check_range(normalization: &Normalization) -> Result<(), ExportError> {
    let channels = normalization.mean.iter().zip(&normalization.deviation);
    for (channel, (mean, deviation)) in channels.enumerate() {
        if !single(*mean).is_finite() || !single(*deviation).is_normal() {
            return Err(ExportError::Options(format!(
                "raw input: expected a mean and a deviation in the range of f32, found {mean:e} and {deviation:e} in \
                 channel {channel}; convert the units in f64 instead"
            )));
        }
    }
    Ok(())
}

/// Adds the normalization of the input `x` and returns the name of the normalized input.
pub(crate) fn normalize(
    writer: &mut Writer,
    normalization: &Normalization,
    x: &str,
    rank: usize,
) -> Result<String, ExportError> {
    if normalization.is_identity() {
        return Ok(x.to_owned());
    }
    check_range(normalization)?;
    let ratios =
        normalization.mean.iter().zip(&normalization.deviation).map(|(mean, deviation)| mean / deviation);
    if let Some((channel, ratio)) = ratios.enumerate().find(|(_, ratio)| ratio.abs() > LARGEST_RATIO) {
        return Err(ExportError::Options(format!(
            "raw input: expected a mean of at most {LARGEST_RATIO} deviations in each channel, found {ratio:.0} in channel \
             {channel}, which f32 cannot normalize precisely; normalize the input in f64 instead"
        )));
    }
    let [mean, deviation] = constants(writer, normalization, rank);
    let centered = part(writer, x, "centered", "Sub", &[x, &mean]);
    Ok(part(writer, x, "normalized", "Div", &[&centered, &deviation]))
}

/// The mean and deviation of each channel.
fn constants(writer: &mut Writer, normalization: &Normalization, rank: usize) -> [String; 2] {
    [&normalization.mean, &normalization.deviation].map(|values| {
        let dims = [vec![values.len()], vec![1; rank]].concat();
        writer.floats(&dims, values)
    })
}

/// The probability of two classes from that of the second.
fn pair(writer: &mut Writer, second: &str, output: &str) {
    let one = writer.scalar(1.0);
    let first = part(writer, output, "first", "Sub", &[&one, second]);
    writer.node(output, "Concat", &[&first, second], output, vec![int("axis", 1)]);
}

fn part(writer: &mut Writer, name: &str, part: &str, op_type: &str, inputs: &[&str]) -> String {
    let name = writer.unique(&format!("{name}/{part}"));
    writer.node(&name, op_type, inputs, &name, vec![]);
    name
}

/// The function from the main output to probabilities, as in `factory predict`.
fn function(model: &Model, graph: &Graph) -> Result<Function, ExportError> {
    let main = graph.node(graph.main_output().value);
    let is_activated = matches!(main.op, Op::Activation(_));
    match model.task {
        Some(Task::MultiLabel) if is_activated => Ok(Function::None),
        Some(Task::MultiLabel) => Ok(Function::Sigmoid),
        Some(Task::Classification | Task::Segmentation) if main.shape.channels == 1 => {
            Ok(if is_activated { Function::PairOfProbability } else { Function::Pair })
        }
        Some(Task::Classification | Task::Segmentation) => {
            Ok(if main.op == Op::Softmax { Function::None } else { Function::Softmax })
        }
        Some(task @ (Task::Regression | Task::Denoising)) => Err(ExportError::Options(format!(
            "probabilities: expected a model that predicts classes, found one for {task}"
        ))),
        None => Err(ExportError::Options(
            "probabilities: expected a model that predicts classes, found one without a task".to_owned(),
        )),
    }
}
