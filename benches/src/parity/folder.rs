//! The cases of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::case::Case;
use super::fill::FillVector;

/// A folder's cases and test vectors of the fill rule.
#[derive(Debug, Default)]
pub struct Folder {
    /// Every case file, by name; where it cannot be read, why.
    pub cases: Vec<(String, Result<Case>)>,
    /// `fill_vectors.json`, where there is one.
    pub fill_vectors: Option<Result<Vec<FillVector>>>,
}

impl Folder {
    /// Reads every `.json` file of the folder, and of `open` in it, in order of name. Of the files
    /// that are no cases, `manifest.json` is passed over.
    ///
    /// # Errors
    /// A folder that is missing or cannot be listed. A file that cannot be read is a case's trouble.
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
            bail!("there is no case in `{}`: no file there ends in .json", path.display());
        }
        Ok(folder)
    }

    /// Keeps the cases of one family, and those whose family cannot be read: hidden, they would pass.
    ///
    /// # Errors
    /// A family of which there is no case; names those there are.
    pub fn only(&mut self, family: &str) -> Result<()> {
        let families = self.cases.iter().filter_map(|(_, case)| Some(case.as_ref().ok()?.family.clone()));
        let mut families: Vec<String> = families.collect();
        families.sort_unstable();
        families.dedup();
        if !families.iter().any(|known| known == family) {
            bail!("there is no case of the family `{family}`; there are: {}", families.join(", "));
        }
        self.cases.retain(|(_, case)| case.as_ref().map_or(true, |case| case.family == family));
        Ok(())
    }
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("could not list the folder of cases `{}`", folder.display());
    let entries = fs::read_dir(folder).with_context(failed)?;
    let files = entries.map(|entry| Ok(entry.with_context(failed)?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "json")).collect())
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).context("the file cannot be read")
}

fn vectors(text: &str) -> Result<Vec<FillVector>> {
    Ok(serde_json::from_str(text)?)
}
