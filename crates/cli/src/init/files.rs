//! The files of the training, validation and test sets.

use std::path::{Path, PathBuf};

use data::{File, Split, is_hidden};

/// The paths of each set.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub(super) train: Vec<PathBuf>,
    pub(super) validation: Vec<PathBuf>,
    pub(super) test: Vec<PathBuf>,
    /// The number of other files and folders in a folder that is divided.
    pub(super) others: usize,
}

/// The sets to which the names of files and folders refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Train,
    Validation,
    Test,
}

impl Paths {
    /// Divides paths by their names. A single folder that contains files or folders for training and for testing
    /// stands for these.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        if let [folder] = paths
            && folder.is_dir()
        {
            let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
                .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
                .unwrap_or_default();
            entries.retain(|entry| !entry.file_name().is_some_and(is_hidden));
            let all = entries.len();
            entries.retain(|entry| set_of(entry).is_some());
            entries.sort();
            let divided = Self { others: all - entries.len(), ..Self::divided(&entries) };
            if !divided.train.is_empty() && divided.is_divided() {
                return divided;
            }
            return Self { train: paths.to_vec(), ..Self::default() };
        }
        let divided = Self::divided(paths);
        if divided.train.is_empty() { Self { train: paths.to_vec(), ..Self::default() } } else { divided }
    }

    fn divided(paths: &[PathBuf]) -> Self {
        let mut divided = Self::default();
        for path in paths {
            let set = match set_of(path) {
                Some(Set::Validation) => &mut divided.validation,
                Some(Set::Test) => &mut divided.test,
                Some(Set::Train) | None => &mut divided.train,
            };
            set.push(path.clone());
        }
        divided
    }

    /// Whether names distinguish files for validation or testing from those for training.
    pub(super) fn is_divided(&self) -> bool {
        !self.validation.is_empty() || !self.test.is_empty()
    }
}

fn set_of(path: &Path) -> Option<Set> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let mut words = name.split(|char: char| !char.is_alphanumeric());
    words.find_map(|word| match word {
        "train" | "training" => Some(Set::Train),
        "val" | "valid" | "validation" | "dev" => Some(Set::Validation),
        "test" | "testing" => Some(Set::Test),
        _ => None,
    })
}

/// Returns the files of a set, relative to the folder of the config if they are in it.
pub(super) fn split(paths: &[PathBuf], folder: &Path) -> Split {
    Split(paths.iter().map(|path| File::new(relative(path, folder))).collect())
}

/// Returns a path relative to the folder of the config if it is in it, and otherwise as an absolute path.
pub(super) fn relative(path: &Path, folder: &Path) -> PathBuf {
    let current = folder.as_os_str().is_empty() || folder == Path::new(".");
    if current && path.is_relative() {
        let plain = path.strip_prefix(".").unwrap_or(path);
        return if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain.to_owned() };
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    match absolute.strip_prefix(&folder) {
        Ok(plain) if !plain.as_os_str().is_empty() => plain.to_owned(),
        Ok(_) | Err(_) => absolute,
    }
}

/// Returns a name for a model trained on this path: the name of the file or folder in letters, digits and `-`.
pub(super) fn name_of(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = name.split(['.', '*', '?']).next().unwrap_or_default();
    let words = stem.split(|char: char| !char.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "model".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_sets() {
        let paths = ["Gun_TRAIN.ts", "Gun_TEST.ts", "held/val.npz"].map(PathBuf::from);
        let divided = Paths::of(&paths);
        assert_eq!((divided.train.len(), divided.validation.len(), divided.test.len()), (1, 1, 1));
        let alike = Paths::of(&["a.csv", "latest.csv"].map(PathBuf::from));
        assert_eq!((alike.train.len(), alike.is_divided()), (2, false));
        assert_eq!(Paths::of(&["test.csv".into()]).train.len(), 1);
    }

    #[test]
    fn paths_are_relative_to_the_folder_of_the_config() {
        for (path, folder, expected) in [
            ("./a.csv", "", "a.csv"),
            (".", "", "."),
            ("/d/x/a.csv", "/d/x", "a.csv"),
            ("/d/a.csv", "/e", "/d/a.csv"),
        ] {
            assert_eq!(relative(Path::new(path), Path::new(folder)), Path::new(expected));
        }
    }

    #[test]
    fn models_are_named_after_their_data() {
        for (path, name) in [("a/Day 1.csv.gz", "day-1"), ("sub/*.csv", "model"), ("x_y.ts", "x-y")] {
            assert_eq!(name_of(Path::new(path)), name);
        }
    }
}
