//! The outputs of a batch, position by position.

use graph::Array;

/// Outputs `[N, C, …]` by position. Those of all examples are counted together.
pub(super) struct Outputs<'a> {
    data: &'a [f32],
    channels: usize,
    /// Positions of an example.
    positions: usize,
}

impl<'a> Outputs<'a> {
    pub(super) fn of(outputs: &'a Array) -> Self {
        let (channels, positions) = match outputs.shape() {
            [_, channels, space @ ..] => (*channels, space.iter().product()),
            _ => (0, 0),
        };
        Self { data: outputs.data(), channels, positions }
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Positions of all examples.
    pub(super) fn columns(&self) -> usize {
        self.data.len() / self.channels.max(1)
    }

    fn elements(&self, position: usize) -> impl Iterator<Item = f64> {
        let first = position / self.positions * self.channels * self.positions + position % self.positions;
        (0..self.channels).map(move |channel| f64::from(self.data[first + channel * self.positions]))
    }

    /// Replaces `column` by the outputs of a position.
    pub(super) fn column(&self, position: usize, column: &mut Vec<f64>) {
        column.clear();
        column.extend(self.elements(position));
    }

    /// Replaces `shares` by the probability of each class at a position, from logits.
    pub(super) fn softmax(&self, position: usize, shares: &mut Vec<f64>) {
        self.column(position, shares);
        let largest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for share in &mut *shares {
            *share = (*share - largest).exp();
        }
        let sum: f64 = shares.iter().sum();
        for share in shares {
            *share /= sum;
        }
    }

    /// The predicted class of a position: that of the largest output, the first of equal ones, or, for a single
    /// output, whether it is above 0.
    pub(super) fn class(&self, position: usize) -> usize {
        if self.channels == 1 {
            return usize::from(self.elements(position).any(|logit| logit > 0.0));
        }
        let mut best = (0, f64::NEG_INFINITY);
        for (channel, output) in self.elements(position).enumerate() {
            if output > best.1 {
                best = (channel, output);
            }
        }
        best.0
    }
}

/// The sigmoid of a logit.
pub(super) fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}
