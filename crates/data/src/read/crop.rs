//! The part of an image that becomes the input of a network.

use image::DynamicImage;

use crate::error::expected;

/// A crop of an image at its center, to the aspect ratio of an input. It is applied before scaling, because a narrow
/// image, scaled as a whole, could take any amount of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crop {
    /// The height and width of the image.
    image: [u32; 2],
    /// The first row and column.
    start: [u32; 2],
    /// The height and width of the crop.
    size: [u32; 2],
}

impl Crop {
    /// The crop of an image of this height and width, for an input of this height and width.
    pub(super) fn of(image: [u32; 2], input: [u32; 2]) -> Result<Self, String> {
        if image.contains(&0) {
            return Err(expected("an image with pixels", "an empty one"));
        }
        // `all * part / whole`, rounded, but at least one pixel.
        let share = |all: u32, part: u32, whole: u32| {
            let rounded = (u64::from(all) * u64::from(part) + u64::from(whole) / 2) / u64::from(whole.max(1));
            u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
        };
        let height = share(image[1], input[0], input[1]).min(image[0]);
        let width = share(image[0], input[1], input[0]).min(image[1]);
        let start = [(image[0] - height) / 2, (image[1] - width) / 2];
        Ok(Self { image, start, size: [height, width] })
    }

    /// Returns the row and column of the image that is at a row and column of the scaled crop, of this height and
    /// width: the pixel at its center.
    pub(super) fn nearest(&self, position: [u32; 2], scaled: [u32; 2]) -> [u32; 2] {
        [0, 1].map(|axis| {
            let center = (2 * u64::from(position[axis]) + 1) * u64::from(self.size[axis]);
            let inside = center / (2 * u64::from(scaled[axis].max(1)));
            self.start[axis] + u32::try_from(inside).unwrap_or(u32::MAX).min(self.size[axis] - 1)
        })
    }

    /// Returns the cropped image.
    pub(super) fn apply(&self, image: DynamicImage) -> DynamicImage {
        if self.size == self.image {
            return image;
        }
        let ([top, left], [height, width]) = (self.start, self.size);
        image.crop_imm(left, top, width, height)
    }
}
