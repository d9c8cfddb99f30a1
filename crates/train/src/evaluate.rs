//! How well a net does on examples.

use data::{Examples, MASKED, Normalization, Order, Task};
use graph::Array;
use report::{Confusion, Errors, Outcome};
use torch::Net;
use torch::tch::{Kind, Tensor, no_grad};

use crate::loss::loss;
use crate::tensors::{Pair, Target, tensor};
use crate::{Config, Error};

/// What a net is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Purpose {
    /// The task.
    pub task: Task,
    /// The classes' names; none where it puts out values.
    pub classes: Vec<String>,
    /// What inputs went through.
    pub normalization: Normalization,
}

/// What an evaluation found, and the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean over batches.
    pub loss: f64,
    /// Counts or errors.
    pub outcome: Outcome,
}

/// Runs `net` on all examples in order, as for inference.
///
/// Errors of values are in the data's own units where targets were standardized as inputs are, that
/// is, in denoising.
///
/// # Errors
/// Data that cannot be read, outputs that do not fit the targets.
pub fn evaluate(
    net: &Net,
    examples: &Examples,
    purpose: &Purpose,
    config: &Config,
) -> Result<Evaluation, Error> {
    let mut outcome = match purpose.task {
        Task::Classification | Task::Segmentation => {
            Outcome::Classes(Confusion::new(purpose.classes.clone()))
        }
        Task::Regression | Task::Denoising => Outcome::Values(Errors::new()),
    };
    let (mut losses, mut batches) = (0.0, 0u32);
    for batch in examples.batches(Order::InOrder, config.batch, 0) {
        let pair = Pair::new(&batch?, net.device())?;
        no_grad(|| {
            let outputs = net.run(&pair.input, false)?;
            losses += loss(&outputs, &pair.target, None, config)?.f_double_value(&[])?;
            count(&mut outcome, &outputs, &pair, purpose)
        })?;
        batches += 1;
    }
    Ok(Evaluation { loss: losses / f64::from(batches.max(1)), outcome })
}

/// What `net` puts out for a batch of inputs `[N, C, …]`, which are standardized already.
///
/// # Errors
/// Inputs that the net refuses.
pub fn predict(net: &Net, inputs: &Array) -> Result<Array, Error> {
    no_grad(|| {
        let outputs = net.run(&tensor(inputs, net.device())?, false)?;
        Ok(torch::array(&outputs)?)
    })
}

fn count(outcome: &mut Outcome, outputs: &Tensor, pair: &Pair, purpose: &Purpose) -> Result<(), Error> {
    match (outcome, &pair.target) {
        (Outcome::Classes(confusion), Target::Classes(classes)) => {
            let truths = Vec::<i64>::try_from(&classes.f_reshape([-1])?)?;
            let predicted = Vec::<i64>::try_from(&classes_of(outputs)?.f_reshape([-1])?)?;
            for (truth, predicted) in truths.iter().zip(&predicted).filter(|(truth, _)| **truth != MASKED) {
                let index = |class: i64| usize::try_from(class).unwrap_or(0);
                confusion.add(index(*truth), index(*predicted));
            }
        }
        (Outcome::Values(errors), Target::Values(targets)) => {
            let is_signal = purpose.task == Task::Denoising;
            let own_units = |tensor: &Tensor| -> Result<Vec<f32>, Error> {
                let mut values = torch::array(tensor)?.data().to_vec();
                if is_signal {
                    purpose.normalization.invert(&mut values);
                }
                Ok(values)
            };
            for i in 0..outputs.size()[0] {
                let input = is_signal.then(|| own_units(&pair.input.get(i))).transpose()?;
                errors.add(input.as_deref(), &own_units(&targets.get(i))?, &own_units(&outputs.get(i))?);
            }
        }
        (Outcome::Classes(_), Target::Values(_)) | (Outcome::Values(_), Target::Classes(_)) => {
            return Err(Error::Fit("the targets are of another task".to_owned()));
        }
    }
    Ok(())
}

/// The class of each position: the largest output's, or, of one output, whether it is above 0.
pub(crate) fn classes_of(outputs: &Tensor) -> Result<Tensor, Error> {
    Ok(match outputs.size()[1] {
        1 => outputs.f_select(1, 0)?.f_gt(0.0)?.f_to_kind(Kind::Int64)?,
        _ => outputs.f_argmax(1, false)?,
    })
}
