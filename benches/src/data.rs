//! Real inputs: a recording and a photograph.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use graph::Array;
use image::imageops::{self, FilterType};

/// Means of red, green and blue over ImageNet, of values between 0 and 1, as torchvision has them.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Standard deviations likewise.
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Side that torchvision crops from a picture whose shorter side is [`SHORTER`].
const SIDE: u32 = 224;
const SHORTER: u32 = 256;

/// The photograph as torchvision gives it to its ResNets, `[1, 3, 224, 224]`: the shorter side scaled
/// to 256, the middle cropped, colours normalized.
///
/// # Errors
/// A file that is missing or no picture.
pub fn photograph(path: &Path) -> Result<Array> {
    let failed = || format!("could not read the photograph `{}`", path.display());
    let picture = image::open(path).with_context(failed)?.to_rgb8();
    let (width, height) = picture.dimensions();
    ensure!(width > 0 && height > 0, "the photograph `{}` has no pixels", path.display());
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

/// The first recording of a `.ts` file of the UEA/UCR archive, `[1, channels, samples]`.
///
/// # Errors
/// A file that is missing, or where the first recording is not a rectangle of numbers; names the line.
pub fn recording(path: &Path) -> Result<Array> {
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the recording `{}`", path.display()))?;
    first_recording(&text).with_context(|| format!("`{}` is not a .ts file", path.display()))
}

/// After `@data` each line is a recording: channels separated by `:`, samples by `,`, the class last.
fn first_recording(text: &str) -> Result<Array> {
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    lines.find(|(_, line)| line.eq_ignore_ascii_case("@data")).context("there is no line `@data`")?;
    let first = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let (number, line) = first.context("there is no recording after `@data`")?;
    let Some((channels, _class)) = line.rsplit_once(':') else {
        bail!("line {number}: a class after the last `:` is needed");
    };
    let channels = channels.split(':').map(|channel| samples(number, channel)).collect::<Result<Vec<_>>>()?;
    let length = channels[0].len();
    if let Some(other) = channels.iter().find(|channel| channel.len() != length) {
        bail!("line {number}: a channel of {} samples beside one of {length}", other.len());
    }
    let shape = [1, channels.len(), length];
    Array::new(shape, channels.concat()).context("a recording is a rectangle")
}

fn samples(number: usize, channel: &str) -> Result<Vec<f32>> {
    let sample = |text: &str| match text.trim().parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => bail!("line {number}: `{text}` is not a number"),
    };
    channel.split(',').map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings() {
        let text = "# made\n@dimensions 2\n@data\n\n1,2,3:4,5,6:Walking\n7,8,9:0,0,0:Running\n";
        let array = first_recording(text).unwrap();
        assert_eq!((array.shape(), array.data()), (&[1, 2, 3][..], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..]));
        let error = |text: &str| format!("{:#}", first_recording(text).unwrap_err());
        assert_eq!(error("1,2:Walking"), "there is no line `@data`");
        assert_eq!(error("@data\n"), "there is no recording after `@data`");
        assert_eq!(error("@data\n1,2,3"), "line 2: a class after the last `:` is needed");
        assert_eq!(error("@data\n1,2:3:Walking"), "line 2: a channel of 1 samples beside one of 2");
        assert_eq!(error("@data\n1,?:Walking"), "line 2: `?` is not a number");
    }

    #[test]
    fn committed_data() {
        let recording = recording(&crate::folder("data/BasicMotions_TRAIN.ts")).unwrap();
        assert_eq!(recording.shape(), [1, 6, 100]);
        let photograph = photograph(&crate::folder("data/china.jpg")).unwrap();
        assert_eq!(photograph.shape(), [1, 3, 224, 224]);
        let mean = photograph.data().iter().sum::<f32>() / photograph.data().len() as f32;
        assert!(mean.abs() < 1.0, "normalized colours lie about 0, not {mean}");
    }
}
