//! A run: training into a folder that it can be resumed from.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use data::Splits;
use graph::{Graph, Weights};
use sha2::{Digest, Sha256};
use torch::tch::{self, Device};

use crate::checkpoint::{Best, Checkpoint, Checkpoints, Saved, hexadecimal};
use crate::evaluate::{Evaluation, Purpose, evaluate};
use crate::logs::{Logs, figures, named};
use crate::{Config, Epoch, Error, Model, Trainer, Watch, fit};

/// Steps of an epoch whose figures are written down, about.
const WRITTEN: u64 = 10;

/// What is trained, on what, how, and where to.
#[derive(Debug)]
pub struct Run {
    /// The network.
    pub graph: Graph,
    /// The data.
    pub splits: Splits,
    /// What for.
    pub purpose: Purpose,
    /// How.
    pub config: Config,
    /// The whole config as text, which the trained model carries.
    pub document: String,
    /// What all randomness derives from.
    pub seed: u64,
    /// Where it is computed.
    pub device: Device,
    /// Threads that libtorch computes with; without, one for a small network, else as many as it likes.
    pub threads: Option<i32>,
    /// What the weights begin as; without, they are drawn.
    pub initial: Option<Weights>,
    /// The run's folder.
    pub folder: PathBuf,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// It is trained, and the model is in the folder.
    Finished(Finished),
    /// It was told to stop; resumed, it goes on as if it had not been.
    Interrupted {
        /// Steps taken.
        step: u64,
        /// Where it goes on from.
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
    /// The step whose validation was the best, which the model is of; without a validation part it
    /// is of the last.
    pub best: Option<u64>,
}

impl Run {
    /// Trains, from the latest checkpoint where the run is resumed. The flag `stop` ends it after
    /// the step that it is in.
    ///
    /// The folder then holds `config.yaml`, `checkpoints/`, `metrics.jsonl`, an event log for
    /// TensorBoard, and at the end `model.safetensors`.
    ///
    /// # Errors
    /// A folder that holds another run, a checkpoint of another one, data or a network that do not
    /// fit, and a loss that is no number any more.
    pub fn go(&self, resume: bool, watch: &mut dyn Watch, stop: &AtomicBool) -> Result<End, Error> {
        self.config.validate()?;
        self.check_patience()?;
        fit::check(&self.graph, &self.splits, &self.config)?;
        let checkpoints = Checkpoints::new(&self.folder, self.config.keep)?;
        if !resume && let Some(path) = checkpoints.last() {
            let message = "a run is there already; --resume goes on with it, another folder begins anew";
            return Err(Error::Run { path, message: message.to_owned() });
        }
        let identity = self.identity();
        let (found, refused) = checkpoints.latest(&identity)?;
        for error in &refused {
            watch.note(&format!("{error}; the one before it is used"));
        }
        if let (None, Some(error)) = (&found, refused.into_iter().next()) {
            return Err(error);
        }
        if self.device == Device::Cpu {
            torch::keep_freed_memory();
        }
        self.set_threads(found.as_ref().map(|saved| saved.checkpoint.threads), watch)?;
        report::replace(&self.folder.join("config.yaml"), self.document.as_bytes())?;

        let mut trainer = self.trainer()?;
        let mut best = None;
        if let Some(Saved { checkpoint, state }) = found {
            if let Some(name) = trainer.restore(&state, checkpoint.position)? {
                return Err(Error::Fit(format!("the checkpoint's `{name}` does not fit the network")));
            }
            best = checkpoint.best;
        }
        let logs = Logs::open(&self.folder, trainer.steps())?;
        let mut session = Session { run: self, trainer, checkpoints, identity, best, logs };
        session.train(watch, stop)
    }

    fn trainer(&self) -> Result<Trainer, Error> {
        let Self { graph, splits, config, seed, device, .. } = self;
        match &self.initial {
            Some(weights) => {
                Trainer::with_weights(graph.clone(), weights, splits, config.clone(), *seed, *device)
            }
            None => Trainer::new(graph.clone(), splits, config.clone(), *seed, *device),
        }
    }

    /// Everything that a run's steps depend on, as one digest.
    fn identity(&self) -> String {
        let Self { graph, splits, config, seed, purpose, initial, .. } = self;
        let mut digest = Sha256::new();
        digest.update(graph.text());
        digest.update(format!("{config:?} {seed} {purpose:?} {:?}", splits.class_weights));
        digest.update(&self.document);
        digest.update(format!("{:?}", splits.train));
        for (name, array) in initial.iter().flat_map(Weights::iter) {
            digest.update(name);
            array.data().iter().for_each(|value| digest.update(value.to_le_bytes()));
        }
        hexadecimal(&digest.finalize())
    }

    fn check_patience(&self) -> Result<(), Error> {
        if self.config.patience.is_some() && self.splits.validation.is_none() {
            let message = "early stopping needs a validation part (`data.validation`)";
            return Err(Error::Config { field: "patience".to_owned(), message: message.to_owned() });
        }
        Ok(())
    }

