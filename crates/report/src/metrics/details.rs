//! Details of an evaluation beside its outcome.

use std::collections::BTreeMap;

use crate::{Outcome, Scores};

/// Details of an evaluation: curves, groups, baselines and the losses of single examples. Parts that were not
/// collected are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The scores of each class or label, in order. For two classes of one output, those of both classes.
    pub scores: Vec<Scores>,
    /// The outcome of each group, such as a subject.
    pub groups: BTreeMap<String, Outcome>,
    /// What predictions without a model reach on the same examples.
    pub baselines: Vec<Baseline>,
    /// The loss of each example, in order. NaN if the example has no known target.
    pub losses: Vec<f64>,
}

/// Predictions without a model, such as always the most frequent class of the training set.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// A name such as `most frequent class (walk)` or `mean of the training targets`.
    pub name: String,
    /// The outcome on the examples of the evaluation.
    pub outcome: Outcome,
}

impl Details {
    /// Largest number of classes for which scores are worth collecting.
    pub const MOST_CLASSES: usize = 100;

    /// The baselines that are at least as good as `outcome`, judged by [`Outcome::score`].
    pub fn not_beaten(&self, outcome: &Outcome) -> Vec<&Baseline> {
        let score = outcome.score();
        let not_beaten = |baseline: &&Baseline| score.is_nan() || score <= baseline.outcome.score();
        self.baselines.iter().filter(not_beaten).collect()
    }

    /// Indices of examples: the one with the median loss, and up to `worst` with the largest losses, in descending
    /// order. Examples without a loss do not count; an infinite loss is the largest.
    pub fn typical_and_worst(&self, worst: usize) -> (Option<usize>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.losses.len()).filter(|&i| !self.losses[i].is_nan()).collect();
        order.sort_by(|&a, &b| self.losses[b].total_cmp(&self.losses[a]).then(a.cmp(&b)));
        let median = order.get(order.len() / 2).copied();
        order.truncate(worst);
        (median, order)
    }
}
