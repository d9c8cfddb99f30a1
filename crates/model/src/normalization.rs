//! The normalization of a model's input, or of the targets of a regression.

use serde::{Deserialize, Serialize};

/// The mean and standard deviation of each channel over the training recordings. Inputs are normalized to mean 0
/// and deviation 1 before they enter the network, as they were during training; the outputs of a regression are
/// brought back to the data's units.
///
/// Both directions compute in f64, so that a large offset, such as the seconds since 1970, costs no precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// The mean of each channel.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel; 1 for a constant channel.
    pub deviation: Vec<f64>,
}

impl Normalization {
    /// The normalization that leaves `channels` channels unchanged.
    pub fn none(channels: usize) -> Self {
        Self { mean: vec![0.0; channels], deviation: vec![1.0; channels] }
    }

    /// Returns whether it leaves all values unchanged.
    pub fn is_identity(&self) -> bool {
        *self == Self::none(self.mean.len())
    }

    /// Normalizes values `[C, …]`. Values that cannot be divided evenly into `C` channels are only rounded.
    pub fn apply(&self, values: &[f64]) -> Vec<f32> {
        let normalized = |value: f64, mean: f64, deviation: f64| (value - mean) / deviation;
        self.each(values.iter().copied(), values.len(), normalized).map(graph::single).collect()
    }

    /// Converts normalized values `[C, …]` back to the data's units. Values that cannot be divided evenly into
    /// `C` channels are left unchanged.
    pub fn invert(&self, values: &[f32]) -> Vec<f64> {
        let in_data_units = |value: f64, mean: f64, deviation: f64| value * deviation + mean;
        self.each(values.iter().map(|value| f64::from(*value)), values.len(), in_data_units).collect()
    }

    /// Changes each of `count` values `[C, …]`, given its channel's mean and deviation.
    fn each(
        &self,
        values: impl Iterator<Item = f64>,
        count: usize,
        change: impl Fn(f64, f64, f64) -> f64,
    ) -> impl Iterator<Item = f64> {
        let channels = self.mean.len().min(self.deviation.len());
        let is_divisible = channels > 0 && count.is_multiple_of(channels);
        let size = if is_divisible { (count / channels).max(1) } else { 1 };
        values.enumerate().map(move |(i, value)| {
            if is_divisible { change(value, self.mean[i / size], self.deviation[i / size]) } else { value }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invert_undoes_apply() {
        let normalization = Normalization { mean: vec![1.0, -2.0], deviation: vec![2.0, 0.5] };
        let values = [1.0, 3.0, -2.0, -1.0];
        let normalized = normalization.apply(&values);
        assert_eq!(normalized, [0.0, 1.0, 0.0, 2.0]);
        assert_eq!(normalization.invert(&normalized), values);
    }

    #[test]
    fn a_large_offset_costs_no_precision() {
        let normalization = Normalization { mean: vec![5_312_345.25], deviation: vec![0.25] };
        assert_eq!(normalization.apply(&[5_312_345.5, 5_312_345.0]), [1.0, -1.0]);
    }

    #[test]
    fn values_with_another_number_of_channels_are_left_unchanged() {
        let normalization = Normalization { mean: vec![1.0, 1.0], deviation: vec![2.0, 2.0] };
        assert_eq!(normalization.apply(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(normalization.invert(&[]), [0.0; 0]);
    }
}
