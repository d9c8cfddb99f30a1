//! The confusion matrix.

use std::collections::BTreeMap;

/// A confusion matrix: counts of examples, or of samples if each has a class, by truth and prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: Vec<String>,
    /// The nonzero counts by true and predicted class. Sparse, because even with thousands of classes, few pairs are
    /// ever confused.
    counts: BTreeMap<(usize, usize), u64>,
    support: Vec<u64>,
    predicted: Vec<u64>,
}

impl Confusion {
    /// An empty matrix of these classes.
    pub fn new(classes: Vec<String>) -> Self {
        let none = vec![0; classes.len()];
        Self { classes, counts: BTreeMap::new(), support: none.clone(), predicted: none }
    }

    /// Counts one prediction.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.add_count(truth, predicted, 1);
    }

    /// Adds the counts of another matrix.
    ///
    /// # Panics
    /// If the classes differ.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.classes, other.classes, "the classes of two matrices differ");
        for (truth, predicted, count) in other.counts() {
            self.add_count(truth, predicted, count);
        }
    }

    fn add_count(&mut self, truth: usize, predicted: usize, count: u64) {
        self.support[truth] += count;
        self.predicted[predicted] += count;
        *self.counts.entry((truth, predicted)).or_default() += count;
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The number of examples of class `truth` that were predicted as `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts.get(&(truth, predicted)).copied().unwrap_or(0)
    }

    /// Returns the true class, the predicted class and the count of each pair that occurs, in order.
    pub fn counts(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.counts.iter().map(|(&(truth, predicted), &count)| (truth, predicted, count))
    }

    /// Number of predictions.
    pub fn total(&self) -> u64 {
        self.support.iter().sum()
    }

    /// The number of examples of class `i`.
    pub fn support(&self, i: usize) -> u64 {
        self.support[i]
    }

    /// The number of predictions of class `i`.
    pub fn predicted(&self, i: usize) -> u64 {
        self.predicted[i]
    }

    /// The share of correct predictions; 0 without predictions.
    pub fn accuracy(&self) -> f64 {
        let right = (0..self.classes.len()).map(|i| self.count(i, i)).sum();
        ratio(right, self.total())
    }

    /// The share of correct predictions among those of class `i`; 0 if it was never predicted.
    pub fn precision(&self, i: usize) -> f64 {
        ratio(self.count(i, i), self.predicted(i))
    }

    /// The share of correct predictions among examples of class `i`; 0 if it never occurs.
    pub fn recall(&self, i: usize) -> f64 {
        ratio(self.count(i, i), self.support(i))
    }

    /// The harmonic mean of precision and recall of class `i`; 0 if it neither occurs nor was predicted.
    pub fn f1(&self, i: usize) -> f64 {
        ratio(2 * self.count(i, i), self.support(i) + self.predicted(i))
    }

    /// The mean of [`Confusion::f1`] over the classes that occur or were predicted, as scikit-learn's
    /// `f1_score(average="macro")`; 0 without such a class.
    pub fn macro_f1(&self) -> f64 {
        let seen: Vec<usize> =
            (0..self.classes.len()).filter(|&i| 0 < self.support(i) + self.predicted(i)).collect();
        seen.iter().map(|&i| self.f1(i)).sum::<f64>() / seen.len().max(1) as f64
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
