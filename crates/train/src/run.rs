//! A run: training into a folder that it can be resumed from.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use data::Splits;
use graph::{Graph, Weights, shown_path};
use model::{Model, Source};
use torch::tch::{self, Device};

use crate::checkpoint::{Checkpoints, Saved};
use crate::communicator::agree;
use crate::files::RunFiles;
use crate::folder::{check_files, config_file, model_file};
use crate::identity::{Difference, Identity};
use crate::ranks::{compare_ranks, note_ranks, share_saved};
use crate::session::Session;
use crate::{
    Callback, Communicator, Config, NoCallback, SingleProcess, TrainError, Trainer, compatibility, score,
};

/// Maximum number of differences listed in a message.
const MOST_DIFFERENCES: usize = 12;
/// Maximum length of that list, in bytes.
const LONGEST_LIST: usize = 300;

/// The network, data and settings of a run.
#[derive(Debug)]
pub struct Run {
    /// The network.
    pub graph: Graph,
    /// The data.
    pub splits: Splits,
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
        /// The step of the weights in the model file: that of the best validation so far, or the last step
        /// if there was no validation.
        model_step: u64,
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
/// and, once the run has finished or was interrupted, `model.safetensors`. It is locked until the run ends.
///
/// If the journal or the event log cannot be written, the callback gets a note and the run continues.
///
/// # Errors
/// If another run is in progress in the folder, the folder or a checkpoint belongs to another run, the config is
/// invalid, the data or the network do not match it, training diverges, or the folder is
/// removed or replaced during training.
pub fn run(run: &Run, callback: &mut dyn Callback, stop: &AtomicBool) -> Result<RunEnd, TrainError> {
    run_on_ranks(run, &(Arc::new(SingleProcess) as Arc<dyn Communicator>), callback, stop)
}

/// Trains a network on several ranks, of which each calls this function with the same run, as [`Trainer::on_ranks`].
///
/// Rank 0 alone reads and writes the folder, which the other ranks need not see, and alone gets calls of its callback. All
/// ranks return the same model. The flag `stop` of any rank stops all of them.
///
/// The same number of ranks gives the same bytes each time. A run may be resumed with another number of ranks; the callback
/// gets a note, because the result then differs.
///
/// # Errors
/// As [`run()`]; if the ranks have different runs or versions; if there is a batch with fewer examples than ranks; and if the
/// weights of the ranks differ at a checkpoint. If the error is that of another rank, it is [`TrainError::Rank`]. After any
/// other error, the caller must end all ranks, because some errors are found by one rank while the others wait for it.
pub fn run_on_ranks(
    run: &Run,
    communicator: &Arc<dyn Communicator>,
    callback: &mut dyn Callback,
    stop: &AtomicBool,
) -> Result<RunEnd, TrainError> {
    let ranks = communicator.as_ref();
    agree(ranks, run.check_network())?;
    let identity = Identity::of(run);
    compare_ranks(ranks, &identity)?;
    let callback: &mut dyn Callback = if ranks.rank() == 0 { callback } else { &mut NoCallback };
    let files = if ranks.rank() == 0 { RunFiles::open(run, identity, callback).map(Some) } else { Ok(None) };
    let (files, saved) = match agree(ranks, files)? {
        Some((files, saved)) => (Some(files), saved),
        None => (None, None),
    };
    let saved = share_saved(ranks, Ok(saved))?;
    if run.device == Device::Cpu {
        torch::keep_freed_memory();
    }
    let before = saved.as_ref().map(|saved| &saved.checkpoint);
    run.set_threads(before.map(|checkpoint| checkpoint.threads), callback)?;
    note_ranks(before, ranks.size(), callback);
    let is_resumed = saved.is_some();
    let mut session = agree(ranks, Session::start(run, communicator, files, saved, callback))?;
    if is_resumed {
        session.check_best(callback)?;
    }
    session.train(callback, stop)
}

/// Returns the latest intact checkpoint, or `None` if there are no checkpoints. The callback gets a note about
/// each damaged one after it.
pub(crate) fn latest(
    checkpoints: &Checkpoints,
    now: &Identity,
    folder: &Path,
    callback: &mut dyn Callback,
) -> Result<Option<Saved>, TrainError> {
    let (saved, mut damaged) = checkpoints.latest()?;
    let Some(saved) = saved else {
        return if damaged.is_empty() {
            Ok(None)
        } else {
            Err(TrainError::NoCheckpoint(Box::new(damaged.swap_remove(0))))
        };
    };
    let then = &saved.checkpoint.identity;
    let differences = then.differences(now);
    if !differences.is_empty() {
        return Err(TrainError::Run { path: folder.to_owned(), message: another_run(&differences, folder) });
    }
    for error in &damaged {
        callback.note(&format!("{error}; using the previous checkpoint instead"));
    }
    Ok(Some(saved))
}

/// The first of some differences, and the number of the others.
pub(crate) fn listed(differences: &[Difference]) -> String {
    let mut shown = String::new();
    for (i, difference) in differences.iter().enumerate() {
        let difference = difference.to_string();
        if i == MOST_DIFFERENCES || (i > 0 && shown.len() + difference.len() > LONGEST_LIST) {
            shown.push_str(&format!("; and {} more", differences.len() - i));
            break;
        }
        if i > 0 {
            shown.push_str("; ");
        }
        shown.push_str(&difference);
    }
    shown
}

/// Message about a run that cannot continue the one in its folder.
fn another_run(differences: &[Difference], folder: &Path) -> String {
    let shown = listed(differences);
    let model = model_file(folder);
    let advice = if model.exists() && differences.iter().any(Difference::is_more_epochs) {
        format!(
            "to start a new run from its weights, use another folder and --weights {}",
            shown_path(&model)
        )
    } else {
        "restore the original settings and data, or use another folder".to_owned()
    };
    format!("the run in this folder differs: {shown}; {advice}")
}

impl Run {
    /// Checks everything that [`run()`] checks before the first step, without changing the folder.
    ///
    /// # Errors
    /// As [`run()`], except for what only training shows.
    pub fn check(&self) -> Result<(), TrainError> {
        self.check_network()?;
        check_files(self)
    }

    fn check_network(&self) -> Result<(), TrainError> {
        self.config.validate().map_err(|error| TrainError::Config(error.within("train")))?;
        score::check(&self.config, &self.splits)?;
        compatibility::check(&self.graph, &self.splits, &self.config)
    }

    /// The model with these weights.
    pub(crate) fn model(&self, weights: Weights) -> Model {
        Model {
            graph: self.graph.clone(),
            weights,
            task: Some(self.splits.config.task),
            classes: self.splits.classes.clone(),
            channels: self.splits.channels.clone(),
            columns: self.splits.columns.clone(),
            outputs: self.splits.outputs.clone(),
            normalization: self.splits.normalization.clone(),
            target_normalization: self.splits.target_normalization.clone(),
            sampling_rate: self.splits.sampling_rate,
            source: Some(self.source.clone()),
        }
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

    /// Writes the copy of the config.
    pub(crate) fn write_config(&self) -> Result<(), TrainError> {
        let path = config_file(&self.folder);
        graph::file::write(&path, self.source.config.as_bytes())
            .map_err(|error| TrainError::Run { path, message: error.to_string() })
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
