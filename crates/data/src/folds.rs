//! Cross-validation: training several times, each time with other recordings held out for testing.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use graph::{FieldError, Shape, quoted};

use crate::error::expected;
use crate::opened::{Opened, Parts, missing};
use crate::opening::Opening;
use crate::partition::{Division, fold_of};
use crate::summary::Summary;
use crate::{Config, DataError, Examples, OpenProgress, Sharing, Sources, Splits, TrainedOn, classes};

/// The recordings that one fold of a cross-validation holds out for testing.
///
/// ```
/// use data::Fold;
/// assert_eq!("2/5".parse(), Ok(Fold::Part { number: 2, count: 5 }));
/// assert_eq!(Fold::Group("s03".to_owned()).to_string(), "group:s03");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fold {
    /// One of `count` parts of equal size, with the same proportions of the classes.
    Part {
        /// The number of the part, from 1.
        number: usize,
        /// The number of parts.
        count: usize,
    },
    /// The recordings of one group.
    Group(String),
}

/// All folds of a cross-validation, written as `5` or `group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folds {
    /// A number of parts of equal size.
    Count(usize),
    /// One fold for each group.
    Groups,
}

impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part { number, count } => write!(f, "{number}/{count}"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

impl FromStr for Fold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || expected("a fold such as 2/5 or group:NAME", quoted(text));
        if let Some(group) = text.strip_prefix("group:") {
            return Ok(Self::Group(group.to_owned()));
        }
        let (number, count) = text.split_once('/').ok_or_else(refused)?;
        let [number, count] = [number, count].map(|part| part.trim().parse::<usize>().ok());
        match (number, count) {
            (Some(number), Some(count)) if number >= 1 && number <= count && count >= 2 => {
                Ok(Self::Part { number, count })
            }
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Folds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Groups => f.write_str("group"),
        }
    }
}

impl FromStr for Folds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse::<usize>() {
            Ok(count) if count >= 2 => Ok(Self::Count(count)),
            Err(_) if text == "group" => Ok(Self::Groups),
            Ok(_) | Err(_) => Err(expected("a number of folds from 2, or `group`", quoted(text))),
        }
    }
}

/// A cross-validation over the training recordings of a config. The files are read once for all folds.
#[derive(Clone)]
pub struct CrossValidation {
    opened: Opened,
}

impl Config {
    /// Opens the training recordings, which are divided into folds, and the validation files, if any. The test
    /// files are not read. Calls `progress` as [`open_with`](Self::open_with) does.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn cross_validation(
        &self,
        input: &Shape,
        base: &Path,
        progress: &(dyn Fn(OpenProgress) + Sync),
    ) -> Result<CrossValidation, DataError> {
        self.cross_validation_shared(input, base, progress, Sharing::alone())
    }

    /// As [`cross_validation`](Self::cross_validation), in several processes, as
    /// [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// As [`open_shared`](Self::open_shared).
    pub fn cross_validation_shared(
        &self,
        input: &Shape,
        base: &Path,
        progress: &(dyn Fn(OpenProgress) + Sync),
        sharing: Sharing<'_>,
    ) -> Result<CrossValidation, DataError> {
        let config = Self { test: None, ..self.clone() };
        let (sources, cache) = config.sources(input, base, progress, sharing)?;
        let opening = Opening { sharing, cache: &cache, progress };
        let opened = Opened::new(&config, input, sources, None, opening)?;
        Ok(CrossValidation { opened: opened.for_config(self) })
    }

    /// Opens the splits of one fold of a cross-validation: the fold is the test set, the other training recordings
    /// are the training set and, if `validation` is a share, the validation set.
    ///
    /// # Errors
    /// As [`open`](Self::open), and if the fold does not exist.
    pub fn open_fold(&self, input: &Shape, base: &Path, fold: &Fold) -> Result<Splits, DataError> {
        self.cross_validation(input, base, &|_| {})?.splits(fold)
    }
}

