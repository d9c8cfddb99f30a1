//! Inputs on a common scale.

use serde::{Deserialize, Serialize};

use crate::number::single;

/// Mean and deviation of each channel over the training recordings. Saved with the model, for its
/// weights mean nothing without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standardization {
    /// The mean of each channel.
    pub mean: Vec<f32>,
    /// The standard deviation of each channel; 1 for one that never changes.
    pub deviation: Vec<f32>,
}

impl Standardization {
    /// What leaves `channels` channels as they are.
    pub fn none(channels: usize) -> Self {
        Self { mean: vec![0.0; channels], deviation: vec![1.0; channels] }
    }

    /// Brings values `[C, ...]` to mean 0 and deviation 1. Values of another number of channels are
    /// left alone.
    pub fn apply(&self, values: &mut [f32]) {
        self.each(values, |value, mean, deviation| *value = (*value - mean) / deviation);
    }

    /// Brings values `[C, ...]` back.
    pub fn invert(&self, values: &mut [f32]) {
        self.each(values, |value, mean, deviation| *value = *value * deviation + mean);
    }

    fn each(&self, values: &mut [f32], change: impl Fn(&mut f32, f32, f32)) {
        let channels = self.mean.len();
        if channels == 0 || !values.len().is_multiple_of(channels) || values.is_empty() {
            return;
        }
        let size = values.len() / channels;
        for (row, (mean, deviation)) in values.chunks_mut(size).zip(self.mean.iter().zip(&self.deviation)) {
            row.iter_mut().for_each(|value| change(value, *mean, *deviation));
        }
    }
}

/// Sums over recordings that give a [`Standardization`]: those of Chan, Golub and LeVeque 1979,
/// recording by recording, so that a large offset costs no digits.
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

    /// Adds values `[C, ...]`.
    pub(crate) fn add(&mut self, values: &[f32]) {
        let size = values.len() / self.mean.len().max(1);
        if size == 0 {
            return;
        }
        let mean = |row: &[f32]| row.iter().map(|&value| f64::from(value)).sum::<f64>() / size as f64;
        let mean: Vec<f64> = values.chunks(size).map(mean).collect();
        let squares = |(row, mean): (&[f32], &f64)| -> f64 {
            row.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum()
        };
        let squares = values.chunks(size).zip(&mean).map(squares).collect();
        self.merge(&Self { count: size as f64, mean, squares });
    }

    /// Adds the values of other sums.
    pub(crate) fn merge(&mut self, other: &Self) {
        let before = self.count;
        self.count += other.count;
        if self.count <= 0.0 {
            return;
        }
        let own = self.mean.iter_mut().zip(&mut self.squares);
        for ((mean, squares), (others, more)) in own.zip(other.mean.iter().zip(&other.squares)) {
            let apart = others - *mean;
            *mean += apart * other.count / self.count;
            *squares += more + apart.powi(2) * before * other.count / self.count;
        }
    }

    pub(crate) fn standardization(&self) -> Standardization {
        let deviation = |squares: &f64| match single((squares / self.count).sqrt()) {
            deviation if deviation > 0.0 && deviation.is_finite() => deviation,
            _ => 1.0,
        };
        Standardization {
            mean: self.mean.iter().map(|&mean| single(mean)).collect(),
            deviation: self.squares.iter().map(deviation).collect(),
        }
    }
}
