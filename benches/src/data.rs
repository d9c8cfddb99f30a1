//! Real inputs: a recording and a photograph.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use graph::Array;
use image::imageops::{self, FilterType};

/// ImageNet means of red, green and blue, for values in [0, 1], as in torchvision.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// ImageNet standard deviations, likewise.
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Side of the square that torchvision crops from the resized image.
const SIDE: u32 = 224;
/// Length of the shorter side of the resized image.
const SHORTER: u32 = 256;

/// Reads a photograph and preprocesses it like torchvision for its ResNets, `[1, 3, 224, 224]`: resizes
/// the shorter side to 256, crops the center and normalizes the colors.
///
/// # Errors
/// If the file cannot be read or is not an image.
pub fn photograph(path: &Path) -> Result<Array> {
    let failed = || format!("could not read the photograph `{}`", path.display());
    let picture = image::open(path).with_context(failed)?.to_rgb8();
    let (width, height) = picture.dimensions();
    ensure!(width > 0 && height > 0, "{}: the photograph has no pixels", path.display());
    let scaled = |side: u32| side.saturating_mul(SHORTER).div_ceil(width.min(height));
    let picture = imageops::resize(&picture, scaled(width), scaled(height), FilterType::Triangle);
    let (left, top) = ((picture.width() - SIDE) / 2, (picture.height() - SIDE) / 2);
    let picture = imageops::crop_imm(&picture, left, top, SIDE, SIDE).to_image();
    let (plane, pixels) = ((SIDE * SIDE) as usize, picture.as_raw());
    let shape = [1, 3, SIDE as usize, SIDE as usize];
    Ok(Array::from_fn(shape, |i| {
        let (channel, position) = (i / plane, i % plane);
        (f32::from(pixels[3 * position + channel]) / 255.0 - MEAN[channel]) / DEVIATION[channel]
    }))
}

/// Reads the first recording of a `.ts` file of the UEA/UCR archive with the six channels of
/// BasicMotions, `[1, 6, samples]`.
///
/// # Errors
/// If the file cannot be read or a recording is malformed; names the row.
pub fn recording(path: &Path) -> Result<Array> {
    let recordings = ::data::read_inputs(path, &[6, 100].into())?;
    let input = recordings.into_iter().next().context("the file contains no recording")?.input;
    let shape = [&[1], input.shape()].concat();
    Array::new(shape, input.rounded().data().to_vec())
        .context("the channels of the recording differ in length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_data() {
        let recording = recording(&crate::folder("data/BasicMotions_TRAIN.ts")).unwrap();
        assert_eq!(recording.shape(), [1, 6, 100]);
        let photograph = photograph(&crate::folder("data/china.jpg")).unwrap();
        assert_eq!(photograph.shape(), [1, 3, 224, 224]);
        let mean = photograph.data().iter().sum::<f32>() / photograph.data().len() as f32;
        assert!(mean.abs() < 1.0, "expected normalized colors with a mean near 0, found {mean}");
    }
}
