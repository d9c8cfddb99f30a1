//! Decoding of image files, within a limit of memory.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits};

use super::foreign::sentence;
use super::jpeg;
use crate::error::expected;

/// A decoded image may take this many bytes of memory plus [`MOST_EXPANSION`] times the size of its file. A plain
/// drawing of 16 million pixels takes 48 MB. Without a limit, a few bytes that declare a huge image would allocate
/// gigabytes.
const LEAST_LIMIT: u64 = 48_000_000;
/// Photographs, and drawings with noise or gradients, expand less; only large uniform areas expand more.
const MOST_EXPANSION: u64 = 24;

/// Decodes an image, the first one if the file has several, and turns it as its EXIF data says. The format is
/// detected from the content.
pub(super) fn decoded(bytes: &[u8]) -> Result<DynamicImage, String> {
    if bytes.is_empty() {
        return Err(expected("an image", "an empty file"));
    }
    let format = format(bytes)?;
    if format == ImageFormat::Jpeg && !jpeg::has_end(bytes) {
        return Err(damaged(&"the end of the file is missing"));
    }
    let most = limit(bytes);
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    match read(reader, most) {
        Ok(image) => Ok(image),
        Err(ImageError::Limits(_)) => {
            let found = format!("a larger one in a file of {} bytes", bytes.len());
            Err(expected(format!("an image of at most {} MB when decoded", most / 1_000_000), found))
        }
        Err(ImageError::Unsupported(error)) => Err(format!("unsupported image ({})", sentence(&error))),
        Err(error) => Err(damaged(&error)),
    }
}

/// Returns the format of an image.
pub(super) fn format(bytes: &[u8]) -> Result<ImageFormat, String> {
    image::guess_format(bytes).map_err(|_| expected("an image", "a file of another kind"))
}

/// Returns the memory that the decoded image may take, in bytes.
pub(super) fn limit(bytes: &[u8]) -> u64 {
    LEAST_LIMIT.saturating_add(MOST_EXPANSION.saturating_mul(bytes.len() as u64))
}

/// Returns the message about a damaged image.
pub(super) fn damaged(error: &dyn std::fmt::Display) -> String {
    format!("damaged image ({})", sentence(error))
}

fn read(mut reader: ImageReader<Cursor<&[u8]>>, most: u64) -> ImageResult<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(most);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // An image with damaged EXIF data is not turned.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}
