//! Reading files as sources.

mod archive;
mod arrays;
mod budget;
mod cache;
mod cached;
mod crop;
mod decoding;
mod folder;
mod foreign;
mod images;
mod inputs;
mod inspect;
mod jpeg;
mod kind;
mod mask;
mod masks;
mod names;
mod part;
mod paths;
mod picture;
mod reading;
mod select;
mod shared;
mod spilled;
mod stored;
mod table;
mod temporary;
mod text;
mod ts;
mod unpacked;

use std::path::Path;

use graph::{Shape, shown_path};

use self::arrays::Arrays;
use self::budget::Budget;
pub(crate) use self::cache::Cache;
pub use self::folder::is_hidden;
use self::foreign::sentence;
pub use self::inputs::{InputReader, read_inputs};
pub(crate) use self::inspect::inspect;
pub(crate) use self::kind::Kind;
use self::kind::convertible;
pub use self::part::summary_of_notes;
pub(crate) use self::paths::files_of;
pub(crate) use self::reading::OpenedFiles;
use self::shared::FileSource;
pub(crate) use self::temporary::TemporaryFile;
use self::unpacked::UnpackedArrays;
use crate::config::Column;
use crate::labels::Labels;
use crate::{DataError, File, Memory};

/// A request to read one file.
struct Request<'a> {
    path: &'a Path,
    /// The folder that the paths of all files are relative to.
    folder: &'a Path,
    file: &'a File,
    input: &'a Shape,
    wanted: Wanted,
    labels: Labels,
    /// Whether series may differ in length from the network's input.
    any_length: bool,
    /// The memory that the content of the file may take.
    budget: Budget,
    /// Whether missing values are read as NaN. Otherwise, they are refused.
    reads_missing: bool,
    /// Whether the parts of a table that are shorter than the network's input are left out, if a table of samples
    /// contains several recordings.
    drops_short: bool,
    /// Set if the file is read for prediction.
    prediction: Option<ForPrediction<'a>>,
    /// The place of arrays that cannot be read from the file when they are used.
    unpacked: &'a UnpackedArrays<'a>,
}

/// Facts about a file that is read for prediction. Its target may be absent, and [`Request::file`] has the
/// settings of the files that the model was trained on.
#[derive(Clone, Copy, Debug)]
struct ForPrediction<'a> {
    /// The names of the model's input channels. Empty if they are unknown. A header that contains all of them
    /// determines the columns of the inputs.
    channels: &'a [String],
    /// The names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    columns: &'a [String],
    /// Whether the last column of a table is the target, if the table has one more column than the inputs need.
    last_is_target: bool,
    /// Whether the layout of tables is known. Otherwise, rows with one value per channel are ambiguous: samples of
    /// a series, or recordings of length 1.
    knows_layout: bool,
}

/// The kind of target that the task requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Classes,
    /// For each class, whether the recording belongs to it.
    Labels,
    Numbers,
    Signal,
    Nothing,
}

impl Request<'_> {
    /// Returns an error about the whole file.
    fn refuse(&self, message: impl Into<String>) -> DataError {
        DataError::new(shown_path(self.path), message)
    }

    /// Refuses keys of the config that have no effect on files of a kind, such as `.ts files`. In prediction, they may be
    /// meant for other files.
    fn check_keys(&self, allowed: &[&str], files: &str) -> Result<(), DataError> {
        match self.file.set_keys().find(|key| !allowed.contains(key)) {
            Some(key) if self.prediction.is_none() => {
                Err(self.refuse(format!("`{key}`: not supported for {files}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns an error at a place in the file.
    fn refuse_at(&self, place: impl std::fmt::Display, message: impl Into<String>) -> DataError {
        DataError::new(format!("{}: {place}", shown_path(self.path)), message)
    }

    /// Reads all recordings of a text file, and keeps them.
    fn kept(&self, cache: &Cache) -> Result<FileSource, DataError> {
        cache.keep(self.memory()?).map_err(|message| self.refuse(message))
    }

    /// Reads all recordings of the file.
    fn memory(&self) -> Result<Memory, DataError> {
        if let Some(extension) = array_extension(self.path) {
            return Arrays::open(self, extension)?.memory();
        }
        if let Some(format) = convertible(self.path) {
            return Err(
                self.refuse(format!("{format} files are not read; convert them as in docs/recipes.md"))
            );
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        match plain.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "ts" => ts::read(self),
            "csv" | "txt" | "tsv" => table::read(self),
            _ => {
                std::fs::metadata(self.path).map_err(|error| self.refuse(error.to_string()))?;
                Err(self.refuse(
                    "unknown file format, expected .ts, .csv, .tsv, .txt (also .gz), .npy, .npz, .safetensors or a \
                     folder of images",
                ))
            }
        }
    }

    /// Returns the bytes of the file, without decompression.
    fn bytes(&self) -> Result<Vec<u8>, DataError> {
        graph::file::read(self.path).map_err(|error| self.refuse(sentence(&error)))
    }

    /// Returns the group of all recordings in the file, if each file or each folder is a group: the path of the
    /// file or folder, relative to the folder of all files.
    fn group_of_path(&self) -> Option<String> {
        let Some(Column::Name(name)) = &self.file.group else { return None };
        let path = match name.as_str() {
            "file" => self.path,
            "folder" => self.path.parent()?,
            _ => return None,
        };
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        Some(relative.to_string_lossy().into_owned())
    }
}

/// Returns the extension of a file of arrays.
fn array_extension(path: &Path) -> Option<&'static str> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["npy", "npz", "safetensors"].into_iter().find(|known| *known == extension)
}

/// Returns the origin of a recording: the exact path of its file, which messages escape and truncate.
fn origin(path: &Path) -> String {
    path.display().to_string()
}

/// Returns whether a recording belongs to a class, given the number that stands for it.
fn label(value: f64) -> Result<bool, String> {
    if value.abs() <= 0.0 {
        Ok(false)
    } else if (value - 1.0).abs() <= 0.0 {
        Ok(true)
    } else {
        Err(crate::error::expected("0 or 1 for whether the recording belongs to the class", value))
    }
}
