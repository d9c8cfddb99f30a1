//! The section `train` of a config.

mod best;
mod check;
mod choice;
mod loss;
mod optimizer;
mod schedule;
#[cfg(feature = "schema")]
mod schema;

use graph::FieldError;
use serde::{Deserialize, Serialize};

pub use best::BestMetric;
pub use loss::{Focal, LossConfig, Smoothing};
pub use optimizer::{AdamW, OptimizerConfig, Sgd};
pub use schedule::{ScheduleConfig, StepDecay};

/// The section `train` of a config: how a model is trained.
///
/// Settings of an optimizer, a schedule or a loss stand below its name, so that none is without
/// effect: `optimizer: sgd`, or `optimizer: { sgd: { momentum: 0.8 } }`.
///
/// ```
/// use train::{Config, OptimizerConfig, ScheduleConfig, Sgd};
/// let config = Config {
///     epochs: 60,
///     learning_rate: 0.1,
///     optimizer: OptimizerConfig::Sgd(Sgd { nesterov: true, ..Sgd::default() }),
///     schedule: ScheduleConfig::OneCycle,
///     ..Config::default()
/// };
/// config.validate()?;
/// # Ok::<(), graph::FieldError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Passes over the training set. In each, examples that do not fill a batch are left out.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub epochs: usize,
    /// Examples in a batch.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub batch_size: usize,
    /// Batches whose gradients are averaged for one step.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub accumulation_steps: usize,
    /// The quantity to minimize. By default, cross-entropy for classes and the mean squared error for
    /// values.
    pub loss: Option<LossConfig>,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// Learning rate at the schedule's peak.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub learning_rate: f64,
    /// Weight decay of kernels: decoupled in AdamW, added to the gradient in SGD. Norms and biases do
    /// not decay.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub weight_decay: f64,
    /// The course of the learning rate.
    pub schedule: ScheduleConfig,
    /// Epochs in which the learning rate rises from 0.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub warmup: f64,
    /// Largest norm of all gradients together; larger gradients are scaled down to it. By default,
    /// gradients are not clipped.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub clip_norm: Option<f64>,
    /// Decay per step of an exponential moving average of the weights, which is then the result. By
    /// default, the result is the last weights.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub ema: Option<f64>,
    /// The metric of the validation set that selects the model; the loss breaks ties. By default, the accuracy
    /// for `classification` and `segmentation`, otherwise the loss.
    pub best: Option<BestMetric>,
    /// Epochs without improvement of `best` on the validation set after which training ends. By default, all
    /// epochs are trained.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub patience: Option<usize>,
    /// Whether batch norms have the statistics of the whole batch in a training of several processes. By default, they
    /// have those of each process's share of the batch, which is faster.
    pub sync_norm: bool,
    /// Number format that convolutions and linear layers compute in.
    pub precision: Precision,
    /// Latest checkpoints to keep, besides the best one.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub keep_checkpoints: usize,
    /// Steps between checkpoints, besides those at the end of each epoch.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub checkpoint_steps: Option<usize>,
}

/// Number format that convolutions and linear layers compute in; weights stay in f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// bfloat16 where the machine has it.
    Bf16,
}

#[cfg(feature = "torch")]
impl From<Precision> for torch::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::Full,
            Precision::Bf16 => Self::Bf16,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            epochs: 100,
            batch_size: 32,
            accumulation_steps: 1,
            loss: None,
            optimizer: OptimizerConfig::default(),
            learning_rate: 1e-3,
            weight_decay: 0.01,
            schedule: ScheduleConfig::Cosine,
            warmup: 0.0,
            clip_norm: None,
            ema: None,
            best: None,
            patience: None,
            sync_norm: false,
            precision: Precision::F32,
            keep_checkpoints: 2,
            checkpoint_steps: None,
        }
    }
}

impl Config {
    /// Returns the number of steps in an epoch of this many training examples. Examples after the last whole step are
    /// left out, unless they are all there are.
    pub fn steps_per_epoch(&self, examples: usize) -> u64 {
        let per_step = self.batch_size.saturating_mul(self.accumulation_steps);
        u64::try_from(examples / per_step.max(1)).unwrap_or(u64::MAX).max(1)
    }

    /// Checks every number.
    ///
    /// # Errors
    /// Names the field, relative to the section.
    pub fn validate(&self) -> Result<(), FieldError> {
        check::count("epochs", self.epochs)?;
        check::count("batch_size", self.batch_size)?;
        check::count("accumulation_steps", self.accumulation_steps)?;
        if let Some(loss) = &self.loss {
            loss.validate().map_err(|error| error.within("loss"))?;
        }
        self.optimizer.validate().map_err(|error| error.within("optimizer"))?;
        check::positive("learning_rate", self.learning_rate)?;
        check::non_negative("weight_decay", self.weight_decay)?;
        self.schedule.validate().map_err(|error| error.within("schedule"))?;
        self.validate_warmup()?;
        if let Some(norm) = self.clip_norm {
            check::positive("clip_norm", norm)?;
        }
        if let Some(decay) = self.ema {
            check::share("ema", decay)?;
        }
        if let Some(epochs) = self.patience {
            check::count("patience", epochs)?;
        }
        check::count("keep_checkpoints", self.keep_checkpoints)?;
        if let Some(steps) = self.checkpoint_steps {
            check::count("checkpoint_steps", steps)?;
        }
        Ok(())
    }

    fn validate_warmup(&self) -> Result<(), FieldError> {
        check::non_negative("warmup", self.warmup)?;
        if self.warmup > self.epochs as f64 {
            let expected = format!("at most {}, the number of epochs", self.epochs);
            return Err(FieldError::expected("warmup", expected, self.warmup));
        }
        if self.schedule == ScheduleConfig::OneCycle && self.warmup > 0.0 {
            let expected = "0, for `one_cycle` has its own warm-up";
            return Err(FieldError::expected("warmup", expected, self.warmup));
        }
        Ok(())
    }
}
