//! The confusion matrix.

use std::collections::BTreeMap;

use super::ratio;

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

    /// The intersection over union of class `i`: the share of correct predictions among all that are of this class by
    /// truth or prediction, as scikit-learn's `jaccard_score`; 0 if there are none.
    ///
    /// The Dice coefficient is [`Confusion::f1`].
    pub fn iou(&self, i: usize) -> f64 {
        let correct = self.count(i, i);
        ratio(correct, self.support(i) + self.predicted(i) - correct)
    }

    /// The mean of [`Confusion::f1`] over the classes that occur or were predicted, as scikit-learn's
    /// `f1_score(average="macro")`; 0 without such a class.
    pub fn macro_f1(&self) -> f64 {
        self.mean(|i| 0 < self.support(i) + self.predicted(i), |i| self.f1(i))
    }

    /// The mean of [`Confusion::iou`] over the classes that occur or were predicted, as scikit-learn's
    /// `jaccard_score(average="macro")`; 0 without such a class.
    pub fn mean_iou(&self) -> f64 {
        self.mean(|i| 0 < self.support(i) + self.predicted(i), |i| self.iou(i))
    }

    /// The mean of [`Confusion::recall`] over the classes that occur, as scikit-learn's `balanced_accuracy_score`; 0
    /// without such a class.
    pub fn balanced_accuracy(&self) -> f64 {
        self.mean(|i| 0 < self.support(i), |i| self.recall(i))
    }

    /// Cohen's kappa, as scikit-learn's `cohen_kappa_score`: the accuracy beyond that of chance, which is 0. `None` if
    /// chance is always correct, as with a single class, or without predictions.
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total() as f64;
        let products = (0..self.classes.len()).map(|i| self.support(i) as f64 * self.predicted(i) as f64);
        let chance = products.sum::<f64>() / (total * total);
        if chance < 1.0 { Some((self.accuracy() - chance) / (1.0 - chance)) } else { None }
    }

    /// The most frequent true class, the first of equal ones; `None` without predictions.
    pub fn majority(&self) -> Option<usize> {
        if self.total() == 0 {
            return None;
        }
        (0..self.classes.len()).rev().max_by_key(|&i| self.support(i))
    }

    /// The matrix of the same truth if `class` had been predicted everywhere.
    ///
    /// # Panics
    /// If the index is out of range.
    pub fn always(&self, class: usize) -> Self {
        let mut always = Self::new(self.classes.clone());
        for truth in 0..self.classes.len() {
            if 0 < self.support(truth) {
                always.add_count(truth, class, self.support(truth));
            }
        }
        always
    }

    /// The mean over the classes that count.
    fn mean(&self, counts: impl Fn(usize) -> bool, metric: impl Fn(usize) -> f64) -> f64 {
        let counted: Vec<usize> = (0..self.classes.len()).filter(|&i| counts(i)).collect();
        counted.iter().map(|&i| metric(i)).sum::<f64>() / counted.len().max(1) as f64
    }
}
