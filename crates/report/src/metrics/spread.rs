//! The distribution of a metric over folds, groups or runs.

/// Mean, standard deviation and range of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Number of values.
    pub count: usize,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample, with n − 1 as denominator, as numpy's `std(ddof=1)`. `None` with a single
    /// value.
    pub deviation: Option<f64>,
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

impl Spread {
    /// The spread of the values that are not NaN; `None` without such a value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = if count < 2 { None } else { Some((squares / (count - 1) as f64).sqrt()) };
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { count, mean, deviation, low, high })
    }
}
