//! Folders of images, one folder per class.

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Array, Shape};
use image::imageops::FilterType;

use super::{Request, select, shown};
use crate::error::expected;
use crate::{DataError, Recording, Source, Target};

/// The images in a folder. Each is decoded only when it is read.
pub(super) struct Images {
    files: Vec<(PathBuf, usize)>,
    classes: Vec<String>,
    input: Shape,
}

impl Images {
    /// Lists the images of a folder with one folder per class; other files are ignored.
    pub(super) fn open(request: &Request<'_>) -> Result<Self, DataError> {
        let mut classes = Vec::new();
        let mut files = Vec::new();
        let (folders, unsorted_images) = entries(request.path)?;
        if let Some(image) = unsorted_images.first() {
            let message = "expected images in one folder per class, found an image outside of them; move it into the folder of its class";
            return Err(DataError::new(shown(image), message));
        }
        for folder in folders {
            let (_, images) = entries(&folder)?;
            if images.is_empty() {
                return Err(DataError::new(
                    shown(&folder),
                    expected("at least one image of the class", "none"),
                ));
            }
            files.extend(images.into_iter().map(|image| (image, classes.len())));
            classes.push(folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        let (count, from) = (files.len(), request.file.from.unwrap_or(0));
        let to = request.file.to.unwrap_or(count);
        if count == 0 {
            return Err(request.refuse(expected("a folder of images for each class", "none")));
        }
        if from >= to || to > count {
            return Err(request.refuse(select::out_of_range("recordings", from, to, count)));
        }
        files.truncate(to);
        files.drain(..from);
        Ok(Self { files, classes, input: request.input.clone() })
    }
}

impl Source for Images {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        let (path, class) = &self.files[index];
        Ok(Recording {
            origin: shown(path),
            input: picture(path, &self.input)?,
            target: Target::Class(*class),
        })
    }

    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        Ok(Some(self.files[index].1))
    }
}

/// Returns the folders and the images in a folder, sorted by name. Hidden ones are ignored.
pub(super) fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), DataError> {
    let failed = |error: std::io::Error| DataError::new(shown(folder), error.to_string());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    paths.retain(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.'));
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    Ok((folders, files.into_iter().filter(|file| is_image(file)).collect()))
}

/// Returns whether a file has the extension of a supported image format.
pub(super) fn is_image(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(extension.as_str(), "jpg" | "jpeg" | "png")
}

/// Reads an image as a network's input. The image is scaled to cover the input and cropped to its center.
/// Values are in [0, 1]: gray for one channel; red, green and blue for three.
pub(super) fn picture(path: &Path, input: &Shape) -> Result<Array, DataError> {
    let refuse = |message: String| DataError::new(shown(path), message);
    let [height, width] = input.space[..] else {
        return Err(refuse(expected(format!("an input of shape {input}"), "an image")));
    };
    let read = image::ImageReader::open(path).and_then(image::ImageReader::with_guessed_format);
    let decoded = read.map_err(|error| refuse(error.to_string()))?.decode();
    let decoded = decoded.map_err(|error| refuse(format!("damaged image ({error})")))?;
    let size = |n: usize| {
        u32::try_from(n).map_err(|_| refuse(expected(format!("an input of shape {input}"), "an image")))
    };
    let scaled = decoded.resize_to_fill(size(width)?, size(height)?, FilterType::Triangle);
    let pixels = match input.channels {
        1 => scaled.to_luma8().into_raw(),
        3 => scaled.to_rgb8().into_raw(),
        channels => {
            return Err(refuse(expected("an image of 1 or 3 channels for the network's input", channels)));
        }
    };
    let (plane, channels) = (height * width, input.channels);
    Ok(Array::from_fn(input.dims(), |i| f32::from(pixels[channels * (i % plane) + i / plane]) / 255.0))
}
