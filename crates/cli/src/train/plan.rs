//! The model, data and settings of a training, before any data is read.

use std::path::{Path, PathBuf};

use data::{Config, CrossValidation, DataError, Fold, Splits};
use factory::{BuiltModel, Factory, Overrides};
use graph::{Graph, Shape, Weights, escaped};
use model::Source;
use serde::de::IgnoredAny;
use train::{Communicator, TrainError};

use super::Train;
use crate::document::Document;
use crate::failure::Failure;
use crate::loading::{Wanted, load, options};
use crate::output::{data_notes, note};
use crate::progress::Opening;
use crate::ranks;
use crate::shell;
use crate::trained::{data_of_stored, key_of_missing, located, sections};

/// Everything that is known before the data is read.
pub(super) struct Plan {
    pub(super) document: Document,
    /// The name of the model.
    pub(super) name: String,
    pub(super) graph: Graph,
    input: Shape,
    data: Config,
    /// The folder that the paths in `data` are relative to.
    base: PathBuf,
    pub(super) train: train::Config,
    /// The weights to start from.
    pub(super) initial: Option<Weights>,
}

impl Plan {
    pub(super) fn of(options: &Train) -> Result<Self, Failure> {
        let document = Document::read(&options.config, &options.settings)?;
        let config = &document.source.config;
        let built = document.build(Overrides::default())?;
        if let Some(preset) = document.preset() {
            check_data(preset, config)?;
        }
        let (data, train) = sections(config).map_err(|failure| document.blame(failure))?;
        train.validate().map_err(|error| document.blame(Failure::input(error.within("train"))))?;
        let (data, base) = located(&data, &document.source, options.data.as_deref())?;
        let initial = match &options.weights {
            Some(file) => {
                let build = |overrides| document.build(overrides).ok();
                let wanted = Wanted { name: &options.config, model: &built, build: &build };
                Some(load_for_training(file, &wanted)?)
            }
            None => None,
        };
        let BuiltModel { name, graph, input, .. } = built;
        Ok(Self { document, name, graph, input, data, base, train, initial })
    }

    /// Reads the splits of the config, or those of a fold. The ranks share the work.
    pub(super) fn splits(&self, options: &Train, ranks: &dyn Communicator) -> Result<Splits, Failure> {
        if let Some(fold) = &options.fold {
            let folds = self.cross_validation(options, ranks)?;
            let splits = ranks::open(ranks, |sharing| folds.splits_shared(fold, sharing));
            return splits.map_err(|error| self.failure(&error, None));
        }
        let opening = Opening::new();
        let show = |progress| opening.show(progress);
        let splits =
            ranks::open(ranks, |sharing| self.data.open_shared(&self.input, &self.base, &show, sharing));
        opening.finish();
        splits.map_err(|error| self.failure(&error, options.data.as_deref()))
    }

    /// Reads the recordings that folds are made of.
    pub(super) fn cross_validation(
        &self,
        options: &Train,
        ranks: &dyn Communicator,
    ) -> Result<CrossValidation, Failure> {
        if self.data.test.is_some() {
            note("note: data.test is not used; each fold is tested on the recordings that it holds out");
        }
        let opening = Opening::new();
        let show = |progress| opening.show(progress);
        let opened = ranks::open(ranks, |sharing| {
            self.data.cross_validation_shared(&self.input, &self.base, &show, sharing)
        });
        opening.finish();
        opened.map_err(|error| self.failure(&error, options.data.as_deref()))
    }

    /// The splits of a fold.
    pub(super) fn fold(&self, folds: &CrossValidation, fold: &Fold) -> Result<Splits, Failure> {
        folds.splits(fold).map_err(|error| self.failure(&error, None))
    }

    /// The size of input that the network is built for.
    pub(super) fn input(&self) -> &Shape {
        &self.input
    }

    /// An error of training, with the file of the config if the config is to blame.
    pub(super) fn blame(&self, error: TrainError) -> Failure {
        match error {
            TrainError::Config(_) | TrainError::Mismatch(_) => self.document.blame(error.into()),
            error => error.into(),
        }
    }

    /// The config with the fold that is held out, for the model file.
    pub(super) fn source(&self, fold: Option<&Fold>) -> Source {
        Source { fold: fold.map(ToString::to_string), ..self.document.source.clone() }
    }

    /// An error in the data.
    pub(super) fn failure(&self, error: &DataError, folder: Option<&Path>) -> Failure {
        if error.field().is_some() {
            self.document.blame(Failure::input(error))
        } else if self.document.is_stored() {
            data_of_stored(error, &self.document.source, folder)
        } else if let Some(key) = key_of_missing(error, &self.data, &self.base) {
            self.document.blame(Failure::input(format!("{key}: {error}")))
        } else {
            Failure::input(error)
        }
    }
}

/// Reads the weights to start from. Those of another number of classes or channels can be adapted.
fn load_for_training(file: &Path, wanted: &Wanted<'_>) -> Result<Weights, Failure> {
    load(file, wanted, |differing| {
        let command = format!(
            "factory adapt {} {} {} --to {} -o FILE",
            shell::word(wanted.name),
            shell::word(file),
            options(differing, "old-"),
            shell::word(wanted.name)
        );
        format!("`{command}` adapts them")
    })
}

/// Refuses a preset without data.
fn check_data(preset: &str, config: &str) -> Result<(), Failure> {
    if Factory::section::<IgnoredAny>(config, "data")?.is_some() {
        return Ok(());
    }
    let (_, name) = preset.split_once('/').unwrap_or(("", preset));
    Err(Failure::input(format!(
        "{preset}: a preset has no data; write a config with `preset: {name}`, `data` and `train`"
    )))
}

/// Prints notes about the files, and a line for each split.
pub(super) fn describe(splits: &Splits) {
    data_notes(&splits.notes);
    for line in splits.describe() {
        note(&escaped(&line));
    }
}
