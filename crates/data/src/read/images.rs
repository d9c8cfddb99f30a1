//! Folders of images, one folder per class.

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Shape, shown_path};

use super::foreign::sentence;
use super::picture::picture;
use super::{Request, origin, select};
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
            return Err(DataError::new(shown_path(image), message));
        }
        for folder in folders {
            let (_, images) = entries(&folder)?;
            if images.is_empty() {
                return Err(DataError::new(
                    shown_path(&folder),
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
        Ok(Recording::new(origin(path), picture(path, &self.input)?, Target::Class(*class)))
    }

    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        Ok(Some(self.files[index].1))
    }
}

/// Returns the folders and the images in a folder, sorted by name. Hidden ones are ignored.
pub(super) fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), DataError> {
    let failed = |error: std::io::Error| DataError::new(shown_path(folder), sentence(&error));
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
