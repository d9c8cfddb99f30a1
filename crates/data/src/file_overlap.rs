//! Parts of files that are read more than once, in one split or in several.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use graph::{FieldError, shown_path};

use crate::config::Columns;
use crate::overlap::shared;
use crate::read::files_of;
use crate::{Config, File, Split};

/// A part of a file that a split reads.
struct FilePart<'a> {
    split: &'a str,
    entry: usize,
    /// The path as the config has it.
    path: PathBuf,
    /// The same columns or arrays contain the inputs of two parts if these are equal.
    channels: Option<Columns>,
    input: Option<String>,
    range: (usize, usize),
}

/// Returns an error about the first part of a file that is read twice, whatever the names by which the config refers
/// to it. `folder` is the folder that paths are relative to. Files that are not found are left to their reader.
pub(crate) fn check(config: &Config, folder: &Path, splits: &[(&str, &Split)]) -> Result<(), FieldError> {
    let mut known: BTreeMap<PathBuf, Vec<FilePart<'_>>> = BTreeMap::new();
    for (split, files) in splits {
        for (entry, file) in files.0.iter().enumerate() {
            for part in parts(config, folder, file, (split, entry)) {
                let Ok(path) = part.path.canonicalize() else { continue };
                let earlier = known.entry(path).or_default();
                if let Some(other) = earlier.iter().find(|other| other.overlaps(&part)) {
                    part.check(other, config.allow_overlap)?;
                }
                earlier.push(part);
            }
        }
    }
    Ok(())
}

/// Returns the parts that an entry of a split refers to.
fn parts<'a>(
    config: &Config,
    folder: &Path,
    file: &File,
    (split, entry): (&'a str, usize),
) -> Vec<FilePart<'a>> {
    let settings = config.with_settings(file);
    let Ok((paths, are_many)) = files_of(folder, &file.file) else { return Vec::new() };
    let is_part = file.from.is_some() || file.to.is_some();
    if are_many && is_part {
        // `from` and `to` count the recordings of all files, so the part of each file is unknown.
        return Vec::new();
    }
    let part = |path| FilePart {
        split,
        entry,
        path,
        channels: settings.channels.clone(),
        input: settings.input.clone(),
        range: (file.from.unwrap_or(0), file.to.unwrap_or(usize::MAX)),
    };
    paths.into_iter().map(part).collect()
}

impl FilePart<'_> {
    fn overlaps(&self, other: &Self) -> bool {
        self.channels == other.channels
            && self.input == other.input
            && self.range.0 < other.range.1
            && other.range.0 < self.range.1
    }

    /// Refuses this part, which overlaps with an earlier one.
    fn check(&self, earlier: &Self, allow_overlap: bool) -> Result<(), FieldError> {
        let (from, to) = (self.range.0.max(earlier.range.0), self.range.1.min(earlier.range.1));
        let name = shown_path(&self.path);
        if self.split == earlier.split {
            let message =
                format!("reads {name}, which entry {} also reads; list each recording once", earlier.entry);
            return Err(FieldError::new("", message).at_index(self.entry).within(self.split));
        }
        if allow_overlap {
            return Ok(());
        }
        let found = match (from, to) {
            (0, usize::MAX) => format!("{name} in both"),
            (from, usize::MAX) => format!("{name} from {from} in both"),
            (from, to) => format!("{name} from {from} to {to} in both"),
        };
        Err(shared(self.split, "parts of files", earlier.split, &found))
    }
}
