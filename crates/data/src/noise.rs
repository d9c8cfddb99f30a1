//! The noise that is added to clean signals for denoising.

use std::f64::consts::TAU;

use graph::{Array, Noise};

use crate::AddedNoise;
use crate::number::{single, wide};

impl AddedNoise {
    /// Subtracts the mean of each channel of `[C, T]`. Missing values, which are NaN, stay missing.
    pub(crate) fn center(&self, series: &mut Array) {
        let samples = series.shape()[1].max(1);
        for row in series.data_mut().chunks_mut(samples) {
            let (mean, _) = mean_and_variance(row);
            for x in row {
                *x = single(f64::from(*x) - mean);
            }
        }
    }

    /// Adds noise to `[C, T]`, drawn from `numbers`. Missing values, which are NaN, stay missing.
    pub(crate) fn add(&self, series: &mut Array, numbers: Noise) {
        let samples = series.shape()[1];
        for (channel, row) in series.data_mut().chunks_mut(samples.max(1)).enumerate() {
            let (_, signal) = mean_and_variance(row);
            let noise = self.row(samples, wide(channel), numbers);
            // Scaling the sum gives exactly the requested power, even if the two kinds happen to correlate.
            let factor = (signal * 10f64.powf(-self.snr / 10.0) / power(&noise)).sqrt();
            if factor.is_finite() {
                for (x, noise) in row.iter_mut().zip(noise) {
                    *x = single(f64::from(*x) + factor * noise);
                }
            }
        }
    }

    /// Returns white noise and wander, with power in the proportions of the config.
    fn row(&self, samples: usize, channel: u64, numbers: Noise) -> Vec<f64> {
        // Each channel has its own range of random numbers: four for wander, then one for each sample.
        let first = channel * (wide(samples) + 4);
        let mut noise = vec![0.0; samples];
        let mut add = |part: f64, values: Vec<f64>| {
            let factor = (part / power(&values)).sqrt();
            if part > 0.0 && factor.is_finite() {
                for (sum, value) in noise.iter_mut().zip(values) {
                    *sum += factor * value;
                }
            }
        };
        add(self.white, (0..wide(samples)).map(|i| numbers.normal(first + 4 + i)).collect());
        let Some(rate) = self.sampling_rate else { return noise };
        if self.wander <= 0.0 {
            return noise;
        }
        let [low, high] = self.wander_band;
        let sines = [0, 2].map(|i| {
            let frequency = low + (high - low) * numbers.uniform(first + i);
            (TAU * frequency / rate, TAU * numbers.uniform(first + i + 1))
        });
        let value = |i: usize| sines.iter().map(|(step, phase)| (step * i as f64 + phase).sin()).sum();
        add(self.wander, (0..samples).map(value).collect());
        noise
    }
}

/// Returns the mean and the variance of the values that are not missing.
fn mean_and_variance(row: &[f32]) -> (f64, f64) {
    let present = || row.iter().filter(|x| !x.is_nan()).map(|&x| f64::from(x));
    let count = present().count().max(1) as f64;
    let mean = present().sum::<f64>() / count;
    (mean, present().map(|x| (x - mean).powi(2)).sum::<f64>() / count)
}

/// Returns the mean of the squares.
pub(crate) fn power(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64
}
