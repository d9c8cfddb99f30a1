//! Curves over the decision threshold of one class.

use std::collections::BTreeMap;

use super::ratio;

/// Number of steps between a score of 0 and one of 1.
const STEPS: f64 = 65_535.0;

/// The scores of one class against all others, or of one label: how many examples with and without it have each
/// score.
///
/// Scores are probabilities, rounded to multiples of 1/65535 so that any number of examples fits in memory. For
/// scores that are such multiples, all metrics equal those of scikit-learn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// Numbers of negative and positive examples by score.
    counts: BTreeMap<u16, [u64; 2]>,
    totals: [u64; 2],
}

/// The examples that reach a score: true and false positives.
#[derive(Clone, Copy, Debug)]
struct Reached {
    positive: u64,
    negative: u64,
}

impl Scores {
    /// Scores without any examples so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one example. Scores outside of `[0, 1]` are clamped; NaN counts as 0.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of u16; NaN becomes 0"
    )]
    pub fn add(&mut self, score: f32, positive: bool) {
        let step = (f64::from(score.clamp(0.0, 1.0)) * STEPS).round() as u16;
        self.add_counts(step, if positive { [0, 1] } else { [1, 0] });
    }

    /// Adds the counts of other scores.
    pub fn merge(&mut self, other: &Self) {
        for (&step, &counts) in &other.counts {
            self.add_counts(step, counts);
        }
    }

    fn add_counts(&mut self, step: u16, counts: [u64; 2]) {
        let counted = self.counts.entry(step).or_default();
        for i in 0..2 {
            counted[i] += counts[i];
            self.totals[i] += counts[i];
        }
    }

    /// The number of examples that have the class.
    pub fn positives(&self) -> u64 {
        self.totals[1]
    }

    /// The number of examples that do not have the class.
    pub fn negatives(&self) -> u64 {
        self.totals[0]
    }

    /// The area under [`Scores::roc`], as scikit-learn's `roc_auc_score`; `None` unless there are both positive and
    /// negative examples.
    pub fn roc_auc(&self) -> Option<f64> {
        if self.totals.contains(&0) {
            return None;
        }
        let trapezoid = |pair: &[(f64, f64)]| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0;
        Some(self.roc().windows(2).map(trapezoid).sum())
    }

    /// The mean of the precisions at each threshold, weighted by the increase in recall, as scikit-learn's
    /// `average_precision_score`; `None` without positive examples.
    pub fn average_precision(&self) -> Option<f64> {
        if self.positives() == 0 {
            return None;
        }
        let (mut sum, mut before) = (0.0, 0.0);
        for (recall, precision) in self.precision_recall() {
            sum += (recall - before) * precision;
            before = recall;
        }
        Some(sum)
    }

    /// The false and the true positive rate at each threshold, from (0, 0) to (1, 1), as scikit-learn's `roc_curve`
    /// with `drop_intermediate=False`. Empty unless there are both positive and negative examples.
    pub fn roc(&self) -> Vec<(f64, f64)> {
        if self.totals.contains(&0) {
            return Vec::new();
        }
        let rates = |reached: Reached| {
            (ratio(reached.negative, self.negatives()), ratio(reached.positive, self.positives()))
        };
        [(0.0, 0.0)].into_iter().chain(self.reached().map(rates)).collect()
    }

    /// The recall and the precision at each threshold, from the highest threshold to the lowest: the points of
    /// scikit-learn's `precision_recall_curve` in reverse, without its first point (0, 1). Empty without positive
    /// examples.
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        if self.positives() == 0 {
            return Vec::new();
        }
        let point = |Reached { positive, negative }| {
            (ratio(positive, self.positives()), ratio(positive, positive + negative))
        };
        self.reached().map(point).collect()
    }

    /// The mean score and the share of positive examples in each of `bins` intervals of equal width that has any
    /// examples, as scikit-learn's `calibration_curve`, with the number of examples.
    pub fn calibration(&self, bins: u16) -> Vec<(f64, f64, u64)> {
        let mut sums: BTreeMap<u64, (f64, u64, u64)> = BTreeMap::new();
        for (&step, &[negative, positive]) in &self.counts {
            let score = f64::from(step) / STEPS;
            // A score on the border of two intervals belongs to the lower one.
            let bin = (u64::from(step) * u64::from(bins)).div_ceil(65_535).saturating_sub(1);
            let (scores, positives, all) = sums.entry(bin).or_default();
            *scores += score * (negative + positive) as f64;
            *positives += positive;
            *all += negative + positive;
        }
        let mean =
            |(scores, positives, all): (f64, u64, u64)| (scores / all as f64, ratio(positives, all), all);
        sums.into_values().map(mean).collect()
    }

    /// The examples that reach each score that occurs, from the highest score to the lowest.
    fn reached(&self) -> impl Iterator<Item = Reached> {
        let mut sum = Reached { positive: 0, negative: 0 };
        self.counts.values().rev().map(move |&[negative, positive]| {
            sum.negative += negative;
            sum.positive += positive;
            sum
        })
    }
}
