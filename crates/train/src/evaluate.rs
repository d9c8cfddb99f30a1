//! Evaluation of a net on examples.

use data::{Examples, MASKED, Order, Splits};
use graph::{Array, FieldError};
use model::{Model, Normalization, Task};
use report::{Confusion, Errors, Outcome};
use torch::Net;
use torch::tch::{Kind, Tensor, no_grad};

use crate::loss::loss;
use crate::tensors::{Pair, Target, tensor};
use crate::{Config, TrainError};

/// The task of a net, with what its inputs and outputs stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskInfo {
    /// The task.
    pub task: Task,
    /// The names of the classes; empty if the outputs are values.
    pub classes: Vec<String>,
    /// The names of the outputs of a regression; empty if they are unknown.
    pub outputs: Vec<String>,
    /// The normalization of the inputs.
    pub normalization: Normalization,
    /// The normalization of the targets of a regression. `None` if they are in the data's units.
    pub target_normalization: Option<Normalization>,
}

impl TaskInfo {
    /// The task of a trained model, or `None` if the model's task is not known.
    pub fn of(model: &Model) -> Option<Self> {
        Some(Self {
            task: model.task?,
            classes: model.classes.clone(),
            outputs: model.outputs.clone(),
            normalization: model.normalization.clone(),
            target_normalization: model.target_normalization.clone(),
        })
    }
}

impl From<&Splits> for TaskInfo {
    fn from(splits: &Splits) -> Self {
        Self {
            task: splits.config.task,
            classes: splits.classes.clone(),
            outputs: splits.outputs.clone(),
            normalization: splits.normalization.clone(),
            target_normalization: splits.target_normalization.clone(),
        }
    }
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean loss of the batches.
    pub loss: f64,
    /// Counts of classes, or errors of values.
    pub outcome: Outcome,
}

/// Runs `net` in inference on all examples in order, in batches and with the loss of `config`.
///
/// Errors of signals are in the data's units.
///
/// # Errors
/// Data that cannot be read, or outputs that do not match the targets.
pub fn evaluate(
    net: &Net,
    examples: &Examples,
    info: &TaskInfo,
    config: &Config,
) -> Result<Evaluation, TrainError> {
    let mut outcome = if info.task.has_classes() {
        Outcome::Classes(Confusion::new(info.classes.clone()))
    } else {
        Outcome::Values(Errors::new())
    };
    let (mut losses, mut batches) = (0.0, 0u32);
    for batch in examples.batches(Order::InOrder, config.batch_size, 0) {
        let pair = Pair::new(&batch?, net.device())?;
        no_grad(|| {
            let outputs = net.run(&pair.input, false)?;
            losses += loss(&outputs, &pair.target, None, config.loss)?.f_double_value(&[])?;
            count(&mut outcome, &outputs, &pair, info)
        })?;
        batches += 1;
    }
    Ok(Evaluation { loss: losses / f64::from(batches.max(1)), outcome })
}

/// The outputs of `net` in inference for a batch of normalized inputs `[N, C, …]`.
///
/// # Errors
/// Inputs that the net refuses.
pub fn predict(net: &Net, inputs: &Array) -> Result<Array, TrainError> {
    no_grad(|| {
        let outputs = net.run(&tensor(inputs, net.device())?, false)?;
        Ok(torch::array(&outputs)?)
    })
}

fn count(outcome: &mut Outcome, outputs: &Tensor, pair: &Pair, info: &TaskInfo) -> Result<(), TrainError> {
    match (outcome, &pair.target) {
        (Outcome::Classes(confusion) | Outcome::Positions(confusion), Target::Classes(classes)) => {
            count_classes(confusion, outputs, classes)
        }
        (Outcome::Values(errors), Target::Values(targets)) => {
            // Only signals are normalized as the input is.
            let signal = if info.task == Task::Denoising { Some(&pair.input) } else { None };
            count_errors(errors, outputs, targets, signal, &info.normalization)
        }
        (_, Target::Labels(_))
        | (Outcome::Classes(_) | Outcome::Positions(_) | Outcome::Labels(_), Target::Values(_))
        | (Outcome::Labels(_), Target::Classes(_))
        | (Outcome::Values(_), Target::Classes(_)) => {
            let expected = format!("targets for {}", info.task);
            Err(TrainError::Mismatch(FieldError::expected("data.task", expected, "those of another task")))
        }
    }
}

fn count_classes(confusion: &mut Confusion, outputs: &Tensor, classes: &Tensor) -> Result<(), TrainError> {
    let truths = Vec::<i64>::try_from(&classes.f_reshape([-1])?)?;
    let predictions = Vec::<i64>::try_from(&predicted_classes(outputs)?.f_reshape([-1])?)?;
    let index = |class: i64| usize::try_from(class).unwrap_or(0);
    for (truth, prediction) in truths.into_iter().zip(predictions) {
        if truth != MASKED {
            confusion.add(index(truth), index(prediction));
        }
    }
    Ok(())
}

/// Adds the errors of a batch. A noisy `signal` as input has the units of the outputs.
fn count_errors(
    errors: &mut Errors,
    outputs: &Tensor,
    targets: &Tensor,
    signal: Option<&Tensor>,
    normalization: &Normalization,
) -> Result<(), TrainError> {
    let data_units = |tensor: &Tensor| -> Result<Vec<f32>, TrainError> {
        let values = torch::array(tensor)?.data().to_vec();
        if signal.is_none() {
            return Ok(values);
        }
        Ok(normalization.invert(&values).into_iter().map(graph::single).collect())
    };
    for i in 0..outputs.size()[0] {
        let input = match signal {
            Some(signal) => Some(data_units(&signal.get(i))?),
            None => None,
        };
        errors.add(input.as_deref(), &data_units(&targets.get(i))?, &data_units(&outputs.get(i))?);
    }
    Ok(())
}

/// The class of each position: that of the largest output, or, for a single output, whether it is
/// above 0.
pub(crate) fn predicted_classes(outputs: &Tensor) -> Result<Tensor, TrainError> {
    if outputs.size()[1] == 1 {
        Ok(outputs.f_select(1, 0)?.f_gt(0.0)?.f_to_kind(Kind::Int64)?)
    } else {
        Ok(outputs.f_argmax(1, false)?)
    }
}
