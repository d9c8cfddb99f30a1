//! The recordings in an array of inputs.

use std::ops::Range;

use graph::Shape;

use super::run;
use crate::error::expected;
use crate::read::stored::Run;

/// The axes of an array of inputs.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Whether the array has an axis of recordings.
    pub(super) many: bool,
    /// The number of recordings.
    pub(super) count: usize,
    /// The shape of a recording in the file: `[C, T]` or `[C, H, W]`.
    pub(super) shape: Vec<usize>,
}

impl Layout {
    /// Returns the layout of an array for a network with this input, if `channels` of all channels are read. Both
    /// the axis of recordings and, if there is a single channel, the axis of channels may be missing.
    pub(super) fn of(shape: &[usize], input: &Shape, channels: Option<&[usize]>) -> Result<Self, String> {
        let found = match channels {
            None => Self::with_all_channels(shape, input),
            Some(_) => match shape.len().checked_sub(input.rank()) {
                Some(1) => Some(Self { many: false, count: 1, shape: shape.to_vec() }),
                Some(2) => Some(Self::many(shape, shape[1..].to_vec())),
                _ => None,
            },
        };
        let refuse = |found: String| expected(format!("an input of shape {:?}", input.dims()), found);
        if let Some(advice) = channels_last(shape, input)
            && channels.is_none()
        {
            let found = format!("{shape:?}, with the channels last; transpose it, for example with {advice}");
            return Err(refuse(found));
        }
        let found = found.ok_or_else(|| refuse(format!("{shape:?}")))?;
        let of_file = found.shape.first().copied().unwrap_or_default();
        match channels.and_then(|channels| channels.iter().find(|channel| **channel >= of_file)) {
            Some(channel) => {
                let below = format!("numbers below {of_file}, the number of channels");
                Err(format!("`channels`: {}", expected(below, channel)))
            }
            None => Ok(found),
        }
    }

    fn with_all_channels(shape: &[usize], input: &Shape) -> Option<Self> {
        let (rank, channels) = (input.rank(), input.channels);
        let one = |shape: Vec<usize>| Self { many: false, count: 1, shape };
        match shape.len() {
            n if n == rank && channels == 1 => Some(one([&[1], shape].concat())),
            // If there is a single channel, the axis may instead be that of several images without channels.
            n if n == rank + 1 && shape[0] == channels && (rank == 1 || shape[1..] == input.space[..]) => {
                Some(one(shape.to_vec()))
            }
            n if n == rank + 2 => Some(Self::many(shape, shape[1..].to_vec())),
            n if n == rank + 1 && channels == 1 => Some(Self::many(shape, [&[1], &shape[1..]].concat())),
            _ => None,
        }
    }

    fn many(shape: &[usize], of_one: Vec<usize>) -> Self {
        let count = if of_one.contains(&0) { 0 } else { shape[0] };
        Self { many: true, count, shape: of_one }
    }

    /// Returns the number of values of a recording in the file.
    pub(super) fn size(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn is_series(&self) -> bool {
        self.shape.len() == 2
    }

    /// Returns the number of samples of a series, or of pixels of an image.
    pub(super) fn samples(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Returns the elements of samples of a recording, and their shape. An image is always whole.
    pub(super) fn runs(
        &self,
        recording: usize,
        samples: &Range<usize>,
        channels: Option<&[usize]>,
    ) -> (Vec<Run>, Vec<usize>) {
        let (base, all) = (recording * self.size(), self.samples());
        let of_file = self.shape.first().copied().unwrap_or_default();
        let samples = if self.is_series() { samples.clone() } else { 0..all };
        let part = |channel: usize| run(base + channel * all + samples.start, samples.len());
        let runs = match channels {
            None if samples.len() == all => vec![run(base, self.size())],
            None => (0..of_file).map(part).collect(),
            Some(channels) => channels.iter().map(|channel| part(*channel)).collect(),
        };
        let mut shape = self.shape.clone();
        if let (Some(first), Some(channels)) = (shape.first_mut(), channels) {
            *first = channels.len();
        }
        if self.is_series() {
            shape[1] = samples.len();
        }
        (runs, shape)
    }
}

/// Returns how to transpose an array whose last axis is that of the channels.
fn channels_last(shape: &[usize], input: &Shape) -> Option<&'static str> {
    let channels = input.channels;
    match (input.rank(), shape) {
        (1, &[samples, last]) if channels > 1 && samples != channels && last == channels => Some("`.T`"),
        (1, &[_, samples, last]) if samples != channels && last == channels => Some("`.transpose(0, 2, 1)`"),
        (2, &[height, _, last]) if channels > 1 && height != channels && last == channels => {
            Some("`.transpose(2, 0, 1)`")
        }
        (2, &[_, height, _, last]) if height != channels && last == channels => {
            Some("`.transpose(0, 3, 1, 2)`")
        }
        _ => None,
    }
}
