//! Decoding of an image into a network's input.

use std::io::Cursor;
use std::path::Path;

use graph::{Array, Shape, shown_path};
use image::imageops::FilterType;
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use super::foreign::{decode, sentence};
use crate::DataError;
use crate::error::expected;

/// A decoded image may take this many bytes of memory plus [`MOST_EXPANSION`] times the size of its file. A plain
/// drawing of 16 million pixels takes 48 MB. Without a limit, a few bytes that declare a huge image would allocate
/// gigabytes.
const LEAST_LIMIT: u64 = 48_000_000;
/// Photographs, and drawings with noise or gradients, expand less; only large uniform areas expand more.
const MOST_EXPANSION: u64 = 24;

/// Reads an image as a network's input. The image is cropped at its center to the aspect ratio of the input and
/// scaled to its size. Values are in [0, 1]: grayscale for one channel; red, green and blue for three.
pub(super) fn picture(path: &Path, input: &Shape) -> Result<Array, DataError> {
    let refuse = |message: String| DataError::new(shown_path(path), message);
    let [height, width] = input.space[..] else {
        return Err(refuse(expected(format!("an input of shape {input}"), "an image")));
    };
    let size = |n: usize| {
        u32::try_from(n).map_err(|_| refuse(expected(format!("an input of shape {input}"), "an image")))
    };
    let (height, width) = (size(height)?, size(width)?);
    if !matches!(input.channels, 1 | 3) {
        let message = expected("1 or 3 input channels for images", input.channels);
        return Err(refuse(message));
    }
    let bytes = graph::file::read(path).map_err(|error| refuse(sentence(&error)))?;
    let pixels = decode("image", || {
        let image = decoded(&bytes, ImageFormat::from_path(path).ok())?;
        pixels(image, width, height, input.channels)
    });
    let pixels = pixels.map_err(refuse)?;
    let (plane, channels) = (pixels.len() / input.channels, input.channels);
    Ok(Array::from_fn(input.dims(), |i| f32::from(pixels[channels * (i % plane) + i / plane]) / 255.0))
}

/// Decodes an image. The format is detected from the content or, failing that, from the file name.
fn decoded(bytes: &[u8], format_of_name: Option<ImageFormat>) -> Result<DynamicImage, String> {
    let damaged = |error: &dyn std::fmt::Display| format!("damaged image ({})", sentence(error));
    let most = LEAST_LIMIT.saturating_add(MOST_EXPANSION.saturating_mul(bytes.len() as u64));
    let mut reader = ImageReader::new(Cursor::new(bytes));
    if let Some(format) = format_of_name {
        reader.set_format(format);
    }
    let mut reader = reader.with_guessed_format().map_err(|error| damaged(&error))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(most);
    reader.limits(limits);
    match reader.decode() {
        Ok(image) => Ok(image),
        Err(ImageError::Limits(_)) => {
            let found = format!("a larger one in a file of {} bytes", bytes.len());
            Err(expected(format!("an image of at most {} MB when decoded", most / 1_000_000), found))
        }
        Err(error) => Err(damaged(&error)),
    }
}

/// Scales an image to this size. Returns its values with the channels of a pixel next to each other.
fn pixels(image: DynamicImage, width: u32, height: u32, channels: usize) -> Result<Vec<u8>, String> {
    if image.width() == 0 || image.height() == 0 {
        return Err(expected("an image with pixels", "an empty one"));
    }
    let scaled = middle(image, width, height).resize_exact(width, height, FilterType::Triangle);
    Ok(if channels == 1 { scaled.to_luma8().into_raw() } else { scaled.to_rgb8().into_raw() })
}

/// Crops an image at its center to the aspect ratio of `width` to `height`. This is done before scaling, because a
/// narrow image, scaled as a whole, could take any amount of memory.
fn middle(image: DynamicImage, width: u32, height: u32) -> DynamicImage {
    let (image_width, image_height) = (image.width(), image.height());
    // `all * part / whole`, rounded, but at least one pixel.
    let share = |all: u32, part: u32, whole: u32| {
        let rounded = (u64::from(all) * u64::from(part) + u64::from(whole) / 2) / u64::from(whole.max(1));
        u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
    };
    let cut_width = share(image_height, width, height).min(image_width);
    let cut_height = share(image_width, height, width).min(image_height);
    if (cut_width, cut_height) == (image_width, image_height) {
        return image;
    }
    image.crop_imm((image_width - cut_width) / 2, (image_height - cut_height) / 2, cut_width, cut_height)
}
