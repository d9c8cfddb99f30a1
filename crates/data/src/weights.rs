//! The weights of the classes in the loss.

use graph::FieldError;

use crate::ClassWeights;
use crate::error::{expected, quoted};
use crate::number::single;

/// Returns the class weights, given how often each class occurs in the training set.
pub(crate) fn class_weights(
    weights: &ClassWeights,
    classes: &[String],
    counts: &[usize],
) -> Result<Vec<f32>, FieldError> {
    match weights {
        ClassWeights::List(weights) if weights.len() != classes.len() => {
            let message = expected(format!("{} weights, one per class", classes.len()), weights.len());
            Err(FieldError::new("class_weights", message))
        }
        ClassWeights::List(weights) => Ok(weights.clone()),
        ClassWeights::Balanced => {
            if let Some(missing) = counts.iter().position(|&count| count == 0) {
                let class = &classes[missing];
                let message = format!(
                    "the class {} has no training examples; list the weights explicitly",
                    quoted(class)
                );
                return Err(FieldError::new("class_weights", message));
            }
            let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
            Ok(counts.iter().map(|&count| single(mean / count as f64)).collect())
        }
    }
}
