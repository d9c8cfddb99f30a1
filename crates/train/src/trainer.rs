//! The loop, a step at a time.

use data::{Batches, Examples, Order, Splits};
use graph::{Graph, Noise, Weights};
use torch::Net;
use torch::tch::{self, Device, Tensor, nn};

use crate::checkpoint::Position;
use crate::learner::Learner;
use crate::loss::loss;
use crate::schedule;
use crate::tensors::Pair;
use crate::{Config, Error, fit};

/// A net that learns from examples.
///
/// All randomness is a function of the seed and the step: the order and the augmentation of the
/// examples, and libtorch's own numbers, which are seeded anew before each step. So no random state
/// has to be saved, and two runs on one machine with one number of threads are equal to the byte.
/// (libtorch's numbers are the process's: trainers that step at the same time disturb each other.)
///
/// ```no_run
/// # fn of(graph: graph::Graph, splits: data::Splits) -> Result<(), train::Error> {
/// use train::{Config, Trainer};
/// let mut trainer = Trainer::new(graph, &splits, Config::default(), 1, torch::tch::Device::Cpu)?;
/// while !trainer.is_done() {
///     let step = trainer.step()?;
///     println!("{}: {}", step.step, step.loss);
/// }
/// let weights = trainer.weights()?;
/// # Ok(()) }
/// ```
pub struct Trainer {
    net: Net,
    /// The variables' owner; nets share them with it.
    _store: nn::VarStore,
    learner: Learner,
    config: Config,
    examples: Examples,
    class_weights: Option<Tensor>,
    seed: u64,
    per_epoch: u64,
    /// The rest of the epoch's batches; none before the epoch's first step and after a resume.
    batches: Option<Batches>,
    epoch: Sum,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Steps taken, this one included.
    pub step: u64,
    /// The batch's loss, before the step.
    pub loss: f64,
    /// The learning rate.
    pub rate: f64,
    /// Norm of the gradients, before clipping.
    pub norm: f64,
}

/// The epoch's losses so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) losses: f64,
    pub(crate) steps: u64,
}

impl Trainer {
    /// A trainer before its first step, whose weights are drawn from `seed`.
    ///
    /// # Errors
    /// A config that is refused, a network that does not fit data or loss, a device that is not there.
    pub fn new(
        graph: Graph,
        splits: &Splits,
        config: Config,
        seed: u64,
        device: Device,
    ) -> Result<Self, Error> {
        let weights = Weights::initial(&graph, seed);
        Self::with_weights(graph, &weights, splits, config, seed, device)
    }

    /// A trainer before its first step that begins from these weights.
    ///
    /// # Errors
    /// As [`Trainer::new`], and weights that do not fit.
    pub fn with_weights(
        graph: Graph,
        weights: &Weights,
        splits: &Splits,
        config: Config,
        seed: u64,
        device: Device,
    ) -> Result<Self, Error> {
        config.validate()?;
        fit::check(&graph, splits, &config)?;
        let store = nn::VarStore::new(device);
        let mut net = Net::with_weights(&store.root(), graph, weights)?;
        net.set_precision(config.precision.into())?;
        let learner = Learner::new(&net, &config)?;
        let per_step = config.batch.saturating_mul(config.accumulate);
        let per_epoch = u64::try_from(splits.train.len() / per_step).unwrap_or(u64::MAX).max(1);
        let class_weights = splits
            .class_weights
            .as_ref()
            .map(|weights| Ok::<_, Error>(Tensor::f_from_slice(weights)?.f_to_device(device)?));
        Ok(Self {
            net,
            _store: store,
            learner,
            examples: splits.train.clone(),
            class_weights: class_weights.transpose()?,
            seed,
            per_epoch,
            batches: None,
            epoch: Sum::default(),
            config,
        })
    }

