//! A model that `factory train` has trained, read back from its folder.

use std::path::{Path, PathBuf};

use data::{Config, Examples, TrainedOn};
use factory::{Factory, Model};
use torch::Net;
use torch::tch::{Device, nn};
use train::{Evaluation, Purpose, evaluate};

use crate::failure::Failure;

/// A trained model and the config that it is from.
pub(crate) struct Trained {
    pub(crate) model: Model,
    pub(crate) file: train::Model,
    pub(crate) data: Config,
    pub(crate) train: train::Config,
}

/// The model on test data, as trained and merged.
pub(crate) struct Sides {
    pub(crate) examples: usize,
    pub(crate) unmerged: Evaluation,
    pub(crate) merged: Evaluation,
}

impl Trained {
    /// Reads a run's folder, or a model's file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let file = if path.is_dir() { path.join("model.safetensors") } else { path.to_owned() };
        // What cannot be read is what the user gave, whatever the reason.
        let model = train::Model::read(&file).map_err(Failure::input)?;
        Self::of(model).map_err(|failure| failure.in_file(&file))
    }

    /// The model of a file's contents.
    pub(crate) fn of(file: train::Model) -> Result<Self, Failure> {
        let model = Factory::builtin().build(&file.config)?;
        let data = sections(&file.config)?;
        Ok(Self { model, file, data: data.0, train: data.1 })
    }

    /// The trained model alone.
    pub(crate) fn to_model(&self) -> model::Model {
        model::Model {
            graph: self.model.graph.clone(),
            weights: self.file.weights.clone(),
            task: Some(self.data.task),
            classes: self.file.classes.clone(),
            normalization: self.file.normalization.clone(),
            source: None,
        }
    }

    pub(crate) fn purpose(&self) -> Purpose {
        let train::Model { classes, normalization, .. } = &self.file;
        Purpose { task: self.data.task, classes: classes.clone(), normalization: normalization.clone() }
    }

    /// The net with the trained weights.
    pub(crate) fn net(&self, device: Device) -> Result<Net, Failure> {
        let store = nn::VarStore::new(device);
        Ok(Net::with_weights(&store.root(), self.model.graph.clone(), &self.file.weights)?)
    }

    /// The config's test data.
    pub(crate) fn test(&self, folder: Option<&Path>) -> Result<Examples, Failure> {
        let train::Model { classes, normalization, .. } = &self.file;
        let (data, base) = located(&self.data, folder);
        Ok(data.open_test(&self.model.input, &base, TrainedOn { classes, normalization })?)
    }

    /// Evaluates the net of this model and its merged form.
    pub(crate) fn evaluate(&self, net: &Net, examples: &Examples) -> Result<Sides, Failure> {
        let purpose = self.purpose();
        let side = |net: &Net| evaluate(net, examples, &purpose, &self.train);
        Ok(Sides { examples: examples.len(), unmerged: side(net)?, merged: side(&net.merged()?.net)? })
    }
}

/// The `data` and `train` sections of a config.
pub(crate) fn sections(text: &str) -> Result<(Config, train::Config), Failure> {
    let missing = |key: &str, what: &str| Failure::input(format!("{key}: missing; it says {what}"));
    let data = Factory::section(text, "data")?.ok_or_else(|| missing("data", "what is trained on"))?;
    let train = Factory::section(text, "train")?.ok_or_else(|| missing("train", "how it is trained"))?;
    Ok((data, train))
}

/// The `data` section and the folder that its paths are relative to: `--data` takes the place of both folders.
pub(crate) fn located(data: &Config, folder: Option<&Path>) -> (Config, PathBuf) {
    match folder {
        Some(folder) => (Config { folder: None, ..data.clone() }, folder.to_owned()),
        None => (data.clone(), PathBuf::new()),
    }
}

/// Reads `cpu`, `cuda` or `cuda:1`.
pub(crate) fn device(text: &str) -> Result<Device, String> {
    let device = match text.split_once(':') {
        None if text == "cpu" => Device::Cpu,
        None if text == "cuda" => Device::Cuda(0),
        Some(("cuda", index)) => {
            Device::Cuda(index.parse().map_err(|_| format!("{index:?} is no number of a GPU"))?)
        }
        _ => return Err("cpu, cuda or cuda:N is needed".to_owned()),
    };
    match device {
        Device::Cuda(index) if usize::try_from(torch::tch::Cuda::device_count()).unwrap_or(0) <= index => {
            Err(format!(
                "libtorch sees {} GPUs; a libtorch built for CUDA is used when LIBTORCH names it",
                torch::tch::Cuda::device_count()
            ))
        }
        device => Ok(device),
    }
}
