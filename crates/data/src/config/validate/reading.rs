//! Validation of the settings for reading files, without reading them.

use std::collections::BTreeSet;

use graph::{FieldError, Shape, quoted};

use super::shown;
use crate::{Column, Config, File, Normalize, Task};

/// Largest cache, in MB: a petabyte.
const LARGEST_CACHE: usize = 1 << 30;
/// Range of sampling rates, in Hz: from one sample in thirty years to the fastest converters.
const SLOWEST: f64 = 1e-9;
const FASTEST: f64 = 1e9;

impl Config {
    /// Checks the settings for all files and the facts about them, for a network with this input.
    pub(super) fn validate_reading(&self, input: &Shape) -> Result<(), FieldError> {
        if let Some(format) = &self.format {
            self.validate_format(format).map_err(|error| error.within("format"))?;
        }
        if let Some(rate) = self.sampling_rate {
            self.validate_sampling_rate(rate, input).map_err(|error| error.within("sampling_rate"))?;
        }
        if let Some(size) = self.cache_size
            && size > LARGEST_CACHE
        {
            return Err(FieldError::expected("cache_size", format!("at most {LARGEST_CACHE} MB"), size));
        }
        if self.normalize_targets == Normalize::None && self.task != Task::Regression {
            return Err(FieldError::new("normalize_targets", "supported only for regression"));
        }
        self.validate_ignored_classes()
    }

    fn validate_format(&self, format: &File) -> Result<(), FieldError> {
        let of_one = [
            ("file", !format.file.as_os_str().is_empty()),
            ("from", format.from.is_some()),
            ("to", format.to.is_some()),
        ];
        for (key, is_set) in of_one {
            if is_set {
                return Err(FieldError::new(
                    key,
                    "supported only for a file of `train`, `validation` or `test`",
                ));
            }
        }
        format.validate_columns()
    }

    fn validate_sampling_rate(&self, rate: f64, input: &Shape) -> Result<(), FieldError> {
        if input.rank() == 2 {
            return Err(FieldError::new("", "supported only for series, but the input is an image"));
        }
        if !(rate.is_finite() && rate > 0.0) {
            return Err(FieldError::expected("", "a positive number", shown(rate)));
        }
        if !(SLOWEST..=FASTEST).contains(&rate) {
            let expected = format!("{} to {} samples per second", shown(SLOWEST), shown(FASTEST));
            return Err(FieldError::expected("", expected, shown(rate)));
        }
        let of_noise = self.noise.and_then(|noise| noise.sampling_rate);
        match of_noise {
            Some(other) if other.total_cmp(&rate).is_ne() => {
                let expected = format!("{} as in `noise.sampling_rate`", shown(other));
                Err(FieldError::expected("", expected, shown(rate)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn validate_ignored_classes(&self) -> Result<(), FieldError> {
        let Some(ignored) = &self.ignore_classes else { return Ok(()) };
        if !matches!(self.task, Task::Classification | Task::Segmentation) {
            let message = "supported only for classification and segmentation";
            return Err(FieldError::new("ignore_classes", message));
        }
        let listed: BTreeSet<&String> =
            self.classes.iter().flat_map(|classes| &classes.0).map(|class| &class.label).collect();
        for (i, label) in ignored.0.iter().enumerate() {
            if listed.contains(label) {
                let message = format!("the label {} is also in `classes`", quoted(label));
                return Err(FieldError::new("", message).at_index(i).within("ignore_classes"));
            }
        }
        Ok(())
    }
}

impl File {
    /// Checks the characters and columns of a table. `self` has the settings for all files, too.
    pub(super) fn validate_columns(&self) -> Result<(), FieldError> {
        self.validate_characters()?;
        let mut roles: Vec<(String, &'static str)> = Vec::new();
        for (role, columns) in self.columns() {
            for (i, column) in columns.iter().enumerate() {
                let in_list = |message: String| {
                    let error = FieldError::new("", message);
                    if columns.len() > 1 { error.at_index(i).within(role) } else { error.within(role) }
                };
                let shown = quoted(&column.to_string());
                if self.header == Some(false) && matches!(column, Column::Name(_)) {
                    return Err(in_list(format!(
                        "expected a column number with `header: false`, found {shown}"
                    )));
                }
                let key = format!("{column:?}");
                match roles.iter().find(|(known, _)| *known == key) {
                    Some((_, earlier)) if *earlier == role => {
                        return Err(in_list(format!("the column {shown} appears twice")));
                    }
                    Some((_, earlier)) => {
                        return Err(in_list(format!("the column {shown} is also in `{earlier}`")));
                    }
                    None => roles.push((key, role)),
                }
            }
        }
        Ok(())
    }

    /// Returns the columns of each role.
    fn columns(&self) -> Vec<(&'static str, Vec<&Column>)> {
        let lists = [("channels", &self.channels), ("ignore", &self.ignore), ("target", &self.target)];
        let lists = lists
            .into_iter()
            .map(|(role, columns)| (role, columns.iter().flat_map(|columns| &columns.0).collect()));
        let group = self
            .group
            .iter()
            .filter(|group| !matches!(group, Column::Name(name) if name == "file" || name == "folder"));
        let single = [("group", group.collect()), ("time", self.time.iter().collect())];
        lists.chain(single).collect()
    }

    fn validate_characters(&self) -> Result<(), FieldError> {
        if let Some(decimal) = self.decimal
            && !matches!(decimal, '.' | ',')
        {
            return Err(FieldError::expected("decimal", "`.` or `,`", quoted(&decimal.to_string())));
        }
        let Some(separator) = self.separator else { return Ok(()) };
        let found = quoted(&separator.to_string());
        if separator.is_alphanumeric() || matches!(separator, '"' | '.' | '+' | '-' | '\n' | '\r') {
            return Err(FieldError::expected("separator", "a character that is not part of numbers", found));
        }
        if self.decimal == Some(separator) {
            return Err(FieldError::expected("separator", "a character other than `decimal`", found));
        }
        Ok(())
    }
}
