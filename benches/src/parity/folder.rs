//! The cases of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::case::Case;
use super::fill::FillVector;

/// The cases in a folder, and its test vectors of the fill rule.
#[derive(Debug, Default)]
pub struct Folder {
    /// Name of every case file, with the case or the error of reading it.
    pub cases: Vec<(String, Result<Case>)>,
    /// Content of `fill_vectors.json`. `None` if the file does not exist.
    pub fill_vectors: Option<Result<Vec<FillVector>>>,
}

impl Folder {
    /// Reads every `.json` file of the folder, and of its subfolder `open`, sorted by name. Skips
    /// `manifest.json`.
    ///
    /// # Errors
    /// If the folder cannot be listed or contains no case. The error of a single file becomes part of its
    /// case.
    pub fn read(path: &Path) -> Result<Self> {
        let mut files = listed(path)?;
        let open = path.join("open");
        if open.is_dir() {
            files.extend(listed(&open)?);
        }
        files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        let mut folder = Self::default();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match name.as_str() {
                "manifest" => {}
                "fill_vectors" => folder.fill_vectors = Some(text(&file).and_then(|text| vectors(&text))),
                _ => folder.cases.push((name, text(&file).and_then(|text| Case::parse(&text)))),
            }
        }
        if folder.cases.is_empty() {
            bail!("{}: expected cases in JSON files, found none", path.display());
        }
        Ok(folder)
    }

    /// Keeps the cases of one family, and the files that are not valid cases, because hiding them would hide
    /// their failure.
    ///
    /// # Errors
    /// If there is no case of the family; lists the families.
    pub fn only(&mut self, family: &str) -> Result<()> {
        let cases = self.cases.iter().filter_map(|(_, case)| case.as_ref().ok());
        let mut families: Vec<String> = cases.map(|case| case.family.clone()).collect();
        families.sort_unstable();
        families.dedup();
        if !families.iter().any(|known| known == family) {
            bail!("no case is of the family `{family}`; the families are: {}", families.join(", "));
        }
        self.cases.retain(|(_, case)| case.as_ref().map_or(true, |case| case.family == family));
        Ok(())
    }
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("could not list the folder `{}`", folder.display());
    let entries = fs::read_dir(folder).with_context(failed)?;
    let files = entries.map(|entry| Ok(entry.with_context(failed)?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "json")).collect())
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).context("could not read the file")
}

fn vectors(text: &str) -> Result<Vec<FillVector>> {
    Ok(serde_json::from_str(text)?)
}
