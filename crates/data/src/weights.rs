//! The weights of the classes in the loss.

use graph::FieldError;

use crate::ClassWeights;
use crate::error::{expected, quoted};
use crate::number::single;

/// The frequency of each class in the training set.
pub(crate) struct Occurrences<'a> {
    pub(crate) classes: &'a [String],
    pub(crate) counts: &'a [usize],
    /// The number of examples if an example can belong to several classes, otherwise `None`. The weight of a class is
    /// then that of the examples that belong to it, relative to those that do not.
    pub(crate) examples: Option<usize>,
}

/// Returns the class weights.
pub(crate) fn class_weights(
    weights: &ClassWeights,
    occurrences: &Occurrences<'_>,
) -> Result<Vec<f32>, FieldError> {
    let classes = occurrences.classes.len();
    match weights {
        ClassWeights::List(weights) if weights.len() != classes => {
            let message = expected(format!("{classes} weights, one per class"), weights.len());
            Err(FieldError::new("class_weights", message))
        }
        ClassWeights::List(weights) => Ok(weights.clone()),
        ClassWeights::Balanced => occurrences.balanced(),
    }
}

impl Occurrences<'_> {
    fn balanced(&self) -> Result<Vec<f32>, FieldError> {
        let refuse = |class: usize, what: &str| {
            let class = quoted(&self.classes[class]);
            let message = format!("the class {class} has {what}; list the weights explicitly");
            FieldError::new("class_weights", message)
        };
        let counts = self.counts;
        if let Some(missing) = counts.iter().position(|&count| count == 0) {
            return Err(refuse(missing, "no training examples"));
        }
        let ratio = |above: f64, below: usize| single(above / below as f64);
        let Some(examples) = self.examples else {
            let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
            return Ok(counts.iter().map(|&count| ratio(mean, count)).collect());
        };
        if let Some(full) = counts.iter().position(|&count| count >= examples) {
            return Err(refuse(full, "all training examples"));
        }
        Ok(counts.iter().map(|&count| ratio((examples - count) as f64, count)).collect())
    }
}
