//! Augmentation: random changes of training examples.

use std::f64::consts::TAU;

use graph::{Array, Noise};

use crate::draw::Draw;
use crate::number::{floor, single, wide};
use crate::{Augment, ExampleTarget, MASKED};

impl Augment {
    /// Applies the changes that move values, to an example and to its target if that has positions: shift (only
    /// if `shifts`), crop, flip.
    pub(crate) fn place(&self, input: &mut Array, target: &mut ExampleTarget, shifts: bool, draw: Draw) {
        let space = input.shape()[1..].to_vec();
        let mut maps: Vec<Vec<SourcePosition>> =
            space.iter().map(|&size| (0..size).map(SourcePosition::at).collect()).collect();
        if let Some(most) = self.shift
            && shifts
        {
            let numbers = draw.noise("shift");
            for (axis, map) in maps.iter_mut().enumerate() {
                shift(map, below(numbers, wide(axis), 2 * most + 1), most);
            }
        }
        if let Some(most) = self.crop {
            let numbers = draw.noise("crop");
            for (axis, map) in maps.iter_mut().enumerate() {
                let [before, after] = [0, 1].map(|side| below(numbers, 2 * wide(axis) + side, most + 1));
                crop(map, before, after);
            }
        }
        if self.flip && draw.noise("flip").uniform(0) < 0.5 {
            for map in maps.iter_mut().skip(1) {
                map.reverse();
            }
        }
        let is_moved =
            maps.iter().any(|map| map.iter().enumerate().any(|(i, from)| *from != SourcePosition::at(i)));
        if !is_moved {
            return;
        }
        resample(input, &maps);
        match target {
            ExampleTarget::Class(_) | ExampleTarget::Labels(_) => {}
            ExampleTarget::Positions(classes) => *classes = nearest(classes, &maps),
            ExampleTarget::Values(values) if values.shape().get(1..) == Some(&space[..]) => {
                resample(values, &maps);
            }
            ExampleTarget::Values(_) => {}
        }
    }

    /// Multiplies each channel of the input by a random factor, and the target's channels too if
    /// `scales_target`.
    pub(crate) fn scale(
        &self,
        input: &mut Array,
        target: &mut ExampleTarget,
        scales_target: bool,
        draw: Draw,
    ) {
        let Some(deviation) = self.scale else { return };
        let numbers = draw.noise("scale");
        let multiply = |array: &mut Array| {
            let size = channel_size(array);
            for (channel, row) in array.data_mut().chunks_mut(size).enumerate() {
                let factor = single(1.0 + deviation * numbers.normal(wide(channel)));
                for value in row {
                    *value *= factor;
                }
            }
        };
        multiply(input);
        if let ExampleTarget::Values(values) = target
            && scales_target
        {
            multiply(values);
        }
    }

    /// Applies the changes that affect only the input's values: wander, jitter, mask, channel dropout.
    pub(crate) fn change(&self, input: &mut Array, draw: Draw) {
        let size = channel_size(input);
        let channels = input.shape()[0];
        let data = input.data_mut();
        if let Some(amplitude) = self.wander {
            let numbers = draw.noise("wander");
            for (channel, row) in data.chunks_mut(size).enumerate() {
                wander(row, amplitude, numbers, 6 * wide(channel));
            }
        }
        if let Some(deviation) = self.jitter {
            let numbers = draw.noise("jitter");
            for (i, value) in data.iter_mut().enumerate() {
                *value += single(deviation * numbers.normal(wide(i)));
            }
        }
        if let Some(most) = self.mask {
            let numbers = draw.noise("mask");
            let length = floor(numbers.uniform(0) * (most * size as f64 + 1.0), size);
            let start = below(numbers, 1, size - length + 1);
            for row in data.chunks_mut(size) {
                row[start..start + length].fill(0.0);
            }
        }
        if let Some(probability) = self.channel_dropout {
            let numbers = draw.noise("channel_dropout");
            let kept = below(numbers, 0, channels);
            for (channel, row) in data.chunks_mut(size).enumerate() {
                if channel != kept && numbers.uniform(1 + wide(channel)) < probability {
                    row.fill(0.0);
                }
            }
        }
    }
}

/// Returns the start of a window, shifted randomly by up to `most` samples. The caller must keep the window
/// within the recording.
pub(crate) fn shifted(start: usize, most: usize, draw: Draw) -> usize {
    (start + below(draw.noise("shift"), 0, 2 * most + 1)).saturating_sub(most)
}

