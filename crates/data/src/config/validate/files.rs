//! Validation of the file lists of the splits, without reading the files.

use std::collections::BTreeMap;
use std::path::Path;

use graph::FieldError;

use crate::{Config, File, Split, Validation};

impl Config {
    /// Checks which parts of files the config selects.
    pub(super) fn validate_files(&self) -> Result<(), FieldError> {
        let format = self.format.as_ref();
        self.train.validate(format).map_err(|error| error.within("train"))?;
        if let Some(Validation::Files(files)) = &self.validation {
            files.validate(format).map_err(|error| error.within("validation"))?;
        }
        match &self.test {
            Some(files) => files.validate(format).map_err(|error| error.within("test")),
            None => Ok(()),
        }
    }
}

impl Split {
    fn validate(&self, format: Option<&File>) -> Result<(), FieldError> {
        // A single file is usually written without a list.
        if let [file] = &self.0[..] {
            return file.validate(format);
        }
        for (i, file) in self.0.iter().enumerate() {
            file.validate(format).map_err(|error| error.at_index(i))?;
        }
        self.validate_overlap()
    }

    /// Refuses recordings that are listed twice. They would count twice, and every mention of a file is read.
    fn validate_overlap(&self) -> Result<(), FieldError> {
        let mut earlier: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
        for (i, file) in self.0.iter().enumerate() {
            let same_file = earlier.entry(&file.file).or_default();
            if let Some(other) = same_file.iter().find(|other| self.0[**other].overlaps(file)) {
                let message = format!("overlaps with entry {other}; list each recording once");
                return Err(FieldError::new("", message).at_index(i));
            }
            same_file.push(i);
        }
        Ok(())
    }
}

impl File {
    /// Whether both select some of the same recordings of the same file.
    fn overlaps(&self, other: &Self) -> bool {
        let [whole, other_whole] = [self, other].map(|file| Self { from: None, to: None, ..file.clone() });
        let [range, other_range] =
            [self, other].map(|file| (file.from.unwrap_or(0), file.to.unwrap_or(usize::MAX)));
        whole == other_whole && range.0 < other_range.1 && other_range.0 < range.1
    }

    fn validate(&self, format: Option<&Self>) -> Result<(), FieldError> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return Err(FieldError::expected("to", format!("more than `from`, {from}"), to));
        }
        if self.file.as_os_str().is_empty() {
            return Err(FieldError::new("file", "missing"));
        }
        let settings = match format {
            Some(format) => self.with_format(format),
            None => self.clone(),
        };
        settings.validate_columns()
    }
}
