//! The files that an entry of a split refers to: a file, the files in a folder, or those that match a pattern.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use graph::{listed, shown_path};
use walkdir::WalkDir;

use super::folder::is_hidden;
use super::foreign::sentence;
use super::kind::{Kind, convertible};
use crate::DataError;
use crate::error::expected;

/// The files that an entry of a split refers to.
pub(crate) enum Found {
    /// A single file, which may not exist.
    File(PathBuf),
    /// A folder of images.
    Images(PathBuf),
    /// The data files in a folder, or those that match a pattern, sorted.
    Files {
        /// The files.
        files: Vec<PathBuf>,
        /// A note about the files that were not read, if there are any.
        notes: Vec<String>,
    },
}

/// The files in a folder or of a pattern, sorted.
#[derive(Default)]
struct Listing {
    data: BTreeSet<PathBuf>,
    /// Text files, which are data unless there is other data. A folder of data often contains a `README.txt`.
    texts: BTreeSet<PathBuf>,
    images: BTreeSet<PathBuf>,
    others: BTreeSet<PathBuf>,
}

/// Returns the files that `file`, relative to `folder`, refers to.
pub(crate) fn find(folder: &Path, file: &Path) -> Result<Found, DataError> {
    let path = folder.join(file);
    if path.is_dir() {
        let mut listing = Listing::default();
        listing.add_folder(&path)?;
        if listing.is_of_images(&path) {
            return Ok(Found::Images(path));
        }
        return listing.data_files(&path);
    }
    let is_pattern = file.to_string_lossy().contains(['*', '?']);
    if !is_pattern || path.exists() {
        return Ok(Found::File(path));
    }
    let mut listing = Listing::default();
    for found in matches(folder, file).map_err(|message| DataError::new(shown_path(&path), message))? {
        if found.is_dir() {
            listing.add_folder(&found)?;
        } else {
            listing.add(found);
        }
    }
    if listing.is_empty() {
        let message = expected("at least one file that matches this pattern", "none");
        return Err(DataError::new(shown_path(&path), message));
    }
    listing.data_files(&path)
}

/// Returns the files that `file`, relative to `folder`, refers to, and whether it is a folder of data files or a
/// pattern. A folder of images counts as one file.
pub(crate) fn files_of(folder: &Path, file: &Path) -> Result<(Vec<PathBuf>, bool), DataError> {
    Ok(match find(folder, file)? {
        Found::File(path) | Found::Images(path) => (vec![path], false),
        Found::Files { files, .. } => (files, true),
    })
}

/// Returns the files and folders that match a pattern relative to `folder`. Hidden ones never match.
fn matches(folder: &Path, pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let (Some(folder), Some(pattern)) = (folder.to_str(), pattern.to_str()) else {
        return Err(expected("a UTF-8 path", "other bytes"));
    };
    // Only `*`, `?` and `**` are special; brackets are common in names of files.
    let literal: String = pattern
        .chars()
        .map(|c| match c {
            '[' => "[[]".to_owned(),
            ']' => "[]]".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let whole = Path::new(&Pattern::escape(folder)).join(literal);
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(&whole.to_string_lossy(), options);
    let paths = paths.map_err(|error| format!("invalid pattern: {}", error.msg))?;
    paths.map(|path| path.map_err(|error| sentence(&error))).collect()
}

impl Listing {
    /// Adds the files in a folder and in its folders, except hidden ones.
    fn add_folder(&mut self, folder: &Path) -> Result<(), DataError> {
        let is_visible = |entry: &walkdir::DirEntry| entry.depth() == 0 || !is_hidden(entry.file_name());
        for entry in WalkDir::new(folder).follow_links(true).into_iter().filter_entry(is_visible) {
            let entry = entry.map_err(|error| DataError::new(shown_path(folder), sentence(&error)))?;
            if !entry.file_type().is_dir() {
                self.add(entry.into_path());
            }
        }
        Ok(())
    }

    fn add(&mut self, file: PathBuf) {
        let list = match Kind::of(&file) {
            Some(Kind::Table) if is_text(&file) => &mut self.texts,
            Some(Kind::Table | Kind::Ts | Kind::Arrays) => &mut self.data,
            Some(Kind::Image) => &mut self.images,
            None => &mut self.others,
        };
        list.insert(file);
    }

    fn is_empty(&self) -> bool {
        [&self.data, &self.texts, &self.images, &self.others].into_iter().all(BTreeSet::is_empty)
    }

    /// Whether this folder contains images in folders, rather than data files with a few pictures beside them. A few
    /// data files, such as lists of labels, may be beside the images.
    fn is_of_images(&self, folder: &Path) -> bool {
        let is_nested = |file: &PathBuf| file.parent() != Some(folder);
        if self.data.is_empty() {
            return !self.images.is_empty();
        }
        let has_few_data_files = !self.data.iter().any(is_nested) || self.images.len() > self.data.len();
        self.images.iter().any(is_nested) && has_few_data_files
    }

    /// The files of a folder without data files, and what to do.
    fn found_instead(&self) -> String {
        if !self.images.is_empty() {
            return "images; name the folder that contains a folder of images for each class".to_owned();
        }
        match self.others.iter().find_map(|file| convertible(file)) {
            Some(format) => format!("{format} files; convert them as in docs/recipes.md"),
            None => {
                "none; name a folder of .csv, .tsv, .txt, .ts, .npy, .npz or .safetensors files, or of images"
                    .to_owned()
            }
        }
    }

    /// Returns the data files; all others are a note.
    fn data_files(self, path: &Path) -> Result<Found, DataError> {
        if self.data.is_empty() && self.texts.is_empty() {
            return Err(DataError::new(
                shown_path(path),
                expected("at least one data file", self.found_instead()),
            ));
        }
        let (data, texts) =
            if self.data.is_empty() { (self.texts, BTreeSet::new()) } else { (self.data, self.texts) };
        let skipped: BTreeSet<&PathBuf> = texts.iter().chain(&self.images).chain(&self.others).collect();
        let name = |file: &&PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = skipped.iter().map(name).collect();
        let notes = match names.len() {
            0 => Vec::new(),
            1 => vec![format!("{}: 1 file was not read: {}", shown_path(path), listed(&names))],
            count => vec![format!("{}: {count} files were not read: {}", shown_path(path), listed(&names))],
        };
        Ok(Found::Files { files: data.into_iter().collect(), notes })
    }
}

/// Returns whether a file is called `.txt` or `.txt.gz`.
fn is_text(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".txt") || name.ends_with(".txt.gz")
}
