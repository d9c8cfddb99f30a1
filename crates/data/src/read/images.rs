//! Folders of images, one folder per class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use graph::{Shape, quoted, shown_path};

use super::folder::Contents;
use super::names::Names;
use super::picture::picture;
use super::{Request, origin, select};
use crate::error::expected;
use crate::{Column, DataError, Description, Recording, Source, Target, Task};

/// The images in a folder. Each is decoded only when it is read.
pub(super) struct Images {
    files: Vec<ImageFile>,
    classes: Vec<String>,
    input: Shape,
    notes: Vec<String>,
}

struct ImageFile {
    path: PathBuf,
    class: usize,
    group: Option<String>,
}

/// The groups of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// No groups.
    None,
    /// Each image is a group.
    File,
    /// The images of all folders of the same name are a group.
    Folder,
}

impl Images {
    /// Lists the images of a folder with one folder per class. Images in deeper folders belong to the class, too.
    pub(super) fn open(request: &Request<'_>, task: Task) -> Result<Self, DataError> {
        check_keys(request, &[])?;
        let groups = Groups::of(request)?;
        let contents = Contents::of(request.path, None)?;
        if contents.folders.is_empty() && contents.images.is_empty() {
            return Err(request.refuse(expected("a folder of images for each class", "none")));
        }
        let mut notes: Vec<String> = contents.note(request.path).into_iter().collect();
        let mut names = Names::default();
        let mut files = Vec::new();
        for (folder, images) in by_class(request, &contents, task)? {
            let Some(class) = class(request, folder, &mut names)? else {
                let place = shown_path(&request.path.join(folder));
                let count =
                    if images.len() == 1 { "1 image".to_owned() } else { format!("{} images", images.len()) };
                notes.push(format!("{place}: ignored class, {count} not read"));
                continue;
            };
            files.extend(images.into_iter().map(|image| ImageFile {
                path: request.path.join(image),
                class,
                group: groups.of_image(image),
            }));
        }
        let (classes, places) = names.sorted();
        for file in &mut files {
            file.class = places[file.class];
        }
        let files = selected(request, files)?;
        Ok(Self { files, classes, input: request.input.clone(), notes })
    }
}

/// Returns the folders of the classes with their images.
fn by_class<'a>(
    request: &Request<'_>,
    contents: &'a Contents,
    task: Task,
) -> Result<Vec<(&'a Path, Vec<&'a Path>)>, DataError> {
    let mut folders: BTreeMap<&Path, Vec<&Path>> =
        contents.folders.iter().map(|folder| (folder.as_path(), Vec::new())).collect();
    for image in &contents.images {
        let folder = image.iter().next().map(Path::new).and_then(|folder| folders.get_mut(folder));
        let Some(images) = folder else {
            let advice = match task {
                Task::Segmentation => "set `target` to the folder of the masks",
                _ => "move it into the folder of its class",
            };
            let message =
                format!("expected images in one folder per class, found an image outside them; {advice}");
            return Err(DataError::new(shown_path(&request.path.join(image)), message));
        };
        images.push(image);
    }
    if let Some((folder, _)) = folders.iter().find(|(_, images)| images.is_empty()) {
        let place = shown_path(&request.path.join(folder));
        return Err(DataError::new(place, expected("at least one image of the class", "none")));
    }
    Ok(folders.into_iter().collect())
}

/// Returns the class of a folder, or `None` if the config ignores it.
fn class(request: &Request<'_>, folder: &Path, names: &mut Names) -> Result<Option<usize>, DataError> {
    let label = folder.to_string_lossy();
    if request.labels.ignores(&label) {
        return Ok(None);
    }
    let refuse = |message: String| DataError::new(shown_path(&request.path.join(folder)), message);
    match names.label(&label, &request.labels).map_err(refuse)? {
        Some(class) => Ok(Some(class)),
        None => {
            let found = format!(
                "{}, which stands for an unknown class; to make it a class, list it in `classes`",
                quoted(&label)
            );
            Err(refuse(expected("a class as the name of the folder", found)))
        }
    }
}

/// Returns the files from `from` to `to`.
pub(super) fn selected<T>(request: &Request<'_>, mut files: Vec<T>) -> Result<Vec<T>, DataError> {
    let (count, from) = (files.len(), request.file.from.unwrap_or(0));
    if count == 0 {
        return Err(request.refuse(expected("at least one image", "none")));
    }
    let to = request.file.to.unwrap_or(count);
    if from >= to || to > count {
        return Err(request.refuse(select::out_of_range("recordings", from, to, count)));
    }
    files.truncate(to);
    files.drain(..from);
    Ok(files)
}

/// Refuses the settings of other kinds of files, except for those in `allowed`.
pub(super) fn check_keys(request: &Request<'_>, allowed: &[&str]) -> Result<(), DataError> {
    match request.file.set_keys().find(|key| !allowed.contains(key)) {
        Some("target") => {
            Err(request.refuse("`target`: supported for folders of images only in segmentation"))
        }
        Some(key) => Err(request.refuse(format!("`{key}`: not supported for folders of images"))),
        None => Ok(()),
    }
}

impl Groups {
    pub(super) fn of(request: &Request<'_>) -> Result<Self, DataError> {
        match &request.file.group {
            None => Ok(Self::None),
            Some(Column::Name(name)) if name == "file" => Ok(Self::File),
            Some(Column::Name(name)) if name == "folder" => Ok(Self::Folder),
            Some(other) => {
                let found = quoted(&other.to_string());
                Err(request.refuse(format!("`group`: {}", expected("`file` or `folder` for images", found))))
            }
        }
    }

    /// Returns the group of an image, given its path relative to the folder of images.
    pub(super) fn of_image(self, image: &Path) -> Option<String> {
        let folder = || image.parent().and_then(Path::file_name).unwrap_or_default();
        match self {
            Self::None => None,
            Self::File => Some(image.to_string_lossy().into_owned()),
            Self::Folder => Some(folder().to_string_lossy().into_owned()),
        }
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
        let ImageFile { path, class, group } = &self.files[index];
        let recording = Recording::new(origin(path), picture(path, &self.input)?, Target::Class(*class));
        Ok(Recording { group: group.clone(), ..recording })
    }

    fn description(&self) -> Description {
        Description { notes: self.notes.clone(), ..Description::default() }
    }
}
