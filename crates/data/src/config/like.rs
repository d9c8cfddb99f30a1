//! The settings that a config has for a file that it does not list.

use std::path::Path;

use graph::{quoted, shown_path};

use crate::read::Kind;
use crate::{Config, DataError, File, Missing, Validation};

impl Config {
    /// Returns `path` as a file that this config could list: with the settings of the files that it lists, except
    /// for `from` and `to`. These are the settings of the same file, if the config lists it, or otherwise those of
    /// all listed files of this kind, such as tables. `settings` take precedence. Relative paths in the config
    /// refer to `base`.
    ///
    /// # Errors
    /// If the config lists several files of this kind with different settings.
    pub fn file_like(&self, path: &Path, base: &Path, settings: &File) -> Result<File, DataError> {
        let file = File { file: path.to_owned(), ..settings.clone() };
        let folder = self.folder_in(base);
        let listed: Vec<&File> = self.listed_files().collect();
        let is_path = |listed: &&File| is_same_file(&folder.join(&listed.file), path);
        let mut models: Vec<&File> = listed.iter().copied().filter(is_path).collect();
        if models.is_empty() {
            models = listed;
            models.retain(|listed| have_same_kind(&listed.file, path));
        }
        let Some(first) = models.first() else { return Ok(self.with_settings(&file)) };
        let merged = |model: &File| self.with_settings(&file.with_format(model));
        for model in &models {
            let differences = differences(&merged(first), &merged(model));
            if !differences.is_empty() {
                let keys: Vec<String> = differences.iter().map(|key| format!("`{key}`")).collect();
                let message = format!(
                    "expected one description of such files in the model's config, found different values of {} \
                     for {} and {}; set {} for this file",
                    keys.join(", "),
                    quoted(&first.file.to_string_lossy()),
                    quoted(&model.file.to_string_lossy()),
                    if keys.len() == 1 { "it" } else { "them" },
                );
                return Err(DataError::new(shown_path(path), message));
            }
        }
        Ok(merged(first))
    }

    /// Returns whether the config lists tables, so that it determines their layout.
    pub(crate) fn describes_tables(&self) -> bool {
        self.format.as_ref().is_some_and(|format| format.layout.is_some())
            || self.listed_files().any(|file| matches!(Kind::of(&file.file), Some(Kind::Table)))
    }

    /// Returns whether the recordings may differ in length from the network's input.
    pub(crate) fn takes_any_length(&self) -> bool {
        self.window.is_some() || self.stitch.is_some() || self.pad.is_some()
    }

    /// Returns whether missing values are read. With `pad`, they may mark the end of a series.
    pub(crate) fn reads_missing(&self) -> bool {
        self.missing != Missing::Refuse || self.pad.is_some()
    }

    /// Returns whether a recording that is shorter than a window is of no use.
    pub(crate) fn drops_short(&self) -> bool {
        self.window.is_some() && self.stitch.is_none() && self.pad.is_none()
    }

    fn listed_files(&self) -> impl Iterator<Item = &File> {
        let validation = match &self.validation {
            Some(Validation::Files(files)) => &files.0[..],
            Some(Validation::Share(_)) | None => &[],
        };
        let test = self.test.as_ref().map_or(&[][..], |files| &files.0);
        self.train.0.iter().chain(validation).chain(test)
    }
}

fn is_same_file(listed: &Path, path: &Path) -> bool {
    match (listed.canonicalize(), path.canonicalize()) {
        (Ok(listed), Ok(path)) => listed == path,
        _ => false,
    }
}

/// Returns whether settings of a listed file apply to `path`. Those of a folder apply to all files.
fn have_same_kind(listed: &Path, path: &Path) -> bool {
    match (Kind::of(listed), Kind::of(path)) {
        (Some(listed), Some(kind)) => listed == kind,
        _ => true,
    }
}

/// Returns the keys whose values differ.
fn differences(a: &File, b: &File) -> Vec<&'static str> {
    let mut keys = Vec::new();
    for (key, differs) in [
        ("layout", a.layout.unwrap_or_default() != b.layout.unwrap_or_default()),
        ("channels", a.channels != b.channels),
        ("ignore", a.ignore != b.ignore),
        ("group", a.group != b.group),
        ("time", a.time != b.time),
        ("separator", a.separator != b.separator),
        ("decimal", a.decimal != b.decimal),
        ("header", a.header != b.header),
        ("skip", a.skip != b.skip),
        ("input", a.input != b.input),
        ("target", a.target != b.target),
    ] {
        if differs {
            keys.push(key);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::TableLayout;

    fn config(text: &str) -> Config {
        serde_yaml::from_str(text).unwrap()
    }

    fn like(config: &Config, path: &str) -> Result<File, DataError> {
        config.file_like(Path::new(path), Path::new("base"), &File::default())
    }

    #[test]
    fn a_new_file_has_the_settings_of_the_listed_files_of_its_kind() {
        let config = config(
            "{ task: classification, format: { ignore: id }, train: [{ file: a.tsv, target: 0, to: 9 }, \
             { file: b.npz, input: x }], test: { file: c.csv, target: 0 } }",
        );
        let table = like(&config, "new.csv").unwrap();
        assert_eq!(table, serde_yaml::from_str("{ file: new.csv, target: 0, ignore: id }").unwrap());
        let archive = like(&config, "new.safetensors").unwrap();
        assert_eq!(archive, serde_yaml::from_str("{ file: new.safetensors, input: x, ignore: id }").unwrap());
        assert_eq!(
            like(&config, "new.ts").unwrap(),
            serde_yaml::from_str("{ file: new.ts, ignore: id }").unwrap()
        );
    }

    #[test]
    fn different_settings_are_refused_unless_they_are_stated() {
        let config = config(
            "{ task: classification, train: { file: a.csv, target: 0 }, test: { file: b.csv, layout: samples } }",
        );
        expect!["new.csv: expected one description of such files in the model's config, found different values of `layout`, `target` for `a.csv` and `b.csv`; set them for this file"]
            .assert_eq(&like(&config, "new.csv").unwrap_err().to_string());
        let stated: File = serde_yaml::from_str("{ layout: samples, target: 3 }").unwrap();
        let file = config.file_like(Path::new("new.csv"), Path::new(""), &stated).unwrap();
        assert_eq!(file.layout, Some(TableLayout::Samples));
    }

    #[test]
    fn a_listed_file_has_its_own_settings() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "b.csv"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let config = config(
            "{ task: classification, train: { file: a.csv, target: 0 }, test: { file: b.csv, target: 1 } }",
        );
        let path = folder.path().join("b.csv");
        let file = config.file_like(&path, folder.path(), &File::default()).unwrap();
        assert_eq!(
            file,
            serde_yaml::from_str::<File>("{ target: 1 }").map(|b| File { file: path, ..b }).unwrap()
        );
    }
}