/// Returns random number `i` as an integer from 0 to `limit - 1`.
fn below(numbers: Noise, i: u64, limit: usize) -> usize {
    floor(numbers.uniform(i) * limit as f64, limit)
}

fn channel_size(array: &Array) -> usize {
    (array.data().len() / array.shape()[0].max(1)).max(1)
}

/// The place along an axis that a new position is sampled from: between position `low` and the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct SourcePosition {
    low: usize,
    /// The distance from `low` towards the next position, in [0, 1).
    part: f32,
    /// Whether the place is inside the recording and therefore has a label.
    inside: bool,
}

impl SourcePosition {
    fn at(low: usize) -> Self {
        Self { low, part: 0.0, inside: true }
    }
}

/// Shifts an axis by `by - most` positions and repeats the values at the border.
fn shift(map: &mut [SourcePosition], by: usize, most: usize) {
    let last = map.len() - 1;
    for (i, from) in map.iter_mut().enumerate() {
        let shifted = i + by;
        let low = shifted.saturating_sub(most).min(last);
        *from = SourcePosition { low, part: 0.0, inside: shifted >= most && shifted - most <= last };
    }
}

/// Cuts positions off both ends of an axis and stretches the rest to the full size. Coordinates refer to the
/// centers of pixels.
fn crop(map: &mut [SourcePosition], before: usize, after: usize) {
    let size = map.len();
    let kept = size - before - after;
    let old = map.to_vec();
    for (i, from) in map.iter_mut().enumerate() {
        let x = ((i as f64 + 0.5) * kept as f64 / size as f64 - 0.5).clamp(0.0, (kept - 1) as f64);
        let low = floor(x, kept);
        let [from_low, from_high] = [low, (low + 1).min(kept - 1)].map(|position| old[before + position]);
        // Where a shift repeats the border, both positions have the same source, so nothing is interpolated.
        let part = if from_low.low == from_high.low { 0.0 } else { single(x - low as f64) };
        *from = SourcePosition { part, ..from_low };
    }
}

/// Samples the array at the places given by one map per axis, by linear interpolation.
fn resample(array: &mut Array, maps: &[Vec<SourcePosition>]) {
    let shape = array.shape().to_vec();
    let mut data = array.data().to_vec();
    for (axis, map) in maps.iter().enumerate() {
        let size = shape[axis + 1];
        let inner: usize = shape[axis + 2..].iter().product();
        let old = data.clone();
        for (block, old) in data.chunks_mut(size * inner).zip(old.chunks(size * inner)) {
            for (i, from) in map.iter().enumerate() {
                let high = (from.low + 1).min(size - 1);
                for j in 0..inner {
                    let [low, high] = [from.low, high].map(|position| old[position * inner + j]);
                    // A missing neighbor does not count unless it is required.
                    block[i * inner + j] = if from.part > 0.0 { low + from.part * (high - low) } else { low };
                }
            }
        }
    }
    array.data_mut().copy_from_slice(&data);
}

/// Returns the labels at the nearest positions, or [`MASKED`] outside the recording.
fn nearest(labels: &[i64], maps: &[Vec<SourcePosition>]) -> Vec<i64> {
    let sizes: Vec<usize> = maps.iter().map(Vec::len).collect();
    let label = |i: usize| {
        let (mut rest, mut index, mut stride) = (i, 0, 1);
        for (map, &size) in maps.iter().zip(&sizes).rev() {
            let from = map[rest % size];
            rest /= size;
            if !from.inside {
                return MASKED;
            }
            index += stride * (from.low + usize::from(from.part >= 0.5)).min(size - 1);
            stride *= size;
        }
        labels[index]
    };
    (0..labels.len()).map(label).collect()
}

/// Adds two sines of up to two periods over the row.
fn wander(row: &mut [f32], amplitude: f64, numbers: Noise, first: u64) {
    let size = row.len() as f64;
    for sine in [first, first + 3] {
        let [periods, phase, height] = [0, 1, 2].map(|i| numbers.uniform(sine + i));
        for (i, value) in row.iter_mut().enumerate() {
            let angle = TAU * (2.0 * periods * i as f64 / size + phase);
            *value += single(amplitude * height * angle.sin());
        }
    }
}