    /// A resumed run computes with as many threads as before, unless it is told otherwise.
    fn set_threads(&self, before: Option<i32>, watch: &mut dyn Watch) -> Result<(), Error> {
        let threads = match self.threads.or(before) {
            Some(threads) => Some(threads),
            None => is_small(&self.graph, self.config.batch)?.then_some(1),
        };
        if let Some(threads) = threads {
            tch::set_num_threads(threads);
        }
        if let (Some(before), now) = (before, tch::get_num_threads())
            && before != now
        {
            watch.note(&format!("{now} threads, {before} before: the result will differ by rounding"));
        }
        Ok(())
    }
}

/// Multiply-adds of a batch in a layer, on average, below which a second thread costs more than it
/// brings: it waits, and on a busy machine long.
const WORTH_SHARING: f64 = 2e6;

/// Whether one thread computes batches of this size as fast as several.
///
/// # Errors
/// A graph so large that its cost cannot be counted.
pub fn is_small(graph: &Graph, batch: usize) -> Result<bool, Error> {
    let macs = graph.cost().map_err(|error| Error::Net(error.into()))?.macs;
    Ok(macs as f64 * batch as f64 / (graph.nodes().len() as f64) < WORTH_SHARING)
}

/// A run that is under way.
struct Session<'a> {
    run: &'a Run,
    trainer: Trainer,
    checkpoints: Checkpoints,
    identity: String,
    best: Option<Best>,
    logs: Logs,
}

impl Session<'_> {
    fn train(&mut self, watch: &mut dyn Watch, stop: &AtomicBool) -> Result<End, Error> {
        let config = &self.run.config;
        let examples = config.batch * config.accumulate;
        watch.begin(self.trainer.steps(), self.trainer.total(), self.trainer.per_epoch(), examples);
        while !self.trainer.is_done() && !self.is_stale() {
            if stop.load(Ordering::Relaxed) {
                let checkpoint = self.save(watch)?;
                return Ok(End::Interrupted { step: self.trainer.steps(), checkpoint });
            }
            let step = self.trainer.step().map_err(|error| self.with_checkpoint(error))?;
            watch.step(&step);
            if step.step.is_multiple_of(self.trainer.per_epoch().div_ceil(WRITTEN)) {
                self.logs.write(step.step, &figures(&step))?;
            }
            if self.trainer.is_epoch_end() {
                self.end_epoch(watch)?;
                self.save(watch)?;
            } else if config.checkpoint_steps.is_some_and(|n| step.step.is_multiple_of(n as u64)) {
                self.save(watch)?;
            }
        }
        self.finish().map(End::Finished)
    }

    fn end_epoch(&mut self, watch: &mut dyn Watch) -> Result<(), Error> {
        let step = self.trainer.steps();
        let epoch = step / self.trainer.per_epoch();
        let mut figures = vec![
            ("epoch".to_owned(), epoch as f64),
            ("train/epoch_loss".to_owned(), self.trainer.epoch_loss()),
        ];
        let mut is_best = false;
        if let Some(examples) = &self.run.splits.validation {
            let Run { purpose, config, .. } = self.run;
            let evaluation = self.trainer.with_result(|net| evaluate(net, examples, purpose, config))??;
            figures.extend(named("validation", &evaluation));
            let score = score(&evaluation);
            is_best = self.best.is_none_or(|best| is_better(score, best.score));
            self.best = match self.best {
                Some(best) if !is_best => Some(Best { stale: best.stale + 1, ..best }),
                _ => Some(Best { step, score, stale: 0 }),
            };
        }
        self.logs.write(step, &figures)?;
        watch.epoch(&Epoch { epoch, step, figures, is_best });
        Ok(())
    }

    fn is_stale(&self) -> bool {
        let patience = self.run.config.patience;
        self.best.zip(patience).is_some_and(|(best, patience)| best.stale >= patience)
    }

    fn save(&mut self, watch: &mut dyn Watch) -> Result<PathBuf, Error> {
        self.logs.sync()?;
        let (state, position) = self.trainer.state()?;
        if !state.iter().all(|(_, array)| array.data().iter().all(|value| value.is_finite())) {
            let (step, found) = (position.step, "a weight is no finite number any more".to_owned());
            return Err(self.with_checkpoint(Error::Diverged { step, found, checkpoint: String::new() }));
        }
        let (threads, identity) = (tch::get_num_threads(), self.identity.clone());
        let path =
            self.checkpoints.save(&Checkpoint { position, threads, identity, best: self.best }, &state)?;
        watch.saved(&path);
        Ok(path)
    }

    /// Says which checkpoint is good, where numbers are none any more.
    fn with_checkpoint(&self, error: Error) -> Error {
        match error {
            Error::Diverged { step, found, .. } => {
                let checkpoint = match self.checkpoints.last() {
                    Some(path) => format!("{} is the last good checkpoint", path.display()),
                    None => "there is no checkpoint before it".to_owned(),
                };
                Error::Diverged { step, found, checkpoint }
            }
            error => error,
        }
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let steps = self.trainer.steps();
        let best = self.best.map(|best| best.step);
        if let Some(best) = best.filter(|best| *best != steps) {
            let Saved { checkpoint, state } = self.checkpoints.read(best, &self.identity)?;
            if let Some(name) = self.trainer.restore(&state, checkpoint.position)? {
                return Err(Error::Fit(format!("the best checkpoint's `{name}` does not fit the network")));
            }
        }
        let Purpose { classes, normalization, .. } = self.run.purpose.clone();
        let weights = self.trainer.weights()?;
        let model = Model { config: self.run.document.clone(), classes, normalization, weights };
        model.write(self.run.folder.join("model.safetensors"))?;
        Ok(Finished { model, steps, best })
    }
}

/// Accuracy before loss, where there are classes; else the loss alone.
fn score(evaluation: &Evaluation) -> [f64; 2] {
    [evaluation.outcome.summary().get("accuracy").copied().unwrap_or(0.0), -evaluation.loss]
}

fn is_better(score: [f64; 2], than: [f64; 2]) -> bool {
    score.partial_cmp(&than) == Some(std::cmp::Ordering::Greater)
}
