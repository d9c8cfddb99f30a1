//! Counts of a multi-label task.

use super::ratio;

/// Counts of predicted labels, of which an example may have any number.
///
/// The definitions are those of scikit-learn for label indicator matrices, with 0 where a metric is undefined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelCounts {
    names: Vec<String>,
    counts: Vec<Count>,
    examples: u64,
    /// Number of examples of which every label is correct.
    exact: u64,
}

/// Counts of one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    correct: u64,
    support: u64,
    predicted: u64,
}

impl LabelCounts {
    /// Counts without any examples so far.
    pub fn new(names: Vec<String>) -> Self {
        let counts = vec![Count::default(); names.len()];
        Self { names, counts, examples: 0, exact: 0 }
    }

    /// Counts one example: whether it has each label, and whether each was predicted.
    ///
    /// # Panics
    /// If the numbers of labels differ.
    pub fn add(&mut self, truth: &[bool], predicted: &[bool]) {
        assert_eq!((truth.len(), predicted.len()), (self.names.len(), self.names.len()), "numbers of labels");
        for (count, (&truth, &predicted)) in self.counts.iter_mut().zip(truth.iter().zip(predicted)) {
            count.correct += u64::from(truth && predicted);
            count.support += u64::from(truth);
            count.predicted += u64::from(predicted);
        }
        self.examples += 1;
        self.exact += u64::from(truth == predicted);
    }

    /// Adds the counts of other examples.
    ///
    /// # Panics
    /// If the labels differ.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.names, other.names, "the labels of two counts differ");
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            count.correct += other.correct;
            count.support += other.support;
            count.predicted += other.predicted;
        }
        self.examples += other.examples;
        self.exact += other.exact;
    }

    /// Names of the labels.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of examples.
    pub fn examples(&self) -> u64 {
        self.examples
    }

    /// The number of examples that have label `i`.
    pub fn support(&self, i: usize) -> u64 {
        self.counts[i].support
    }

    /// The number of examples for which label `i` was predicted.
    pub fn predicted(&self, i: usize) -> u64 {
        self.counts[i].predicted
    }

    /// The number of examples that have label `i` and for which it was predicted.
    pub fn correct(&self, i: usize) -> u64 {
        self.counts[i].correct
    }

    /// The share of correct predictions of label `i`; 0 if it was never predicted.
    pub fn precision(&self, i: usize) -> f64 {
        ratio(self.counts[i].correct, self.counts[i].predicted)
    }

    /// The share of the examples with label `i` for which it was predicted; 0 if no example has it.
    pub fn recall(&self, i: usize) -> f64 {
        ratio(self.counts[i].correct, self.counts[i].support)
    }

    /// The harmonic mean of precision and recall of label `i`; 0 if it neither occurs nor was predicted.
    pub fn f1(&self, i: usize) -> f64 {
        self.counts[i].f1()
    }

    /// The mean of [`LabelCounts::f1`] over all labels, as scikit-learn's `f1_score(average="macro")`.
    pub fn macro_f1(&self) -> f64 {
        self.counts.iter().map(Count::f1).sum::<f64>() / self.counts.len().max(1) as f64
    }

    /// The F1 of all decisions together, as scikit-learn's `f1_score(average="micro")`.
    pub fn micro_f1(&self) -> f64 {
        let sum = |of: fn(&Count) -> u64| self.counts.iter().map(of).sum();
        let all = Count {
            correct: sum(|count| count.correct),
            support: sum(|count| count.support),
            predicted: sum(|count| count.predicted),
        };
        all.f1()
    }

    /// The share of examples of which every label is correct, as scikit-learn's `accuracy_score`.
    pub fn exact_match(&self) -> f64 {
        ratio(self.exact, self.examples)
    }

    /// The share of wrong decisions among all labels of all examples, as scikit-learn's `hamming_loss`.
    pub fn hamming_loss(&self) -> f64 {
        let wrong = |count: &Count| count.support + count.predicted - 2 * count.correct;
        ratio(self.counts.iter().map(wrong).sum(), self.examples * self.counts.len() as u64)
    }
}

impl Count {
    fn f1(&self) -> f64 {
        ratio(2 * self.correct, self.support + self.predicted)
    }
}
