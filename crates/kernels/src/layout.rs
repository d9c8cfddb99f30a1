//! Values in blocks of channels.

/// The number of channels in a block.
pub const BLOCK: usize = 16;

/// The channels of a block at one position.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lanes(pub [f32; BLOCK]);

impl Lanes {
    /// All zeros.
    pub const ZERO: Self = Self([0.0; BLOCK]);
}

/// The number of blocks of this many channels.
pub fn blocks(channels: usize) -> usize {
    channels.div_ceil(BLOCK)
}

/// The place of a value in a slice of [`Lanes`]: blocks of rows of elements.
///
/// Rows and columns need not be next to each other, so that a value can have margins around it, or be every other
/// element of a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The index of the first element of the first row of the first block.
    pub origin: usize,
    /// The distance between blocks.
    pub plane: usize,
    /// The distance between rows.
    pub pitch: usize,
    /// The distance between columns.
    pub step: usize,
}

impl View {
    /// A value of `height` rows of `width` elements without gaps.
    pub fn plain(height: usize, width: usize) -> Self {
        Self { origin: 0, plane: height * width, pitch: width, step: 1 }
    }

    /// The value from a block on.
    #[must_use]
    pub fn from_block(self, block: usize) -> Self {
        Self { origin: self.origin + block * self.plane, ..self }
    }

    /// The index of an element.
    #[inline(always)]
    pub fn index(&self, block: usize, row: usize, column: usize) -> usize {
        self.origin + block * self.plane + row * self.pitch + column * self.step
    }
}
