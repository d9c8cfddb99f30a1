//! Files that the user's arguments stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use factory::{Factory, models};
use graph::shown_path;
use model::{Model, Source};
#[cfg(feature = "torch")]
use train::Communicator;

use crate::failure::Failure;
#[cfg(feature = "torch")]
use crate::ranks::agree;
use crate::shell;

/// The file of a trained model in a run's folder.
const MODEL_FILE: &str = "model.safetensors";
/// Maximum size of a config file, in bytes.
const LARGEST_CONFIG: u64 = 1 << 20;
/// Extensions of data files, which users may pass by mistake instead of a config.
const DATA_EXTENSIONS: [&str; 9] = ["csv", "tsv", "ts", "gz", "npy", "npz", "jpg", "jpeg", "png"];

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

/// Refuses an output that would replace a file that the command reads.
pub(crate) fn check_output(output: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let Ok(written) = output.canonicalize() else { return Ok(()) };
    for input in inputs {
        if weights_file(input).canonicalize().is_ok_and(|read| read == written) {
            let message = "--output: this file is read by the command; choose another name";
            return Err(Failure::usage(message).in_file(output));
        }
    }
    Ok(())
}

/// Whether the name is that of a config file.
pub(crate) fn is_config_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
}

/// Whether the path is an existing file, device or pipe.
pub(crate) fn can_be_read(path: &Path) -> bool {
    path.exists() && !path.is_dir()
}

/// Reads the text of a config from a file, a device or a pipe.
pub(crate) fn read_config(path: &Path) -> Result<String, Failure> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if path.is_file() && extension == "onnx" {
        let message = "expected a config file, a model file or a run's folder, found an ONNX file; such files are written, not read";
        return Err(Failure::input(message).in_file(path));
    }
    if path.is_file() && DATA_EXTENSIONS.contains(&extension) {
        let message =
            "expected a config file, found a data file; list data files under `data.train` in a config";
        return Err(Failure::input(message).in_file(path));
    }
    let read =
        || graph::file::read_text(path, LARGEST_CONFIG).map_err(|error| Failure::input(error).in_file(path));
    if path.is_file() { read() } else { once(path, read) }
}

/// Reads the text of a config from standard input.
pub(crate) fn read_standard_input() -> Result<String, Failure> {
    let blame = |error| Failure::input(format!("standard input: {error}"));
    once(Path::new("-"), || graph::file::text_of(std::io::stdin().lock(), LARGEST_CONFIG).map_err(blame))
}

/// Gives all ranks the text of a config on standard input, which a launcher passes to the first rank alone.
#[cfg(feature = "torch")]
pub(crate) fn share_standard_input(ranks: &dyn Communicator) -> Result<(), Failure> {
    let own = if ranks.rank() == 0 { read_standard_input() } else { Ok(String::new()) };
    let gathered = ranks.gather(agree(ranks, own)?.as_bytes());
    once(Path::new("-"), || Ok(String::from_utf8_lossy(&gathered[0]).into_owned()))?;
    Ok(())
}

/// Reads a device or a pipe, which has its text only once, or returns what it had before.
fn once(path: &Path, read: impl FnOnce() -> Result<String, Failure>) -> Result<String, Failure> {
    static TEXTS: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = texts.get(path) {
        return Ok(text.clone());
    }
    let text = read()?;
    texts.insert(path.to_owned(), text.clone());
    Ok(text)
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
    let (name, word) = (shown_path(path), shell::word(path));
    let found = if path.is_dir() {
        if weights_file(path).exists() {
            return Ok(());
        }
        format!("the folder `{name}` without {MODEL_FILE}")
    } else if path.exists() {
        if !is_config_name(path) {
            return Ok(());
        }
        format!("the config file `{name}`; `factory train {word}` trains it")
    } else if path.to_str().is_some_and(|name| models::get(name).is_some()) {
        format!("the ready model `{name}`; `factory train {name}` trains it")
    } else if path.to_str().is_some_and(|name| Factory::builtin().find(name).is_ok()) {
        format!("the preset `{name}`, which is not trained")
    } else {
        return Err(Failure::input(format!("{name}: no such file or folder")));
    };
    Err(Failure::input(format!("expected a run's folder or a model file, found {found}")))
}

/// The config that a model was trained from.
pub(crate) fn source_of(model: &Model) -> Result<Source, Failure> {
    let message = "expected a model with the config that it was trained from, found none";
    model.source.clone().ok_or_else(|| Failure::input(message))
}
