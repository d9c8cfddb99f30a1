//! Errors of one predicted output.

/// Largest number of pairs that are kept for drawing.
const PAIRS: usize = 2048;

/// Errors of one predicted number, or of one channel of a predicted signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutputErrors {
    count: u64,
    squared: f64,
    absolute: f64,
    /// Sum of prediction minus target.
    signed: f64,
    largest: f64,
    /// Mean of the targets, and sum of their squared deviations from it.
    mean: f64,
    deviations: f64,
    pairs: Pairs,
}

/// Pairs of target and prediction, thinned evenly.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pairs {
    kept: Vec<(f64, f64)>,
    /// Base 2 logarithm of the distance of two kept pairs.
    thinned: u32,
}

impl OutputErrors {
    /// Adds a prediction. A target that is NaN is unknown and does not count.
    pub fn add(&mut self, target: f64, predicted: f64) {
        if target.is_nan() {
            return;
        }
        self.pairs.add(self.count, (target, predicted));
        let error = predicted - target;
        self.count += 1;
        self.squared += error * error;
        self.absolute += error.abs();
        self.signed += error;
        self.largest = self.largest.max(error.abs());
        let deviation = target - self.mean;
        self.mean += deviation / self.count as f64;
        self.deviations += deviation * (target - self.mean);
    }

    /// Adds the errors of other predictions.
    pub fn merge(&mut self, other: &Self) {
        let [n, m] = [self.count, other.count].map(|count| count as f64);
        if other.count == 0 {
            return;
        }
        let between = other.mean - self.mean;
        self.deviations += other.deviations + between * between * n * m / (n + m);
        self.mean += between * m / (n + m);
        self.pairs.merge(&other.pairs);
        self.count += other.count;
        self.squared += other.squared;
        self.absolute += other.absolute;
        self.signed += other.signed;
        self.largest = self.largest.max(other.largest);
    }

    /// Number of predictions with a known target.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Sum of squared errors.
    pub(super) fn squared(&self) -> f64 {
        self.squared
    }

    /// Sum of absolute errors.
    pub(super) fn absolute(&self) -> f64 {
        self.absolute
    }

    /// The mean squared error; 0 without values.
    pub fn mse(&self) -> f64 {
        self.squared / self.count.max(1) as f64
    }

    /// The root of the mean squared error; 0 without values.
    pub fn rmse(&self) -> f64 {
        self.mse().sqrt()
    }

    /// The mean absolute error; 0 without values.
    pub fn mae(&self) -> f64 {
        self.absolute / self.count.max(1) as f64
    }

    /// The mean of prediction minus target; 0 without values.
    pub fn bias(&self) -> f64 {
        self.signed / self.count.max(1) as f64
    }

    /// The largest absolute error, as scikit-learn's `max_error`; 0 without values.
    pub fn largest(&self) -> f64 {
        self.largest
    }

    /// The mean of the targets; 0 without values.
    pub fn target_mean(&self) -> f64 {
        self.mean
    }

    /// The coefficient of determination, as scikit-learn's `r2_score`: 1 minus the ratio of the squared errors to the
    /// squared deviations of the targets from their mean. If all targets are equal, 1 without any error and 0
    /// otherwise. `None` with fewer than two values.
    pub fn r2(&self) -> Option<f64> {
        if self.count < 2 {
            None
        } else if self.deviations == 0.0 {
            Some(if self.squared == 0.0 { 1.0 } else { 0.0 })
        } else {
            Some(1.0 - self.squared / self.deviations)
        }
    }

    /// Targets with their predictions, for a drawing: all of up to 2048, of more at least 1024 that are evenly spaced.
    pub fn pairs(&self) -> &[(f64, f64)] {
        &self.pairs.kept
    }
}

impl Pairs {
    /// Adds pair number `index` if it is one of those to keep.
    fn add(&mut self, index: u64, pair: (f64, f64)) {
        self.thin(PAIRS - 1);
        if index.is_multiple_of(1 << self.thinned) {
            self.kept.push(pair);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.kept.extend(&other.kept);
        self.thinned = self.thinned.max(other.thinned);
        self.thin(PAIRS);
    }

    /// Drops every other pair until at most `largest` are left.
    fn thin(&mut self, largest: usize) {
        while largest < self.kept.len() {
            self.kept = self.kept.iter().step_by(2).copied().collect();
            self.thinned += 1;
        }
    }
}
