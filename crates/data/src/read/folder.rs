//! The images below a folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use graph::{listed, shown_path};
use image::ImageFormat;
use walkdir::WalkDir;

use super::foreign::sentence;
use crate::DataError;

/// Files and folders that systems store beside images, in lower case.
const OF_SYSTEMS: [&str; 3] = ["thumbs.db", "desktop.ini", "__macosx"];

/// The content of a folder and of all folders below it, sorted by name. Hidden files and folders are ignored.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Paths relative to the folder.
    pub(super) images: Vec<PathBuf>,
    /// The folders directly in the folder.
    pub(super) folders: Vec<PathBuf>,
    /// The number of other files by extension.
    others: BTreeMap<String, usize>,
}

impl Contents {
    /// Lists a folder, except for the folder `without`.
    pub(super) fn of(folder: &Path, without: Option<&Path>) -> Result<Self, DataError> {
        let mut contents = Self::default();
        let is_listed = |entry: &walkdir::DirEntry| {
            entry.depth() == 0
                || !is_hidden(entry.file_name()) && without.is_none_or(|without| entry.path() != without)
        };
        let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(is_listed) {
            let entry = entry.map_err(|error| {
                let place = error.path().unwrap_or(folder);
                let message = error.io_error().map_or_else(|| sentence(&error), |error| sentence(error));
                DataError::new(shown_path(place), message)
            })?;
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_owned();
            if entry.file_type().is_dir() {
                if entry.depth() == 1 {
                    contents.folders.push(path);
                }
            } else if is_image(&path) {
                contents.images.push(path);
            } else {
                let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
                *contents.others.entry(extension).or_default() += 1;
            }
        }
        Ok(contents)
    }

    /// Returns a note about the files that are not images, if there are any.
    pub(super) fn note(&self, folder: &Path) -> Option<String> {
        if self.others.is_empty() {
            return None;
        }
        let shown = |(extension, count): (&String, &usize)| match extension.as_str() {
            "" => format!("{count} without an extension"),
            extension => format!("{count} .{extension}"),
        };
        let others: Vec<String> = self.others.iter().map(shown).collect();
        let count: usize = self.others.values().sum();
        let files = if count == 1 { "file was" } else { "files were" };
        Some(format!("{}: {count} {files} not read ({})", shown_path(folder), listed(&others)))
    }
}

/// Returns whether a file or folder of this name is hidden, or one that systems store beside others. Such files are
/// never data.
pub fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || OF_SYSTEMS.contains(&name.as_str())
}

/// Returns whether a file has the extension of a supported image format.
pub(super) fn is_image(path: &Path) -> bool {
    ImageFormat::from_path(path).is_ok_and(|format| format.reading_enabled())
}
