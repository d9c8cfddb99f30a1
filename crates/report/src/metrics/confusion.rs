//! Counts of truth against prediction.

use serde::Serialize;

/// Counts of truth against prediction: of windows or, where every sample has its class, of samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusion {
    classes: Vec<String>,
    /// `counts[truth][predicted]`.
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// No counts yet, of these classes.
    pub fn new(classes: Vec<String>) -> Self {
        let counts = vec![vec![0; classes.len()]; classes.len()];
        Self { classes, counts }
    }

    /// Counts one prediction.
    ///
    /// # Panics
    /// Where an index is not of a class; labels are checked where they are read.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.counts[truth][predicted] += 1;
    }

    /// Adds the counts of another part of the data.
    ///
    /// # Panics
    /// Where the classes differ.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.classes, other.classes, "counts of other classes cannot be added");
        for (row, other) in self.counts.iter_mut().zip(&other.counts) {
            row.iter_mut().zip(other).for_each(|(count, other)| *count += other);
        }
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How often `predicted` was said of `truth`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth][predicted]
    }

    /// All counts, one row per truth.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Number of predictions.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// How often class `i` was the truth.
    pub fn support(&self, i: usize) -> u64 {
        self.counts[i].iter().sum()
    }

    /// How often class `i` was predicted.
    pub fn predicted(&self, i: usize) -> u64 {
        self.counts.iter().map(|row| row[i]).sum()
    }

    /// The share of predictions that are right; 0 where there is none.
    pub fn accuracy(&self) -> f64 {
        let right = (0..self.classes.len()).map(|i| self.counts[i][i]).sum();
        ratio(right, self.total())
    }

    /// The share of class `i`'s predictions that are right; 0 where it was never predicted.
    pub fn precision(&self, i: usize) -> f64 {
        ratio(self.counts[i][i], self.predicted(i))
    }

    /// The share of class `i` that was found; 0 where it never occurs.
    pub fn recall(&self, i: usize) -> f64 {
        ratio(self.counts[i][i], self.support(i))
    }

    /// The harmonic mean of class `i`'s precision and recall; 0 where it neither occurs nor was predicted.
    pub fn f1(&self, i: usize) -> f64 {
        ratio(2 * self.counts[i][i], self.support(i) + self.predicted(i))
    }

    /// The mean of [`Confusion::f1`] over the classes that occur or were predicted, as scikit-learn's
    /// `f1_score(average="macro")`; 0 where there is no such class.
    pub fn macro_f1(&self) -> f64 {
        let seen: Vec<usize> =
            (0..self.classes.len()).filter(|&i| 0 < self.support(i) + self.predicted(i)).collect();
        seen.iter().map(|&i| self.f1(i)).sum::<f64>() / seen.len().max(1) as f64
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
