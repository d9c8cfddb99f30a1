//! The files that the rules look at, as a value.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::{DirEntry, WalkDir};

/// The workspace's text files.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// In the order of their paths.
    pub(crate) files: Vec<TextFile>,
}

/// A text file.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// From the root, with slashes.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// Its folder, from the root.
    pub(crate) folder: &'a str,
    /// The name in its manifest, or the folder's where the manifest has none.
    pub(crate) name: String,
    /// Its manifest.
    pub(crate) manifest: toml::Table,
}

impl Tree {
    /// Reads all text files below `root`, build output and hidden folders aside.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let skipped = |entry: &DirEntry| {
            let name = entry.file_name().to_string_lossy();
            0 < entry.depth() && entry.file_type().is_dir() && (name.starts_with('.') || name == "target")
        };
        let mut files = Vec::new();
        for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| !skipped(entry))
        {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let bytes = fs::read(entry.path())
                .with_context(|| format!("could not read `{}`", entry.path().display()))?;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let path = entry.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(TextFile { path, text });
        }
        Ok(Self { files })
    }

    /// The text of the file at `path`.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// The root's manifest; empty where it is missing or broken, which cargo reports better.
    pub(crate) fn workspace(&self) -> toml::Table {
        self.text("Cargo.toml").and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Every crate of the workspace.
    pub(crate) fn members(&self) -> Vec<Member<'_>> {
        let manifests =
            self.files.iter().filter_map(|file| Some((file.path.strip_suffix("/Cargo.toml")?, file)));
        manifests.map(|(folder, file)| Member::new(folder, &file.text)).collect()
    }

    /// Every Rust file.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }
}

impl<'a> Member<'a> {
    fn new(folder: &'a str, manifest: &str) -> Self {
        let manifest: toml::Table = manifest.parse().unwrap_or_default();
        let name =
            manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let name = name.unwrap_or_else(|| folder.rsplit('/').next().unwrap_or(folder)).to_owned();
        Self { folder, name, manifest }
    }
}

impl TextFile {
    /// Returns true if the whole file is a test.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| TextFile { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect() }
    }
}
