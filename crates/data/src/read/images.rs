//! Folders of images, one folder per class.

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Array, Shape};
use image::imageops::FilterType;

use super::{Request, shown};
use crate::{DataError, Recording, Source, Target};

/// Images below a folder, decoded when they are asked for.
pub(super) struct Images {
    files: Vec<(PathBuf, usize)>,
    classes: Vec<String>,
    input: Shape,
}

impl Images {
    /// The images of a folder with one folder per class; files of other kinds are passed over.
    pub(super) fn open(request: &Request<'_>) -> Result<Self, DataError> {
        let mut classes = Vec::new();
        let mut files = Vec::new();
        let (folders, beside) = entries(request.path)?;
        if let Some(beside) = beside.first() {
            return Err(DataError::new(
                shown(beside),
                "an image beside the classes' folders; it must lie in one",
            ));
        }
        for folder in folders {
            let (_, images) = entries(&folder)?;
            if images.is_empty() {
                return Err(DataError::new(shown(&folder), "no images; a class needs at least one"));
            }
            files.extend(images.into_iter().map(|image| (image, classes.len())));
            classes.push(folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        let (count, from) = (files.len(), request.file.from.unwrap_or(0));
        let to = request.file.to.unwrap_or(count);
        if count == 0 {
            return Err(request.refuse("no folders of images; one for each class is needed"));
        }
        if from >= to || to > count {
            let message = format!("recordings {from} to {to} are asked for; the folder has {count}");
            return Err(request.refuse(message));
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

/// The folders and the images in a folder, in order of name; hidden ones are passed over.
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

/// Whether a file's ending is that of a kind of image that is read.
pub(super) fn is_image(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "png")
}

/// An image as the network's input: scaled so that it covers the input, the middle cut out, values from
/// 0 to 1; grey for one channel, red, green and blue for three.
pub(super) fn picture(path: &Path, input: &Shape) -> Result<Array, DataError> {
    let refuse = |message: String| DataError::new(shown(path), message);
    let [height, width] = input.space[..] else {
        return Err(refuse(format!("an image; the network's input is {input}")));
    };
    let read = image::ImageReader::open(path).and_then(image::ImageReader::with_guessed_format);
    let decoded = read.map_err(|error| refuse(error.to_string()))?.decode();
    let decoded = decoded.map_err(|error| refuse(format!("not a whole image ({error})")))?;
    let size = |n: usize| u32::try_from(n).map_err(|_| refuse(format!("the network's input is {input}")));
    let scaled = decoded.resize_to_fill(size(width)?, size(height)?, FilterType::Triangle);
    let pixels = match input.channels {
        1 => scaled.to_luma8().into_raw(),
        3 => scaled.to_rgb8().into_raw(),
        channels => {
            return Err(refuse(format!("an image; the network's input has {channels} channels, not 1 or 3")));
        }
    };
    let (plane, channels) = (height * width, input.channels);
    Ok(Array::from_fn(input.dims(), |i| f32::from(pixels[channels * (i % plane) + i / plane]) / 255.0))
}
