//! Model files and configs that the user's arguments stand for.

use std::path::{Path, PathBuf};

use factory::{Factory, models};
use model::{Model, Source};

use crate::failure::Failure;

/// The file of a trained model in a run's folder.
const MODEL_FILE: &str = "model.safetensors";

/// The model file that an argument stands for: a safetensors file, a model file of any name, or that of a
/// run's folder. `None` if the argument is something else, such as a config.
pub(crate) fn model_file(argument: &str) -> Option<PathBuf> {
    let path = Path::new(argument);
    let in_folder = path.join(MODEL_FILE);
    if in_folder.is_file() {
        return Some(in_folder);
    }
    if path.extension().is_some_and(|extension| extension == "safetensors") || Model::is_stored_in(path) {
        return Some(path.to_owned());
    }
    None
}

/// The file with the weights: the file itself, or the model file of a run's folder.
pub(crate) fn weights_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(MODEL_FILE) } else { path.to_owned() }
}

/// Whether the name is that of a config file.
pub(crate) fn is_config_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
}

/// Reads the model file of a run's folder, or a model file.
pub(crate) fn read_model(path: &Path) -> Result<(PathBuf, Model), Failure> {
    check_model_argument(path)?;
    let file = weights_file(path);
    let model = Model::read(&file).map_err(Failure::input)?;
    Ok((file, model))
}

/// Refuses an argument that is neither a run's folder nor a model file, with advice.
fn check_model_argument(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    let found = if path.is_dir() {
        if weights_file(path).exists() {
            return Ok(());
        }
        format!("the folder `{name}` without {MODEL_FILE}")
    } else if path.exists() {
        if !is_config_name(path) {
            return Ok(());
        }
        format!("the config file `{name}`; `factory train {name}` trains it")
    } else if models::get(&name.to_string()).is_some() {
        format!("the ready model `{name}`; `factory train {name}` trains it")
    } else {
        return Err(Failure::input(format!("{name}: no such file or folder")));
    };
    Err(Failure::input(format!("expected a run's folder or a model file, found {found}")))
}

/// A config with its origin.
pub(crate) struct Document {
    pub(crate) source: Source,
    /// Whether the config is that of a model file, whose data may be relative to another folder.
    pub(crate) is_stored: bool,
    /// The file to name in errors; `None` for a ready model.
    file: Option<PathBuf>,
}

impl Document {
    /// Reads a config file, a ready model, or the config that a model was trained from.
    pub(crate) fn read(argument: &str) -> Result<Self, Failure> {
        if let Some(file) = model_file(argument) {
            let (file, model) = read_model(&file)?;
            let source = source_of(&model).map_err(|failure| failure.in_file(&file))?;
            return Ok(Self { source, is_stored: true, file: Some(file) });
        }
        let path = Path::new(argument);
        if !path.is_file()
            && let Some(config) = models::get(argument)
        {
            let source = Source { config: config.to_owned(), folder: None };
            return Ok(Self { source, is_stored: false, file: None });
        }
        if !path.exists()
            && let Some((family, preset)) = argument.split_once('/')
            && Factory::builtin().has(family)
        {
            return Err(Failure::input(format!(
                "{argument}: a preset has no data; write a config with `preset: {preset}`, `data` and `train`"
            )));
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
        let source = Source { config, folder };
        Ok(Self { source, is_stored: false, file: Some(path.to_owned()) })
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
