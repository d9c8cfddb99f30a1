//! Numbers of recordings.

use graph::Array;

/// Numbers of a recording: `[C, T]`, `[C, H, W]`, or `[K]`. They are f64 until they are normalized, because f32
/// rounds large offsets, such as positions in meters or the seconds since 1970. NaN stands for a missing value.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Values {
    /// Values with this shape, with the last axis varying fastest. Returns `None` if the number of values is not
    /// the product of the shape.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f64>) -> Option<Self> {
        let shape = shape.into();
        let count = shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size))?;
        if count == data.len() { Some(Self { shape, data }) } else { None }
    }

    /// Values with this shape, computed from their index.
    pub fn from_fn(shape: impl Into<Vec<usize>>, value: impl FnMut(usize) -> f64) -> Self {
        let shape = shape.into();
        let count = shape.iter().product();
        Self { shape, data: (0..count).map(value).collect() }
    }

    /// Returns the shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns the numbers, with the last axis varying fastest.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// Returns the numbers, with the last axis varying fastest.
    pub fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// Returns the numbers rounded to f32.
    pub fn rounded(&self) -> Array {
        Array::from_fn(self.shape.as_slice(), |i| graph::single(self.data[i]))
    }

    /// Returns `length` samples of a series `[C, T]`, starting with sample `from`.
    pub(crate) fn cut(&self, from: usize, length: usize) -> Self {
        let (channels, samples) = (self.shape[0], self.shape[1]);
        let rows = (0..channels).map(|channel| &self.data[channel * samples..][from..from + length]);
        Self { shape: vec![channels, length], data: rows.flatten().copied().collect() }
    }

    /// Returns a series `[C, T]` with missing values appended up to `samples` samples.
    pub(crate) fn extended(&self, samples: usize) -> Self {
        let (channels, before) = (self.shape[0], self.shape[1]);
        let value = |i: usize| {
            let (channel, sample) = (i / samples, i % samples);
            if sample < before { self.data[channel * before + sample] } else { f64::NAN }
        };
        Self::from_fn([channels, samples], value)
    }
}

/// No values, `[0]`.
impl Default for Values {
    fn default() -> Self {
        Self { shape: vec![0], data: Vec::new() }
    }
}

impl From<&Array> for Values {
    fn from(array: &Array) -> Self {
        Self { shape: array.shape().to_vec(), data: array.data().iter().copied().map(f64::from).collect() }
    }
}

impl From<Array> for Values {
    fn from(array: Array) -> Self {
        Self::from(&array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_without_samples_is_extended_by_missing_ones() {
        for before in 0..3 {
            let extended = Values::from_fn([2, before], |i| i as f64).extended(3);
            assert_eq!(extended.shape(), [2, 3]);
            let missing = extended.data().iter().filter(|value| value.is_nan()).count();
            assert_eq!((extended.data().len(), missing), (6, 2 * (3 - before)));
        }
    }
}
