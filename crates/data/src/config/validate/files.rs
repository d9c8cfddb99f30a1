//! Validation of the file lists of the splits, without reading the files.

use std::collections::BTreeSet;

use graph::{FieldError, quoted};

use crate::{Columns, Config, File, Split, Validation};

impl Config {
    /// Checks which parts of files the config selects.
    pub(super) fn validate_files(&self) -> Result<(), FieldError> {
        self.train.validate().map_err(|error| error.within("train"))?;
        if let Some(Validation::Files(files)) = &self.validation {
            files.validate().map_err(|error| error.within("validation"))?;
        }
        match &self.test {
            Some(files) => files.validate().map_err(|error| error.within("test")),
            None => Ok(()),
        }
    }
}

impl Split {
    fn validate(&self) -> Result<(), FieldError> {
        // A single file is usually written without a list.
        if let [file] = &self.0[..] {
            return file.validate();
        }
        for (i, file) in self.0.iter().enumerate() {
            file.validate().map_err(|error| error.at_index(i))?;
        }
        Ok(())
    }
}

impl File {
    fn validate(&self) -> Result<(), FieldError> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return Err(FieldError::expected("to", format!("more than `from`, {from}"), to));
        }
        let Some(Columns(columns)) = &self.target else { return Ok(()) };
        let mut found = BTreeSet::new();
        for (i, column) in columns.iter().enumerate() {
            let column = format!("{column:?}");
            if found.contains(&column) {
                let message = format!("the column {} appears twice", quoted(&columns[i].to_string()));
                return Err(FieldError::new("", message).at_index(i).within("target"));
            }
            found.insert(column);
        }
        Ok(())
    }
}
