//! The training loop, a step at a time.

mod gradients;

use std::sync::Arc;

use data::{Batches, Examples, Order, Share, Splits};
use graph::{FieldError, Graph, Noise, Weights};
use torch::Net;
use torch::tch::{self, Device, Tensor, nn};

use crate::evaluate::loss_of;
use crate::optimizer::Optimizer;
use crate::position::{LossSum, Position};
use crate::schedule;
use crate::{Communicator, Config, LossConfig, SingleProcess, TrainError, compatibility};

/// A net that learns from examples.
///
/// All randomness is a function of the seed and the step: the order and the augmentation of the
/// examples, and libtorch's random numbers, which are seeded before each step. So no random state has
/// to be saved, and two runs on the CPU of one machine with equal numbers of threads are equal to the byte.
/// Two runs on a GPU differ by rounding, because libtorch's CUDA kernels add in varying order.
/// libtorch has one generator for the whole process: trainers that step at the same time disturb each
/// other.
///
/// Like its [`torch::Net`], a trainer is `Send` but not `Sync`; to share one between threads, use a `Mutex`.
///
/// ```no_run
/// # fn of(graph: graph::Graph, splits: data::Splits) -> Result<(), train::TrainError> {
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
    /// The owner of the variables, which the net shares.
    _store: nn::VarStore,
    optimizer: Optimizer,
    config: Config,
    loss: LossConfig,
    examples: Examples,
    class_weights: Option<Tensor>,
    seed: u64,
    per_epoch: u64,
    /// The remaining batches of the epoch; `None` before its first step and after a resume.
    batches: Option<Batches>,
    epoch: LossSum,
    communicator: Arc<dyn Communicator>,
}

/// The figures of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Steps taken, this one included.
    pub step: u64,
    /// The loss before the step, the mean of its batches.
    pub loss: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// Norm of the gradients, before clipping.
    pub gradient_norm: f64,
}

impl Trainer {
    /// A trainer before its first step, whose weights are drawn from `seed`.
    ///
    /// # Errors
    /// An invalid config, a network that does not match data or loss, or a device that is not there.
    pub fn new(
        graph: Graph,
        splits: &Splits,
        config: Config,
        seed: u64,
        device: Device,
    ) -> Result<Self, TrainError> {
        let weights = Weights::initial(&graph, seed);
        Self::with_weights(graph, &weights, splits, config, seed, device)
    }

    /// A trainer before its first step that starts from the given weights.
    ///
    /// # Errors
    /// As [`Trainer::new`], and weights that do not match the graph.
    pub fn with_weights(
        graph: Graph,
        weights: &Weights,
        splits: &Splits,
        config: Config,
        seed: u64,
        device: Device,
    ) -> Result<Self, TrainError> {
        config.validate().map_err(|error| TrainError::Config(error.within("train")))?;
        compatibility::check(&graph, splits, &config)?;
        let store = nn::VarStore::new(device);
        let mut net = Net::with_weights(&store.root(), graph, weights)?;
        net.set_precision(config.precision.into())?;
        let optimizer = Optimizer::new(&net, &config)?;
        let per_epoch = config.steps_per_epoch(splits.train.len());
        let class_weights = match &splits.class_weights {
            Some(weights) => Some(Tensor::f_from_slice(weights)?.f_to_device(device)?),
            None => None,
        };
        Ok(Self {
            net,
            _store: store,
            optimizer,
            loss: loss_of(&config, splits.config.task),
            examples: splits.train.clone(),
            class_weights,
            seed,
            per_epoch,
            batches: None,
            epoch: LossSum::default(),
            communicator: Arc::new(SingleProcess),
            config,
        })
    }

    /// Trains on these ranks, of which each calls [`Trainer::step`] with the same graph, weights, data, config and seed.
    ///
    /// A batch is divided among the ranks: each reads and computes consecutive examples of it. The gradients are those of
    /// the whole batch, and all ranks have the same weights after each step, to the byte. If the shares have equal numbers
    /// of known targets, the gradients of `n` ranks are, up to rounding, those of one process with batches of an `n`-th of
    /// the size and `n` times the `accumulation_steps`.
    ///
    /// These are computed on each rank's share: the statistics of batch norms, of whose running averages the ranks then take
    /// the mean, and the loss `dice`. With `sync_norm`, the statistics are those of the batch, as in one process. Dropouts
    /// differ between ranks.
    ///
    /// # Errors
    /// If there is a batch with fewer examples than ranks.
    pub fn on_ranks(self, communicator: Arc<dyn Communicator>) -> Result<Self, TrainError> {
        let (size, examples) = (self.config.batch_size, self.examples.len());
        let is_whole = examples >= size.saturating_mul(self.config.accumulation_steps);
        let rest = if is_whole || examples.is_multiple_of(size) { size } else { examples % size };
        if rest < communicator.size() {
            let expected = format!("batches of at least {} examples, one for each rank", communicator.size());
            let error = FieldError::expected("train.batch_size", expected, format!("a batch of {rest}"));
            return Err(TrainError::Config(error));
        }
        Ok(Self { communicator, ..self })
    }

