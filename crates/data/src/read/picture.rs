//! Images as inputs of a network.

use std::path::Path;

use graph::{Shape, shown_path};
use image::imageops::FilterType;
use image::{DynamicImage, Pixel, Primitive};

use super::crop::Crop;
use super::decoding::decoded;
use super::foreign::{decode, sentence};
use crate::error::expected;
use crate::{DataError, Values};

/// Reads an image as a network's input. The image is turned as its EXIF data says, laid over white where it is
/// transparent, cropped at its center to the aspect ratio of the input and scaled to its size. Values are in
/// [0, 1]: grayscale for one channel; red, green and blue for three. Images of 16 bits keep their precision.
pub(super) fn picture(path: &Path, input: &Shape) -> Result<Values, DataError> {
    picture_and_size(path, input).map(|(values, _)| values)
}

/// Reads an image as [`picture`] does. Returns its height and width, too.
pub(super) fn picture_and_size(path: &Path, input: &Shape) -> Result<(Values, [u32; 2]), DataError> {
    let refuse = |message: String| DataError::new(shown_path(path), message);
    let size = size(input).map_err(refuse)?;
    if !matches!(input.channels, 1 | 3) {
        let message = expected("1 or 3 input channels for images", input.channels);
        return Err(refuse(message));
    }
    let bytes = graph::file::read(path).map_err(|error| refuse(sentence(&error)))?;
    let pixels = decode("image", || {
        let image = decoded(&bytes)?;
        let image_size = [image.height(), image.width()];
        Ok((pixels(image, size, input.channels)?, image_size))
    });
    let (pixels, image_size) = pixels.map_err(refuse)?;
    let (plane, channels) = (pixels.len() / input.channels, input.channels);
    let values = Values::from_fn(input.dims(), |i| pixels[channels * (i % plane) + i / plane]);
    Ok((values, image_size))
}

/// Returns the height and width of an input.
pub(super) fn size(input: &Shape) -> Result<[u32; 2], String> {
    let refused = || expected(format!("an input of shape {input}"), "an image");
    let [height, width] = input.space[..] else { return Err(refused()) };
    match (u32::try_from(height), u32::try_from(width)) {
        (Ok(height), Ok(width)) => Ok([height, width]),
        (Err(_), _) | (_, Err(_)) => Err(refused()),
    }
}

/// Scales an image to `[height, width]`. Returns its values with the channels of a pixel next to each other.
fn pixels(image: DynamicImage, size: [u32; 2], channels: usize) -> Result<Vec<f64>, String> {
    let [height, width] = size;
    let Some(bits) = bits(&image) else {
        let advice = "convert the image to 16 bits, or save its values as an array";
        return Err(expected("an image with 8 or 16 bits per channel", format!("floats; {advice}")));
    };
    let mut image = Crop::of([image.height(), image.width()], size)?.apply(image);
    over_white(&mut image);
    let scaled = image.resize_exact(width, height, FilterType::Triangle);
    Ok(match (bits, channels) {
        (8, 1) => shares(&scaled.to_luma8()),
        (8, _) => shares(&scaled.to_rgb8()),
        (_, 1) => shares(&scaled.to_luma16()),
        (_, _) => shares(&scaled.to_rgb16()),
    })
}

/// Returns the number of bits of each value, if they are integers.
fn bits(image: &DynamicImage) -> Option<u8> {
    use DynamicImage as Image;
    match image {
        Image::ImageLuma8(_) | Image::ImageLumaA8(_) | Image::ImageRgb8(_) | Image::ImageRgba8(_) => Some(8),
        Image::ImageLuma16(_) | Image::ImageLumaA16(_) | Image::ImageRgb16(_) | Image::ImageRgba16(_) => {
            Some(16)
        }
        _ => None,
    }
}

/// Returns values as shares of the largest one.
fn shares<T: Copy + Into<f64> + Primitive>(values: &[T]) -> Vec<f64> {
    let largest: f64 = T::DEFAULT_MAX_VALUE.into();
    values.iter().map(|&value| value.into() / largest).collect()
}

/// Lays an image over white, in place. This is done before scaling, because a transparent pixel has any color.
fn over_white(image: &mut DynamicImage) {
    match image {
        DynamicImage::ImageLumaA8(image) => image.pixels_mut().for_each(pixel_over_white),
        DynamicImage::ImageRgba8(image) => image.pixels_mut().for_each(pixel_over_white),
        DynamicImage::ImageLumaA16(image) => image.pixels_mut().for_each(pixel_over_white),
        DynamicImage::ImageRgba16(image) => image.pixels_mut().for_each(pixel_over_white),
        _ => {}
    }
}

fn pixel_over_white<P: Pixel>(pixel: &mut P)
where
    P::Subpixel: Into<u64> + TryFrom<u64>,
{
    let largest: u64 = P::Subpixel::DEFAULT_MAX_VALUE.into();
    let opacity: u64 = pixel.alpha().into();
    if opacity == largest {
        return;
    }
    pixel.apply_with_alpha(
        |value| {
            let mixed = (value.into() * opacity + largest * (largest - opacity) + largest / 2) / largest;
            P::Subpixel::try_from(mixed).unwrap_or(value)
        },
        |_| P::Subpixel::DEFAULT_MAX_VALUE,
    );
}
