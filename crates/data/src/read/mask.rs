//! Images whose pixels are labels.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use graph::shown_path;
use image::{DynamicImage, ImageFormat, Pixel};
use png::{ColorType, Decoder, Limits, Transformations};

use super::decoding::{damaged, decoded, format, limit};
use super::foreign::{decode, sentence};
use crate::DataError;
use crate::error::expected;

/// An image of labels: gray values, or the indices of the colors of a PNG palette.
#[derive(Debug)]
pub(super) struct Mask {
    /// The height and width.
    pub(super) size: [u32; 2],
    /// Bits of each label: 1, 2, 4, 8 or 16, most significant first.
    bits: usize,
    /// Bytes of each row.
    row: usize,
    bytes: Vec<u8>,
}

impl Mask {
    pub(super) fn read(path: &Path) -> Result<Self, DataError> {
        let refuse = |message: String| DataError::new(shown_path(path), message);
        let bytes = graph::file::read(path).map_err(|error| refuse(sentence(&error)))?;
        decode("image", || Self::of(&bytes)).map_err(refuse)
    }

    fn of(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err(expected("an image", "an empty file"));
        }
        match format(bytes)? {
            ImageFormat::Jpeg => {
                let found = "JPEG, whose compression changes labels";
                Err(expected("a mask in a lossless format such as PNG", found))
            }
            ImageFormat::Png => match of_png(bytes)? {
                Some(mask) => Ok(mask),
                None => of_image(decoded(bytes)?),
            },
            _ => of_image(decoded(bytes)?),
        }
    }

    /// Returns the label at a row and column.
    pub(super) fn label(&self, [row, column]: [u32; 2]) -> u16 {
        let row = &self.bytes[row as usize * self.row..];
        let column = column as usize;
        match self.bits {
            16 => u16::from_be_bytes([row[2 * column], row[2 * column + 1]]),
            8 => u16::from(row[column]),
            bits => {
                let per_byte = 8 / bits;
                let shift = bits * (per_byte - 1 - column % per_byte);
                u16::from(row[column / per_byte]) >> shift & ((1 << bits) - 1)
            }
        }
    }

    /// Returns all labels that occur.
    pub(super) fn labels(&self) -> BTreeSet<u16> {
        let mut is_found = vec![false; 1 << 16];
        for row in 0..self.size[0] {
            for column in 0..self.size[1] {
                is_found[usize::from(self.label([row, column]))] = true;
            }
        }
        (0..=u16::MAX).filter(|label| is_found[usize::from(*label)]).collect()
    }
}

/// Reads the gray values or palette indices of a PNG image. Returns `None` if it has colors.
fn of_png(bytes: &[u8]) -> Result<Option<Mask>, String> {
    let most = usize::try_from(limit(bytes)).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: most });
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(|error| damaged(&error))?;
    let (color, depth) = reader.output_color_type();
    if !matches!(color, ColorType::Grayscale | ColorType::Indexed) {
        return Ok(None);
    }
    let size = reader.output_buffer_size().filter(|size| *size <= most);
    let Some(size) = size else {
        let found = format!("a larger one in a file of {} bytes", bytes.len());
        return Err(expected(format!("an image of at most {} MB when decoded", most / 1_000_000), found));
    };
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|error| damaged(&error))?;
    Ok(Some(Mask {
        size: [frame.height, frame.width],
        bits: depth as usize,
        row: frame.line_size,
        bytes: pixels,
    }))
}

/// Takes the values of a gray image, also if it is stored in colors.
fn of_image(image: DynamicImage) -> Result<Mask, String> {
    let size = [image.height(), image.width()];
    let width = image.width() as usize;
    let bytes = match image {
        DynamicImage::ImageLuma8(image) => image.into_raw(),
        DynamicImage::ImageLuma16(image) => {
            let bytes = image.into_raw().into_iter().flat_map(u16::to_be_bytes).collect();
            return Ok(Mask { size, bits: 16, row: 2 * width, bytes });
        }
        image => {
            let pixels = image.into_rgba8();
            let is_gray = |pixel: &image::Rgba<u8>| {
                let [red, green, blue, alpha] = pixel.0;
                red == green && green == blue && alpha == u8::MAX
            };
            if !pixels.pixels().all(is_gray) {
                let found = "colors; save the labels as gray values or as a PNG with a palette";
                return Err(expected("an image of labels", found));
            }
            pixels.pixels().map(|pixel| pixel.channels()[0]).collect()
        }
    };
    Ok(Mask { size, bits: 8, row: width, bytes })
}
