//! The `train` section of a config.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How a model is trained.
///
/// ```
/// use train::{Config, Schedule};
/// let config = Config { epochs: 60, rate: 2e-3, schedule: Schedule::OneCycle, ..Config::default() };
/// config.validate()?;
/// # Ok::<(), train::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Passes over the training part. Of each, examples that fill no batch are left out.
    pub epochs: usize,
    /// Examples in a batch.
    pub batch: usize,
    /// Batches whose gradients are averaged for one step.
    pub accumulate: usize,
    /// What is minimized; without, cross-entropy for classes and the mean squared error for values.
    pub loss: Option<Loss>,
    /// Share of each target that is spread over all classes (Szegedy et al. 2016, arXiv 1512.00567).
    pub label_smoothing: f64,
    /// Focal loss's exponent γ (Lin et al. 2017, arXiv 1708.02002).
    pub focal_gamma: f64,
    /// What turns gradients into steps.
    pub optimizer: Optimizer,
    /// Learning rate at the schedule's height.
    pub rate: f64,
    /// Weight decay of kernels, decoupled in AdamW, added to the gradient in SGD. Norms and biases
    /// have none.
    pub weight_decay: f64,
    /// AdamW's decay of the gradient's average and of its square's.
    pub betas: [f64; 2],
    /// Added to AdamW's denominator.
    pub eps: f64,
    /// SGD's momentum.
    pub momentum: f64,
    /// Whether SGD's momentum is Nesterov's.
    pub nesterov: bool,
    /// The learning rate's course.
    pub schedule: Schedule,
    /// Epochs in which the rate rises from 0.
    pub warmup: f64,
    /// Epochs between the step schedule's steps.
    pub step_epochs: usize,
    /// What a step multiplies the rate by.
    pub step_factor: f64,
    /// Largest norm of all gradients together.
    pub clip: Option<f64>,
    /// Decay per step of an exponential moving average of the weights, which is then the result.
    pub ema: Option<f64>,
    /// Epochs without improvement on the validation part after which training ends.
    pub patience: Option<usize>,
    /// What convolutions and linear layers compute in.
    pub precision: Precision,
    /// Latest checkpoints kept, besides the best.
    pub keep: usize,
    /// Steps between checkpoints, besides those at the end of each epoch.
    pub checkpoint_steps: Option<usize>,
}

/// What is minimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Of the softmax over classes.
    CrossEntropy,
    /// Cross-entropy of each class's sigmoid; one output is the second of two classes.
    Binary,
    /// Cross-entropy in which easy examples count less (Lin et al. 2017, arXiv 1708.02002).
    Focal,
    /// One minus the mean of the classes' Dice coefficients (Milletari et al. 2016, arXiv 1606.04797).
    Dice,
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
}

/// What turns gradients into steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101).
    #[default]
    #[serde(rename = "adamw")]
    AdamW,
    /// Gradient descent with momentum, as torch's SGD.
    Sgd,
}

/// The learning rate's course after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Multiplied by `step_factor` every `step_epochs` epochs.
    Step,
    /// Half a cosine down to 0 (Loshchilov and Hutter 2017, arXiv 1608.03983).
    #[default]
    Cosine,
    /// Up from a 25th in 30 % of the steps, then down to almost nothing, along half cosines (Smith and
    /// Topin 2018, arXiv 1708.07120, with torch's numbers).
    OneCycle,
}

/// What convolutions and linear layers compute in; weights stay in f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// bfloat16 where the machine has it.
    Bf16,
}

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
            batch: 32,
            accumulate: 1,
            loss: None,
            label_smoothing: 0.0,
            focal_gamma: 2.0,
            optimizer: Optimizer::AdamW,
            rate: 1e-3,
            weight_decay: 0.01,
            betas: [0.9, 0.999],
            eps: 1e-8,
            momentum: 0.9,
            nesterov: false,
            schedule: Schedule::Cosine,
            warmup: 0.0,
            step_epochs: 30,
            step_factor: 0.1,
            clip: None,
            ema: None,
            patience: None,
            precision: Precision::F32,
            keep: 2,
            checkpoint_steps: None,
        }
    }
}

impl Config {
    /// Refuses what no training can follow.
    ///
    /// # Errors
    /// Names the field.
    pub fn validate(&self) -> Result<(), Error> {
        let counts = [
            ("epochs", self.epochs),
            ("batch", self.batch),
            ("accumulate", self.accumulate),
            ("step_epochs", self.step_epochs),
            ("keep", self.keep),
            ("patience", self.patience.unwrap_or(1)),
            ("checkpoint_steps", self.checkpoint_steps.unwrap_or(1)),
        ];
        for (field, count) in counts {
            if !(1..=MOST).contains(&count) {
                return refused(field, format!("{count}; 1 to {MOST} is needed"));
            }
        }
        let shares = [
            ("label_smoothing", self.label_smoothing),
            ("momentum", self.momentum),
            ("betas[0]", self.betas[0]),
            ("betas[1]", self.betas[1]),
            ("ema", self.ema.unwrap_or(0.0)),
        ];
        for (field, share) in shares {
            if !(0.0..1.0).contains(&share) {
                return refused(field, format!("{share}; 0 to below 1 is needed"));
            }
        }
        let sizes = [
            ("focal_gamma", self.focal_gamma),
            ("weight_decay", self.weight_decay),
            ("warmup", self.warmup),
            ("step_factor", self.step_factor),
        ];
        for (field, size) in sizes {
            if !(size.is_finite() && size >= 0.0) {
                return refused(field, format!("{size}; a finite number of at least 0 is needed"));
            }
        }
        for (field, size) in [("rate", self.rate), ("eps", self.eps), ("clip", self.clip.unwrap_or(1.0))] {
            if !(size.is_finite() && size > 0.0) {
                return refused(field, format!("{size}; a finite number above 0 is needed"));
            }
        }
        if self.warmup > self.epochs as f64 {
            let message =
                format!("{}; 0 to {}, the epochs of the training, is needed", self.warmup, self.epochs);
            return refused("warmup", message);
        }
        if self.schedule == Schedule::OneCycle && self.warmup > 0.0 {
            return refused("warmup", "one_cycle rises by itself; 0 is needed");
        }
        if self.nesterov && (self.optimizer != Optimizer::Sgd || self.momentum == 0.0) {
            return refused("nesterov", "true; `optimizer: sgd` and a momentum above 0 are needed");
        }
        Ok(())
    }
}

/// More is a slip of the pen.
const MOST: usize = 1 << 30;

fn refused(field: &str, message: impl Into<String>) -> Result<(), Error> {
    Err(Error::Config { field: field.to_owned(), message: message.into() })
}