    /// Takes one step: the next batches forward and backward, and the optimizer's update.
    ///
    /// # Errors
    /// Data that cannot be read, outputs that do not match the targets, or a loss that is not finite.
    /// The weights are then unchanged.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        let done = self.optimizer.steps;
        self.prepare_batches(done);
        tch::manual_seed(Noise::of(&self.random_name(done)).bits(0).cast_signed());
        self.optimizer.zero_grad()?;
        let (loss, passes) = self.accumulate_gradients()?;
        let diverged = |found: String| {
            let checkpoint = "the step was not taken".to_owned();
            TrainError::Diverged { step: done + 1, found, checkpoint }
        };
        if !loss.is_finite() {
            return Err(diverged(format!("the loss is {loss}")));
        }
        let learning_rate = schedule::rate(&self.config, done, self.per_epoch);
        self.optimizer.gather()?;
        self.optimizer.sum_over_ranks(self.communicator.as_ref())?;
        let gradient_norm = self.optimizer.grad_norm(passes)?;
        if !gradient_norm.is_finite() {
            return Err(diverged(format!("the gradient norm is {gradient_norm}")));
        }
        self.optimizer.step(learning_rate, passes, gradient_norm, &self.config)?;
        self.epoch.add(loss);
        Ok(StepReport { step: done + 1, loss, learning_rate, gradient_norm })
    }

    /// The name of libtorch's random numbers in a step. Ranks have different ones, because their examples differ.
    fn random_name(&self, done: u64) -> String {
        match self.communicator.rank() {
            0 => format!("{} step {done}", self.seed),
            rank => format!("{} step {done} rank {rank}", self.seed),
        }
    }

    /// Starts the batches of an epoch, or continues them after a resume.
    fn prepare_batches(&mut self, done: u64) {
        let (epoch, within) = (done / self.per_epoch, done % self.per_epoch);
        if within == 0 {
            (self.epoch, self.batches) = (LossSum::default(), None);
        }
        if self.batches.is_none() {
            let order = Order::Shuffled { seed: self.seed, epoch };
            let steps = usize::try_from(within).unwrap_or(usize::MAX);
            let from = steps.saturating_mul(self.config.accumulation_steps);
            let share = Share { index: self.communicator.rank(), count: self.communicator.size() };
            self.batches = Some(self.examples.batches_shared(order, self.config.batch_size, from, share));
        }
    }

    /// Whether all epochs are done.
    pub fn is_done(&self) -> bool {
        self.optimizer.steps >= self.total()
    }

    /// Whether the last step completed an epoch.
    pub fn is_epoch_end(&self) -> bool {
        self.optimizer.steps > 0 && self.optimizer.steps.is_multiple_of(self.per_epoch)
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.optimizer.steps
    }

    /// Steps of an epoch.
    pub fn per_epoch(&self) -> u64 {
        self.per_epoch
    }

    /// Steps of all epochs.
    pub fn total(&self) -> u64 {
        self.per_epoch.saturating_mul(u64::try_from(self.config.epochs).unwrap_or(u64::MAX))
    }

    /// Mean loss of the current epoch's steps.
    pub fn epoch_loss(&self) -> f64 {
        self.epoch.mean()
    }

    /// The config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The net, with the weights of the last step.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Computes with the net that training results in: with the averaged weights, if there are any.
    ///
    /// # Errors
    /// An operation that libtorch refuses.
    pub fn with_result<T>(&self, compute: impl FnOnce(&Net) -> T) -> Result<T, TrainError> {
        Ok(self.optimizer.with_averages(|| compute(&self.net))?)
    }

    /// The weights that training results in.
    ///
    /// # Errors
    /// An operation that libtorch refuses.
    pub fn weights(&self) -> Result<Weights, TrainError> {
        self.with_result(Net::weights)
    }

    /// The state that the following steps depend on.
    pub(crate) fn state(&self) -> Result<(Weights, Position), TrainError> {
        Ok((self.optimizer.save()?, Position { step: self.optimizer.steps, epoch: self.epoch }))
    }

    /// Restores a state. Returns the name of the first array that does not match, if any.
    pub(crate) fn restore(
        &mut self,
        state: &Weights,
        position: Position,
    ) -> Result<Option<String>, TrainError> {
        (self.batches, self.epoch) = (None, position.epoch);
        Ok(self.optimizer.load(state, position.step)?)
    }
}
