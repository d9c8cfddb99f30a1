//! A trained model with the sections of the config that it was trained from.

use std::path::{Path, PathBuf};

#[cfg(feature = "torch")]
use data::Validation;
use data::{Config, DataError, Examples, File, Fold, Split, Splits, TrainedOn};
use factory::{Factory, ready_data};
use graph::Shape;
use graph::format::thousands;
#[cfg(feature = "torch")]
use graph::one_line;
use model::{Model, Source};
use train::{Communicator, Evaluation, TaskInfo, evaluate_in_detail_on_ranks, evaluate_on_ranks};

use crate::backend::{Backend, Form};
use crate::failure::Failure;
use crate::ranks;
use crate::stored::{read_model, source_of};

/// A trained model with the sections of its config.
pub(crate) struct Trained {
    pub(crate) model: Model,
    /// The name of the model.
    pub(crate) name: String,
    /// The family of the model.
    #[cfg_attr(not(feature = "torch"), allow(dead_code, reason = "only reports of training show it"))]
    pub(crate) architecture: String,
    /// The size of input that the model is built for.
    pub(crate) input: Shape,
    pub(crate) task: TaskInfo,
    pub(crate) source: Source,
    pub(crate) data: Config,
    pub(crate) train: train::Config,
}

/// The description of files in the config of a model.
pub(crate) struct Described {
    /// The section `data`, if the model has a config with this section.
    pub(crate) data: Option<Config>,
    /// The folder that the paths of the config are relative to.
    pub(crate) folder: PathBuf,
}

impl Described {
    pub(crate) fn of(model: &Model) -> Result<Self, Failure> {
        let Some(source) = &model.source else {
            return Ok(Self { data: None, folder: PathBuf::new() });
        };
        let data = Factory::section::<Config>(&source.config, "data")?.map(Config::resolved);
        Ok(Self { data, folder: source.folder.clone().unwrap_or_default() })
    }
}

/// Labeled examples that a model is measured on.
pub(crate) struct EvaluationSet {
    /// `test`, `validation` or `given`.
    pub(crate) name: &'static str,
    pub(crate) examples: Examples,
}

impl EvaluationSet {
    /// `1,250 test examples`.
    pub(crate) fn describe(&self) -> String {
        let (count, name) = (self.examples.len(), self.name);
        format!("{} {name} {}", thousands(count as u64), if count == 1 { "example" } else { "examples" })
    }
}

/// The evaluations of a model as stored and merged, the latter in detail.
pub(crate) struct Comparison {
    pub(crate) examples: usize,
    pub(crate) unmerged: Evaluation,
    pub(crate) merged: Evaluation,
}

