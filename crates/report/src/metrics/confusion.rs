//! The confusion matrix.

use serde::Serialize;

/// A confusion matrix: counts of examples, or of samples if each has a class, by truth and prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusion {
    classes: Vec<String>,
    /// `counts[truth][predicted]`.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// An empty matrix of these classes.
    pub fn new(classes: Vec<String>) -> Self {
        let counts = vec![vec![0; classes.len()]; classes.len()];
        Self { classes, counts }
    }

    /// Counts one prediction.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.counts[truth][predicted] += 1;
    }

    /// Adds the counts of another matrix.
    ///
    /// # Panics
    /// If the classes differ.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.classes, other.classes, "the classes of two matrices differ");
        for (row, other) in self.counts.iter_mut().zip(&other.counts) {
            for (count, other) in row.iter_mut().zip(other) {
                *count += other;
            }
        }
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The number of examples of class `truth` that were predicted as `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth][predicted]
    }

    /// All counts, one row per true class.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Number of predictions.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The number of examples of class `i`.
    pub fn support(&self, i: usize) -> u64 {
        self.counts[i].iter().sum()
    }

    /// The number of predictions of class `i`.
    pub fn predicted(&self, i: usize) -> u64 {
        self.counts.iter().map(|row| row[i]).sum()
    }

    /// The share of correct predictions; 0 without predictions.
    pub fn accuracy(&self) -> f64 {
        let right = (0..self.classes.len()).map(|i| self.counts[i][i]).sum();
        ratio(right, self.total())
    }

    /// The share of correct predictions among those of class `i`; 0 if it was never predicted.
    pub fn precision(&self, i: usize) -> f64 {
        ratio(self.counts[i][i], self.predicted(i))
    }

    /// The share of correct predictions among examples of class `i`; 0 if it never occurs.
    pub fn recall(&self, i: usize) -> f64 {
        ratio(self.counts[i][i], self.support(i))
    }

    /// The harmonic mean of precision and recall of class `i`; 0 if it neither occurs nor was predicted.
    pub fn f1(&self, i: usize) -> f64 {
        ratio(2 * self.counts[i][i], self.support(i) + self.predicted(i))
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
