//! Errors of predicted values.

use super::output_errors::OutputErrors;

/// Errors of predicted values, accumulated example by example in `f64`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    /// Names of the outputs; empty if all values are of one output.
    names: Vec<String>,
    outputs: Vec<OutputErrors>,
    windows: u64,
    gained: u64,
    /// Sum of the gains of `gained` windows, in dB.
    gains: f64,
}

impl Errors {
    /// Errors without any predictions so far, all of one output.
    pub fn new() -> Self {
        Self::of_outputs(Vec::new())
    }

    /// Errors without any predictions so far, of the named outputs: numbers, or channels of a signal. If there are no
    /// names, all values are of one output.
    pub fn of_outputs(names: Vec<String>) -> Self {
        let outputs = vec![OutputErrors::default(); names.len().max(1)];
        Self { names, outputs, ..Self::default() }
    }

    /// Adds a prediction. Each output has an equal number of consecutive values, so the values may be those of
    /// `[outputs]` or of `[outputs, samples]`. Targets that are NaN are unknown and do not count.
    ///
    /// If `input` is given, the signal before denoising, its gain is added, too.
    ///
    /// # Panics
    /// If the lengths differ or are not a multiple of the number of outputs.
    pub fn add<T: Into<f64> + Copy>(&mut self, input: Option<&[T]>, target: &[T], predicted: &[T]) {
        assert_eq!(target.len(), predicted.len(), "a prediction and its target have equal lengths");
        assert!(target.len().is_multiple_of(self.outputs.len()), "each output has as many values");
        let each = target.len() / self.outputs.len();
        for (i, (&target, &predicted)) in target.iter().zip(predicted).enumerate() {
            self.outputs[i / each].add(target.into(), predicted.into());
        }
        self.windows += 1;
        if let Some(input) = input {
            let (before, after) = (squared(target, input), squared(target, predicted));
            if 0.0 < before && 0.0 < after {
                self.gained += 1;
                self.gains += 10.0 * (before / after).log10();
            }
        }
    }

    /// Adds the errors of other predictions.
    ///
    /// # Panics
    /// If the outputs differ.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.names, other.names, "the outputs of two errors differ");
        for (output, other) in self.outputs.iter_mut().zip(&other.outputs) {
            output.merge(other);
        }
        self.windows += other.windows;
        self.gained += other.gained;
        self.gains += other.gains;
    }

    /// Number of examples.
    pub fn windows(&self) -> u64 {
        self.windows
    }

    /// Number of values with a known target.
    pub fn values(&self) -> u64 {
        self.outputs.iter().map(OutputErrors::count).sum()
    }

    /// The errors of each output, in order.
    pub fn outputs(&self) -> &[OutputErrors] {
        &self.outputs
    }

    /// The names of the outputs; empty if all values are of one output.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of output `i`; `None` if all values are of one output without a name.
    pub fn name(&self, i: usize) -> Option<&str> {
        self.names.get(i).map(String::as_str)
    }

    /// The mean squared error over all values; 0 without values.
    pub fn mse(&self) -> f64 {
        self.mean(OutputErrors::squared)
    }

    /// The root of the mean squared error over all values; 0 without values.
    pub fn rmse(&self) -> f64 {
        self.mse().sqrt()
    }

    /// The mean absolute error over all values; 0 without values.
    pub fn mae(&self) -> f64 {
        self.mean(OutputErrors::absolute)
    }

    /// The mean of [`OutputErrors::r2`] over the outputs, as scikit-learn's `r2_score`; `None` if an output has fewer
    /// than two values.
    pub fn r2(&self) -> Option<f64> {
        let sum: Option<f64> = self.outputs.iter().map(OutputErrors::r2).sum();
        sum.map(|sum| sum / self.outputs.len() as f64)
    }

    fn mean(&self, sum: fn(&OutputErrors) -> f64) -> f64 {
        self.outputs.iter().map(sum).sum::<f64>() / self.values().max(1) as f64
    }

    /// The signal-to-noise ratio after denoising minus the one before, in dB, mean over windows.
    ///
    /// With the input x, the target s and the prediction y of a window, the ratios are
    /// `10 log10(Σs² / Σ(x − s)²)` and `10 log10(Σs² / Σ(y − s)²)`; their difference is
    /// `10 log10(Σ(x − s)² / Σ(y − s)²)`. Windows in which either sum is 0 are left out; `None` if no
    /// window is left.
    pub fn gain(&self) -> Option<f64> {
        if self.gained == 0 { None } else { Some(self.gains / self.gained as f64) }
    }
}

/// The sum of squared differences from the known targets.
fn squared<T: Into<f64> + Copy>(target: &[T], values: &[T]) -> f64 {
    let differences = target.iter().zip(values).map(|(&target, &value)| value.into() - target.into());
    differences.zip(target).filter(|(_, target)| !(**target).into().is_nan()).map(|(d, _)| d * d).sum()
}
