//! Shapes of values: channels and spatial sizes, the batch always free.

use std::fmt;

/// Shape of a value without its batch axis: `[N, C, T]`, `[N, C, H, W]`, or `[N, C]` for a
/// feature vector.
///
/// ```
/// use graph::Shape;
/// assert_eq!(Shape::from([3, 224, 224]).to_string(), "[N, 3, 224, 224]");
/// assert_eq!(Shape::from([6, 100]).rank(), 1);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Channels.
    pub channels: usize,
    /// Time, or height and width; empty for a feature vector.
    pub space: Vec<usize>,
}

impl Shape {
    /// A shape of `channels` over `space`.
    pub fn new(channels: usize, space: impl Into<Vec<usize>>) -> Self {
        Self { channels, space: space.into() }
    }

    /// Spatial axes: 1 for a series, 2 for an image, 0 for a feature vector.
    pub fn rank(&self) -> usize {
        self.space.len()
    }

    /// Elements of one sample; saturates.
    pub fn elements(&self) -> usize {
        self.space.iter().fold(self.channels, |n, &size| n.saturating_mul(size))
    }

    /// Channels and spatial sizes in a row.
    pub fn dims(&self) -> Vec<usize> {
        std::iter::once(self.channels).chain(self.space.iter().copied()).collect()
    }
}

impl From<[usize; 1]> for Shape {
    fn from([channels]: [usize; 1]) -> Self {
        Self::new(channels, [])
    }
}

impl From<[usize; 2]> for Shape {
    fn from([channels, time]: [usize; 2]) -> Self {
        Self::new(channels, [time])
    }
}

impl From<[usize; 3]> for Shape {
    fn from([channels, height, width]: [usize; 3]) -> Self {
        Self::new(channels, [height, width])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[N, {}", self.channels)?;
        for size in &self.space {
            write!(f, ", {size}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
