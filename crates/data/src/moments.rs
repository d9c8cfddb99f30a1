//! The normalization of inputs, fitted to the training recordings.

use model::Normalization;

use crate::number::single;

/// Running mean and sum of squared deviations of each channel. They are merged recording by recording, as
/// described by Chan, Golub and LeVeque (1979), so that a large offset does not cost precision.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    pub(crate) fn new(channels: usize) -> Self {
        Self { count: 0.0, mean: vec![0.0; channels], squares: vec![0.0; channels] }
    }

    /// Adds values `[C, …]`.
    pub(crate) fn add(&mut self, values: &[f64]) {
        let size = values.len() / self.mean.len().max(1);
        if size == 0 {
            return;
        }
        let mean = |row: &[f64]| row.iter().sum::<f64>() / size as f64;
        let mean: Vec<f64> = values.chunks(size).map(mean).collect();
        let squares =
            |(row, mean): (&[f64], &f64)| -> f64 { row.iter().map(|&value| (value - mean).powi(2)).sum() };
        let squares = values.chunks(size).zip(&mean).map(squares).collect();
        self.merge(&Self { count: size as f64, mean, squares });
    }

    /// Adds the values that `other` was computed from.
    pub(crate) fn merge(&mut self, other: &Self) {
        let before = self.count;
        self.count += other.count;
        if self.count <= 0.0 {
            return;
        }
        let channels = self.mean.iter_mut().zip(&mut self.squares);
        for ((mean, squares), (other_mean, other_squares)) in
            channels.zip(other.mean.iter().zip(&other.squares))
        {
            let difference = other_mean - *mean;
            *mean += difference * other.count / self.count;
            *squares += other_squares + difference.powi(2) * before * other.count / self.count;
        }
    }

    pub(crate) fn normalization(&self) -> Normalization {
        let deviation = |squares: &f64| {
            let deviation = (squares / self.count).sqrt();
            // Values are rounded to f32 after normalization.
            if single(deviation).is_normal() { deviation } else { 1.0 }
        };
        Normalization { mean: self.mean.clone(), deviation: self.squares.iter().map(deviation).collect() }
    }
}
