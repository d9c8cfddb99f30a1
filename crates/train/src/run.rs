//! A run: training into a folder that it can be resumed from.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use data::Splits;
use graph::{FieldError, Graph, Weights};
use model::{Model, Source};
use sha2::{Digest, Sha256};
use torch::tch::{self, Device};

use crate::checkpoint::{Checkpoints, Saved, hexadecimal};
use crate::session::Session;
use crate::{Callback, Config, TaskInfo, TrainError, Trainer, compatibility};

/// The network, data and settings of a run.
#[derive(Debug)]
pub struct Run {
    /// The network.
    pub graph: Graph,
    /// The data.
    pub splits: Splits,
    /// The task.
    pub task: TaskInfo,
    /// The settings of the training.
    pub config: Config,
    /// The whole config, which the trained model carries.
    pub source: Source,
    /// The seed that all randomness derives from.
    pub seed: u64,
    /// The device to compute on.
    pub device: Device,
    /// Threads that libtorch computes with. By default, 1 for a small network, otherwise libtorch's
    /// choice.
    pub threads: Option<i32>,
    /// The weights to start from. By default, they are drawn.
    pub initial: Option<Weights>,
    /// The folder of the run.
    pub folder: PathBuf,
    /// Whether to continue from the latest checkpoint in the folder, if there is one.
    pub resume: bool,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one for each run")]
pub enum RunEnd {
    /// The model is trained and stored in the folder.
    Finished(Finished),
    /// The run was told to stop; resumed, it continues as if it had not been.
    Interrupted {
        /// Steps taken.
        step: u64,
        /// The checkpoint to continue from.
        checkpoint: PathBuf,
    },
}

/// A finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The trained model.
    pub model: Model,
    /// Steps taken.
    pub steps: u64,
    /// The step with the best validation, whose weights the model has. `None` without a validation
    /// set: the model then has the last weights.
    pub best: Option<u64>,
}

/// Trains a network into a folder. The flag `stop` ends the run after the current step.
///
/// The folder then holds `config.yaml`, `checkpoints/`, `metrics.jsonl`, an event log for TensorBoard,
/// and at the end `model.safetensors`.
///
/// # Errors
/// A folder or a checkpoint of another run, an invalid config, data or a network that do not match,
/// and training that diverges.
pub fn run(run: &Run, callback: &mut dyn Callback, stop: &AtomicBool) -> Result<RunEnd, TrainError> {
    run.check()?;
    let checkpoints = Checkpoints::new(&run.folder, run.config.keep_checkpoints)?;
    if !run.resume
        && let Some(path) = checkpoints.last()
    {
        let message = "the folder holds a run; continue it with --resume, or use another folder";
        return Err(TrainError::Run { path, message: message.to_owned() });
    }
    let identity = run.identity();
    let saved = latest(&checkpoints, &identity, callback)?;
    if run.device == Device::Cpu {
        torch::keep_freed_memory();
    }
    run.set_threads(saved.as_ref().map(|saved| saved.checkpoint.threads), callback)?;
    let config = run.folder.join("config.yaml");
    graph::file::write(&config, run.source.config.as_bytes())
        .map_err(|error| TrainError::Run { path: config, message: error.to_string() })?;
    Session::start(run, checkpoints, identity, saved)?.train(callback, stop)
}

/// The latest whole checkpoint, if there is any checkpoint. The callback gets a note of each damaged
/// one after it.
fn latest(
    checkpoints: &Checkpoints,
    identity: &str,
    callback: &mut dyn Callback,
) -> Result<Option<Saved>, TrainError> {
    let (saved, mut refused) = checkpoints.latest(identity)?;
    if saved.is_none() && !refused.is_empty() {
        return Err(TrainError::NoCheckpoint(Box::new(refused.swap_remove(0))));
    }
    for error in &refused {
        callback.note(&format!("{error}; using the previous checkpoint instead"));
    }
    Ok(saved)
}

impl Run {
    fn check(&self) -> Result<(), TrainError> {
        self.config.validate().map_err(|error| TrainError::Config(error.within("train")))?;
        if self.config.patience.is_some() && self.splits.validation.is_none() {
            let message = "expected a validation set to watch, found none; add `data.validation`";
            return Err(TrainError::Config(FieldError::new("train.patience", message)));
        }
        compatibility::check(&self.graph, &self.splits, &self.config)
    }

    /// A trainer before its first step.
    pub(crate) fn trainer(&self) -> Result<Trainer, TrainError> {
        let (graph, config) = (self.graph.clone(), self.config.clone());
        match &self.initial {
            Some(weights) => {
                Trainer::with_weights(graph, weights, &self.splits, config, self.seed, self.device)
            }
            None => Trainer::new(graph, &self.splits, config, self.seed, self.device),
        }
    }

    /// Digest of everything that the steps of the run depend on.
    fn identity(&self) -> String {
        let Self { graph, splits, config, seed, task, initial, source, .. } = self;
        let mut digest = Sha256::new();
        digest.update(graph.text());
        digest.update(format!("{config:?} {seed} {task:?} {:?}", splits.class_weights));
        digest.update(&source.config);
        digest.update(format!("{:?}", splits.train));
        for (name, array) in initial.iter().flat_map(Weights::iter) {
            digest.update(name);
            for value in array.data() {
                digest.update(value.to_le_bytes());
            }
        }
        hexadecimal(&digest.finalize())
    }

    /// A resumed run computes with as many threads as before, unless `threads` is set.
    fn set_threads(&self, before: Option<i32>, callback: &mut dyn Callback) -> Result<(), TrainError> {
        let mut threads = self.threads.or(before);
        if threads.is_none() && torch::suits_one_thread(&self.graph, self.config.batch_size)? {
            threads = Some(1);
        }
        if let Some(threads) = threads {
            tch::set_num_threads(threads);
        }
        let now = tch::get_num_threads();
        if let Some(before) = before
            && before != now
        {
            callback.note(&format!("{now} threads, {before} before: the result will differ by rounding"));
        }
        Ok(())
    }
}
