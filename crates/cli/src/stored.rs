//! Model files and configs that the user's arguments stand for.

use std::path::{Path, PathBuf};

use factory::models;
use model::{Model, Source};

use crate::failure::Failure;

/// The file of a trained model in a run's folder.
const MODEL_FILE: &str = "model.safetensors";

/// The model file that an argument stands for: a safetensors file, or that of a run's folder. `None` if
/// the argument is something else, such as a config.
pub(crate) fn model_file(argument: &str) -> Option<PathBuf> {
    let path = Path::new(argument);
    let in_folder = path.join(MODEL_FILE);
    if in_folder.is_file() {
        return Some(in_folder);
    }
    if path.extension().is_some_and(|extension| extension == "safetensors") {
        return Some(path.to_owned());
    }
    None
}

/// Reads the model file of a run's folder, or a model file.
pub(crate) fn read_model(path: &Path) -> Result<(PathBuf, Model), Failure> {
    let file = if path.is_dir() { path.join(MODEL_FILE) } else { path.to_owned() };
    let model = Model::read(&file).map_err(Failure::input)?;
    Ok((file, model))
}

/// A config with its origin.
pub(crate) struct Document {
    pub(crate) source: Source,
    /// The file to name in errors; `None` for a ready model.
    file: Option<PathBuf>,
}

impl Document {
    /// Reads a config file, a ready model, or the config that a model was trained from.
    pub(crate) fn read(argument: &str) -> Result<Self, Failure> {
        if let Some(file) = model_file(argument) {
            let (file, model) = read_model(&file)?;
            let source = source_of(&model).map_err(|failure| failure.in_file(&file))?;
            return Ok(Self { source, file: Some(file) });
        }
        let path = Path::new(argument);
        if !path.is_file()
            && let Some(config) = models::get(argument)
        {
            let source = Source { config: config.to_owned(), folder: None };
            return Ok(Self { source, file: None });
        }
        let config = std::fs::read_to_string(path).map_err(|error| {
            if path.extension().is_some() {
                Failure::input(format!("{argument}: {error}"))
            } else {
                let expected = "a config file, a ready model, a model file or a run's folder";
                Failure::input(format!(
                    "expected {expected}, found {argument:?}; `factory list` shows the ready models"
                ))
            }
        })?;
        let folder = path.parent().map(Path::to_owned);
        Ok(Self { source: Source { config, folder }, file: Some(path.to_owned()) })
    }

    /// Adds the file to an error of the config.
    pub(crate) fn blame(&self, failure: Failure) -> Failure {
        match &self.file {
            Some(file) => failure.in_file(file),
            None => failure,
        }
    }
}

/// The config that a model was trained from.
pub(crate) fn source_of(model: &Model) -> Result<Source, Failure> {
    let message = "expected a model with the config that it was trained from, found none";
    model.source.clone().ok_or_else(|| Failure::input(message))
}
