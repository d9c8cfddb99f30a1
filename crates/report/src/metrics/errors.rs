//! Errors of predicted values.

use serde::Serialize;

/// Errors of predicted values, accumulated window by window in `f64`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Errors {
    windows: u64,
    values: u64,
    squared: f64,
    absolute: f64,
    gained: u64,
    /// Sum of the gains of `gained` windows, in dB.
    gains: f64,
}

impl Errors {
    /// Errors of no windows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a window. If `input` is given, the signal before denoising, its gain is added, too.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add(&mut self, input: Option<&[f32]>, target: &[f32], predicted: &[f32]) {
        let (squared, absolute) = differences(target, predicted);
        self.windows += 1;
        self.values += target.len() as u64;
        self.squared += squared;
        self.absolute += absolute;
        let before = input.map_or(0.0, |input| differences(target, input).0);
        if 0.0 < before && 0.0 < squared {
            self.gained += 1;
            self.gains += 10.0 * (before / squared).log10();
        }
    }

    /// Adds the errors of other windows.
    pub fn merge(&mut self, other: &Self) {
        self.windows += other.windows;
        self.values += other.values;
        self.squared += other.squared;
        self.absolute += other.absolute;
        self.gained += other.gained;
        self.gains += other.gains;
    }

    /// Number of windows.
    pub fn windows(&self) -> u64 {
        self.windows
    }

    /// The mean squared error over all values; 0 without values.
    pub fn mse(&self) -> f64 {
        self.squared / self.values.max(1) as f64
    }

    /// The mean absolute error over all values; 0 without values.
    pub fn mae(&self) -> f64 {
        self.absolute / self.values.max(1) as f64
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

/// Sums of squared and of absolute differences.
fn differences(a: &[f32], b: &[f32]) -> (f64, f64) {
    assert_eq!(a.len(), b.len(), "a window and its target have equal lengths");
    let differences = a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b));
    differences.fold((0.0, 0.0), |(squared, absolute), d| (squared + d * d, absolute + d.abs()))
}
