//! The normalization of a model's input.

use serde::{Deserialize, Serialize};

/// The mean and standard deviation of each input channel over the training recordings. Inputs are
/// normalized to mean 0 and deviation 1 before they enter the network, as they were during training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// The mean of each channel.
    pub mean: Vec<f32>,
    /// The standard deviation of each channel; 1 for a constant channel.
    pub deviation: Vec<f32>,
}

impl Normalization {
    /// The normalization that leaves `channels` channels unchanged.
    pub fn none(channels: usize) -> Self {
        Self { mean: vec![0.0; channels], deviation: vec![1.0; channels] }
    }

    /// Normalizes values `[C, …]` in place. Values that cannot be divided evenly into `C` channels are left
    /// unchanged.
    pub fn apply(&self, values: &mut [f32]) {
        self.change_each(values, |value, mean, deviation| *value = (*value - mean) / deviation);
    }

    /// Converts normalized values `[C, …]` back to the data's units, in place. Values that cannot be divided
    /// evenly into `C` channels are left unchanged.
    pub fn invert(&self, values: &mut [f32]) {
        self.change_each(values, |value, mean, deviation| *value = *value * deviation + mean);
    }

    fn change_each(&self, values: &mut [f32], change: impl Fn(&mut f32, f32, f32)) {
        let channels = self.mean.len();
        if channels == 0 || values.is_empty() || !values.len().is_multiple_of(channels) {
            return;
        }
        let size = values.len() / channels;
        for (channel, (mean, deviation)) in values.chunks_mut(size).zip(self.mean.iter().zip(&self.deviation))
        {
            for value in channel {
                change(value, *mean, *deviation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invert_undoes_apply() {
        let normalization = Normalization { mean: vec![1.0, -2.0], deviation: vec![2.0, 0.5] };
        let values = vec![1.0, 3.0, -2.0, -1.0];
        let mut normalized = values.clone();
        normalization.apply(&mut normalized);
        assert_eq!(normalized, vec![0.0, 1.0, 0.0, 2.0]);
        normalization.invert(&mut normalized);
        assert_eq!(normalized, values);
    }

    #[test]
    fn values_with_another_number_of_channels_are_left_unchanged() {
        let normalization = Normalization { mean: vec![1.0, 1.0], deviation: vec![2.0, 2.0] };
        let mut values = vec![1.0, 2.0, 3.0];
        normalization.apply(&mut values);
        assert_eq!(values, vec![1.0, 2.0, 3.0]);
    }
}
