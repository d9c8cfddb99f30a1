//! Plain f64 tensors of the reference interpreter.

use crate::{Noise, Shape, single};

/// A batch of values in f64: `[N, C]`, `[N, C, T]` or `[N, C, H, W]`, the last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Samples.
    pub batch: usize,
    /// Channels and spatial sizes.
    pub shape: Shape,
    /// The elements.
    pub data: Vec<f64>,
}

/// Position of an element: sample, channel, height, width. A series has height 0, time is width.
pub(crate) type At = (usize, usize, usize, usize);

impl Tensor {
    /// The tensor whose element at `(sample, channel, height, width)` is `value` of it.
    pub(crate) fn from_fn(batch: usize, shape: &Shape, value: impl FnMut(At) -> f64) -> Self {
        Self { batch, shape: shape.clone(), data: places(batch, shape).map(value).collect() }
    }

    /// The positions of all elements, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = At> + use<> {
        places(self.batch, &self.shape)
    }

    /// Reproducible values, uniform in `[-1, 1)` and rounded to f32, so that every interpreter
    /// can be given the same.
    ///
    /// # Panics
    /// If the number of elements overflows or cannot be allocated.
    pub fn noise(name: &str, batch: usize, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        let noise = Noise::of(name);
        let value = |i: usize| f64::from(single(2.0 * noise.uniform(i as u64) - 1.0));
        let data = (0..batch.checked_mul(shape.elements()).expect("a countable number of elements"))
            .map(value)
            .collect();
        Self { batch, shape, data }
    }

    /// The element at a position.
    pub(crate) fn at(&self, (n, c, h, w): At) -> f64 {
        let (height, width) = plane(&self.shape);
        self.data[((n * self.shape.channels + c) * height + h) * width + w]
    }

    /// The element at a position that may lie outside; `None` there.
    pub(crate) fn get(&self, n: usize, c: usize, h: Option<usize>, w: Option<usize>) -> Option<f64> {
        let (height, width) = plane(&self.shape);
        let (h, w) = (h.filter(|h| *h < height)?, w.filter(|w| *w < width)?);
        Some(self.at((n, c, h, w)))
    }

    /// Positions of one sample's channel: all pairs of height and width.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (height, width) = plane(&self.shape);
        (0..height).flat_map(move |h| (0..width).map(move |w| (h, w)))
    }
}

fn places(batch: usize, shape: &Shape) -> impl Iterator<Item = At> + use<> {
    let (channels, (height, width)) = (shape.channels, plane(shape));
    let rows = (0..batch * channels * height)
        .map(move |row| (row / height / channels, row / height % channels, row % height));
    rows.flat_map(move |(n, c, h)| (0..width).map(move |w| (n, c, h, w)))
}

/// Height and width; a series has height 1, a feature vector is one position.
pub(crate) fn plane(shape: &Shape) -> (usize, usize) {
    match shape.space[..] {
        [] => (1, 1),
        [time] => (1, time),
        [height, width, ..] => (height, width),
    }
}