impl CrossValidation {
    /// The cross-validation over custom training recordings. The test set is not used.
    ///
    /// # Errors
    /// As [`Config::open`].
    pub fn of(config: &Config, input: &Shape, sources: Sources) -> Result<Self, DataError> {
        let sources = Sources { test: None, ..sources };
        Ok(Self { opened: Opened::of_sources(config, input, sources)? })
    }

    /// Returns the folds, in order.
    ///
    /// # Errors
    /// If there are too few recordings or groups.
    pub fn folds(&self, folds: Folds) -> Result<Vec<Fold>, DataError> {
        match folds {
            Folds::Count(count) => {
                fold_of(&self.opened.train.summaries(), count)?;
                Ok((1..=count).map(|number| Fold::Part { number, count }).collect())
            }
            Folds::Groups => {
                let groups = groups(&self.opened.train.summaries())?;
                Ok(groups.into_iter().map(Fold::Group).collect())
            }
        }
    }

    /// Returns the splits of one fold.
    ///
    /// # Errors
    /// As [`Config::open_fold`].
    pub fn splits(&self, fold: &Fold) -> Result<Splits, DataError> {
        self.splits_shared(fold, Sharing::alone())
    }

    /// Returns the splits of one fold in several processes, which all call this method, as
    /// [`Config::open_shared`].
    ///
    /// # Errors
    /// As [`Config::open_shared`], and if the fold does not exist.
    pub fn splits_shared(&self, fold: &Fold, sharing: Sharing<'_>) -> Result<Splits, DataError> {
        self.opened.splits(self.parts(fold)?, sharing)
    }

    /// Returns what a fold holds out for testing, for a model that was trained on the others.
    pub(crate) fn held_out(
        &self,
        fold: &Fold,
        trained_on: TrainedOn<'_>,
        sharing: Sharing<'_>,
    ) -> Result<Examples, DataError> {
        let parts = self.parts(fold)?;
        let Some(part) = &parts.test else { return Err(missing("folds", "choose a fold")) };
        self.opened.evaluated(part, "test", trained_on, sharing)
    }

    /// Divides the recordings into the sets of one fold.
    fn parts(&self, fold: &Fold) -> Result<Parts, DataError> {
        let train = &self.opened.train;
        let division = division(&train.summaries(), fold)?;
        self.opened.parts(train.take(&division.kept), Some(train.take(&division.held_out)))
    }
}

/// Divides recordings into those of a fold, which are held out, and all others.
fn division(recordings: &[&Summary], fold: &Fold) -> Result<Division, FieldError> {
    match fold {
        Fold::Part { number, count } => {
            let folds = fold_of(recordings, *count)?;
            let held_out = (0..recordings.len()).filter(|index| folds[*index] + 1 == *number).collect();
            Ok(Division::new(recordings.len(), held_out, Vec::new()))
        }
        Fold::Group(name) => {
            let groups = groups(recordings)?;
            if !groups.contains(name) {
                let known = graph::listed(&groups);
                let message = format!("unknown group {}, expected one of {known}", quoted(name));
                return Err(FieldError::new("folds", message));
            }
            let is_member = |index: &usize| recordings[*index].group.as_ref() == Some(name);
            let held_out = (0..recordings.len()).filter(is_member).collect();
            Ok(Division::new(recordings.len(), held_out, Vec::new()))
        }
    }
}

/// Returns the names of the groups, which every recording must have, numbers by value.
fn groups(recordings: &[&Summary]) -> Result<Vec<String>, FieldError> {
    let mut groups = BTreeSet::new();
    for recording in recordings {
        let Some(group) = &recording.group else {
            let found = format!("none for `{}`; set `group`", graph::one_line(&recording.origin));
            return Err(FieldError::expected("folds", "a group for each recording", found));
        };
        groups.insert(group.clone());
    }
    if groups.len() < 2 {
        return Err(FieldError::expected("folds", "at least 2 groups", groups.len()));
    }
    let mut groups: Vec<String> = groups.into_iter().collect();
    classes::sort(&mut groups);
    Ok(groups)
}
