//! The normalization of inputs and targets, fitted to the training recordings.

use model::Normalization;

use crate::number::single;

/// Running count, mean and sum of squared deviations of each channel. They are merged recording by recording, as
/// described by Chan, Golub and LeVeque (1979), so that a large offset does not cost precision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moments(Vec<Channel>);

#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Moments without any values so far.
    pub(crate) fn new(channels: usize) -> Self {
        Self(vec![Channel::default(); channels])
    }

    /// The moments of values `[C, …]`. Missing values do not count.
    pub(crate) fn of(channels: usize, values: &[f64]) -> Self {
        let size = values.len() / channels.max(1);
        if size == 0 {
            return Self::new(channels);
        }
        Self(values.chunks(size).map(Channel::of).collect())
    }

    /// Adds the values that `other` was computed from. Moments of no channels take those of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
            return;
        }
        for (channel, other) in self.0.iter_mut().zip(&other.0) {
            channel.merge(*other);
        }
    }

    /// All numbers, for a message to another process.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        self.0.iter().flat_map(|channel| [channel.count, channel.mean, channel.squares]).collect()
    }

    /// The moments with these [`numbers`](Self::numbers).
    pub(crate) fn from_numbers(numbers: &[f64]) -> Self {
        let channel = |numbers: &[f64]| Channel { count: numbers[0], mean: numbers[1], squares: numbers[2] };
        Self(numbers.chunks_exact(3).map(channel).collect())
    }

    pub(crate) fn normalization(&self) -> Normalization {
        Normalization {
            mean: self.0.iter().map(|channel| channel.mean).collect(),
            deviation: self.0.iter().map(Channel::deviation).collect(),
        }
    }
}

impl Channel {
    fn of(values: &[f64]) -> Self {
        let present = || values.iter().filter(|value| !value.is_nan());
        let count = present().count() as f64;
        if count <= 0.0 {
            return Self::default();
        }
        let mean = present().sum::<f64>() / count;
        let squares = present().map(|value| (value - mean).powi(2)).sum();
        Self { count, mean, squares }
    }

    fn merge(&mut self, other: Self) {
        let before = self.count;
        self.count += other.count;
        if self.count <= 0.0 {
            return;
        }
        let difference = other.mean - self.mean;
        self.mean += difference * other.count / self.count;
        self.squares += other.squares + difference.powi(2) * before * other.count / self.count;
    }

    fn deviation(&self) -> f64 {
        let deviation = (self.squares / self.count).sqrt();
        // Values are rounded to f32 after normalization.
        if single(deviation).is_normal() { deviation } else { 1.0 }
    }
}
