//! Details of an evaluation in addition to its outcome.

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
    /// The outcomes of predictions without a model on the same examples.
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

    /// The details of all examples of several evaluations. Scores, groups and baselines that cannot be added are left
    /// out.
    pub fn pooled<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let parts: Vec<&Self> = parts.into_iter().collect();
        let count = parts.first().map_or(0, |first| first.scores.len());
        let mut scores = vec![Scores::new(); count];
        let mut outcomes: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for part in &parts {
            if part.scores.len() != count {
                scores.clear();
            }
            scores.iter_mut().zip(&part.scores).for_each(|(all, one)| all.merge(one));
            for (group, outcome) in &part.groups {
                outcomes.entry(group).or_default().push(outcome);
            }
        }
        let group = |(name, parts): (&str, Vec<&Outcome>)| Some((name.to_owned(), Outcome::pooled(parts)?));
        Self {
            scores,
            groups: outcomes.into_iter().filter_map(group).collect(),
            baselines: baselines(&parts),
            losses: parts.iter().flat_map(|part| part.losses.iter().copied()).collect(),
        }
    }

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

/// The baselines that all parts have, matched by position: the most frequent class may differ between parts.
fn baselines(parts: &[&Details]) -> Vec<Baseline> {
    let Some((first, rest)) = parts.split_first() else { return Vec::new() };
    let mut baselines = Vec::new();
    for (i, Baseline { name, .. }) in first.baselines.iter().enumerate() {
        let same = rest.iter().all(|part| part.baselines.get(i).is_some_and(|other| other.name == *name));
        let outcomes: Option<Vec<&Outcome>> =
            parts.iter().map(|part| part.baselines.get(i).map(|baseline| &baseline.outcome)).collect();
        if let Some(outcome) = outcomes.and_then(Outcome::pooled) {
            let name = if same { name.clone() } else { format!("{name}, or that of each fold") };
            baselines.push(Baseline { name, outcome });
        }
    }
    baselines
}