impl Trained {
    /// Reads the model of a run's folder, or a model file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (file, model) = read_model(path)?;
        let trained = Self::of(model).map_err(|failure| failure.in_file(&file))?;
        if trained.task.task.has_classes() && trained.task.classes.is_empty() {
            let message = "the model file has no class names; list them in the order of the outputs under `data.classes` in the config \
                 and convert the weights again";
            return Err(Failure::input(message).in_file(&file));
        }
        Ok(trained)
    }

    /// A model with the sections of its source.
    pub(crate) fn of(mut model: Model) -> Result<Self, Failure> {
        let source = source_of(&model)?;
        let (data, train) = sections(&source.config)?;
        if let Some(task) = model.task
            && task != data.task
        {
            let message = format!("data.task: expected {task}, the task of the model, found {}", data.task);
            return Err(Failure::input(message));
        }
        if model.task.is_none() {
            model.task = Some(data.task);
            model.check().map_err(Failure::input)?;
        }
        let text = |key: &str| Factory::section::<String>(&source.config, key);
        let input = model.graph.inputs().next().map(|(_, node)| node.shape.clone());
        Ok(Self {
            name: text("name")?.unwrap_or_default(),
            architecture: dialects::architecture(&source.config)?.unwrap_or_default(),
            input: input.ok_or_else(|| Failure::input("expected a graph with an input, found none"))?,
            task: TaskInfo::of(&model)
                .ok_or_else(|| Failure::input("expected a model with a task, found none"))?,
            model,
            source,
            data,
            train,
        })
    }

    /// The set that the config measures the model on: the held-out part of a fold, the test files, or otherwise the
    /// validation set. `None` if the config has none of them. The ranks share the work.
    pub(crate) fn evaluation_set(
        &self,
        folder: Option<&Path>,
        ranks: &dyn Communicator,
    ) -> Result<Option<EvaluationSet>, Failure> {
        let (data, base) = located(&self.data, &self.source, folder)?;
        let trained_on = self.trained_on();
        let fold = self.fold()?;
        if fold.is_none() && data.test.is_none() && data.validation.is_none() {
            return Ok(None);
        }
        let (name, opened) = ranks::open(ranks, |sharing| match (&fold, &data.test) {
            (Some(fold), _) => ("test", data.open_held_out(&self.input, &base, fold, trained_on, sharing)),
            (None, Some(_)) => ("test", data.open_test(&self.input, &base, trained_on, sharing)),
            (None, None) => ("validation", data.open_validation(&self.input, &base, trained_on, sharing)),
        });
        let examples = opened.map_err(|error| data_of_stored(&error, &self.source, folder))?;
        Ok(Some(EvaluationSet { name, examples }))
    }

    /// Labeled files, read as the config describes files of their kind, but with these settings. The ranks share the
    /// work.
    pub(crate) fn given_set(
        &self,
        files: &[PathBuf],
        settings: &File,
        ranks: &dyn Communicator,
    ) -> Result<EvaluationSet, Failure> {
        let base = self.source.folder.clone().unwrap_or_default();
        let files = files.iter().map(|file| self.data.file_like(file, &base, settings));
        let files = Split(files.collect::<Result<_, _>>()?);
        let data = Config { folder: None, format: None, test: Some(files), ..self.data.clone() };
        let examples = ranks::open(ranks, |sharing| {
            data.open_test(&self.input, Path::new(""), self.trained_on(), sharing)
        })?;
        Ok(EvaluationSet { name: "given", examples })
    }

    /// All splits of the config, or of the fold that the model was trained on.
    pub(crate) fn splits(&self, folder: Option<&Path>) -> Result<Splits, Failure> {
        let (data, base) = located(&self.data, &self.source, folder)?;
        let splits = match self.fold()? {
            Some(fold) => data.open_fold(&self.input, &base, &fold),
            None => data.open(&self.input, &base),
        };
        splits.map_err(|error| data_of_stored(&error, &self.source, folder))
    }

    /// The fold of a cross-validation that was held out in training.
    pub(crate) fn fold(&self) -> Result<Option<Fold>, Failure> {
        let Some(fold) = &self.source.fold else { return Ok(None) };
        fold.parse().map(Some).map_err(Failure::input)
    }

    fn trained_on(&self) -> TrainedOn<'_> {
        TrainedOn {
            classes: &self.task.classes,
            normalization: &self.task.normalization,
            target_normalization: self.model.target_normalization.as_ref(),
            channels: &self.model.channels,
            columns: &self.model.columns,
            outputs: &self.model.outputs,
        }
    }

    /// Evaluates the model as stored and merged, on several ranks.
    pub(crate) fn evaluate(
        &self,
        backend: &Backend,
        examples: &Examples,
        ranks: &dyn Communicator,
    ) -> Result<Comparison, Failure> {
        let [stored, merged] = [Form::Stored, Form::Merged].map(|form| backend.forward(&self.model, form));
        let unmerged = evaluate_on_ranks(ranks, stored?, examples, &self.task, &self.train)?;
        let merged = evaluate_in_detail_on_ranks(ranks, merged?, examples, &self.task, &self.train)?;
        Ok(Comparison { examples: examples.len(), unmerged, merged })
    }
}

/// The section `data` and the folder that its paths are relative to: that of the config file, or for a
/// ready model that of the embedded data. The option `--data` replaces it and the folder in the config.
pub(crate) fn located(
    data: &Config,
    source: &Source,
    option: Option<&Path>,
) -> Result<(Config, PathBuf), Failure> {
    if let Some(folder) = option {
        return Ok((Config { folder: None, ..data.clone() }, folder.to_owned()));
    }
    let base = match &source.folder {
        Some(folder) => folder.clone(),
        None => ready_data::folder().map_err(Failure::failed)?,
    };
    Ok((data.clone(), base))
}

/// An error in the data of a config in a model file. If a file is missing, the model may have been moved
/// away from the folder that the config's paths are relative to.
pub(crate) fn data_of_stored(error: &DataError, source: &Source, option: Option<&Path>) -> Failure {
    let is_relative = source.folder.as_ref().is_some_and(|folder| folder.is_relative());
    let is_missing = error.message().starts_with("No such file") && !Path::new(error.place()).exists();
    if option.is_none() && is_relative && is_missing {
        return Failure::input(format!("{error}; use --data to give the folder of the data"));
    }
    Failure::input(error)
}

/// Returns the config key of the file that `error` reports as missing.
#[cfg(feature = "torch")]
pub(crate) fn key_of_missing(error: &DataError, data: &Config, base: &Path) -> Option<&'static str> {
    if !error.message().starts_with("No such file") {
        return None;
    }
    let folder = data.folder_in(base);
    let validation = match &data.validation {
        Some(Validation::Files(split)) => split.0.as_slice(),
        Some(Validation::Share(_)) | None => &[],
    };
    let test = data.test.as_ref().map_or(&[][..], |split| &split.0);
    for (key, files) in
        [("data.train", data.train.0.as_slice()), ("data.validation", validation), ("data.test", test)]
    {
        for file in files {
            if one_line(&folder.join(&file.file).display().to_string()) == error.place() {
                return Some(key);
            }
        }
    }
    None
}

/// The sections `data` and `train` of a config. Only the first must be given.
pub(crate) fn sections(config: &str) -> Result<(Config, train::Config), Failure> {
    let data = Factory::section::<Config>(config, "data")?
        .map(Config::resolved)
        .ok_or_else(|| Failure::input("data: missing; training needs this section"))?;
    // Without this section, or with `train:` alone, all settings are defaults.
    let train = Factory::section(config, "train")?.unwrap_or_default();
    Ok((data, train))
}