    /// Takes one step: the next batches forward and backward, and the optimizer's update.
    ///
    /// # Errors
    /// Data that cannot be read, outputs that do not fit the targets, and a loss that is not finite;
    /// the weights are as before then.
    pub fn step(&mut self) -> Result<Step, Error> {
        let done = self.learner.steps;
        let (epoch, within) = (done / self.per_epoch, done % self.per_epoch);
        if within == 0 {
            (self.epoch, self.batches) = (Sum::default(), None);
        }
        let passes = self.config.accumulate;
        if self.batches.is_none() {
            let order = Order::Shuffled { seed: self.seed, epoch };
            let from = usize::try_from(within).unwrap_or(usize::MAX).saturating_mul(passes);
            self.batches = Some(self.examples.batches(order, self.config.batch, from));
        }
        tch::manual_seed(Noise::of(&format!("{} step {done}", self.seed)).bits(0).cast_signed());
        self.learner.forget()?;
        let (mut losses, mut counted) = (0.0, 0u32);
        for _ in 0..passes {
            let Some(batch) = self.batches.as_mut().and_then(Iterator::next).transpose()? else { break };
            let pair = Pair::new(&batch, self.net.device())?;
            let outputs = self.net.run(&pair.input, true)?;
            let loss = loss(&outputs, &pair.target, self.class_weights.as_ref(), &self.config)?;
            loss.f_backward()?;
            losses += loss.f_double_value(&[])?;
            counted += 1;
        }
        let loss = losses / f64::from(counted.max(1));
        let diverged = |found: String| {
            let checkpoint = "the step was not taken".to_owned();
            Error::Diverged { step: done + 1, found, checkpoint }
        };
        if !loss.is_finite() {
            return Err(diverged(format!("the loss is {loss}")));
        }
        let rate = schedule::rate(&self.config, done, self.per_epoch);
        let norm = self.learner.norm(counted.max(1))?;
        if !norm.is_finite() {
            return Err(diverged(format!("the norm of the gradients is {norm}")));
        }
        self.learner.step(rate, counted.max(1), norm, &self.config)?;
        self.epoch.losses += loss;
        self.epoch.steps += 1;
        Ok(Step { step: done + 1, loss, rate, norm })
    }

    /// Whether all epochs are done.
    pub fn is_done(&self) -> bool {
        self.learner.steps >= self.total()
    }

    /// Whether the last step was an epoch's last.
    pub fn is_epoch_end(&self) -> bool {
        self.learner.steps > 0 && self.learner.steps.is_multiple_of(self.per_epoch)
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.learner.steps
    }

    /// Steps of an epoch.
    pub fn per_epoch(&self) -> u64 {
        self.per_epoch
    }

    /// Steps of all epochs.
    pub fn total(&self) -> u64 {
        self.per_epoch.saturating_mul(u64::try_from(self.config.epochs).unwrap_or(u64::MAX))
    }

    /// The mean loss of the epoch's steps so far.
    pub fn epoch_loss(&self) -> f64 {
        self.epoch.losses / self.epoch.steps.max(1) as f64
    }

    /// The config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The net, with the weights of the last step.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Computes with the net that training results in: its weights are the averages, where there are
    /// any.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn with_result<T>(&self, compute: impl FnOnce(&Net) -> T) -> Result<T, Error> {
        Ok(self.learner.with_averages(|| compute(&self.net))?)
    }

    /// The weights that training results in.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn weights(&self) -> Result<Weights, Error> {
        self.with_result(Net::weights)
    }

    /// Everything that the following steps depend on.
    pub(crate) fn state(&self) -> Result<(Weights, Position), Error> {
        Ok((self.learner.save()?, Position { step: self.learner.steps, epoch: self.epoch }))
    }

    /// Goes back to a state; the name of what does not fit, if anything does not.
    pub(crate) fn restore(&mut self, state: &Weights, position: Position) -> Result<Option<String>, Error> {
        (self.batches, self.epoch) = (None, position.epoch);
        Ok(self.learner.load(state, position.step)?)
    }
}
