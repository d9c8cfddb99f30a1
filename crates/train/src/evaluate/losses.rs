//! Losses of outputs as arrays, in f64. Those of training, in `crate::loss`, are the same functions on libtorch, which
//! have gradients.

use data::{MASKED, Targets};
use graph::{Array, FieldError};
use model::Task;

use super::outputs::Outputs;
use crate::{Config, LossConfig, Smoothing, TrainError};

/// The loss of a config, or the default of the task.
pub(crate) fn loss_of(config: &Config, task: Task) -> LossConfig {
    let default = match task {
        Task::Classification | Task::Segmentation => LossConfig::CrossEntropy(Smoothing::default()),
        Task::MultiLabel => LossConfig::Binary(Smoothing::default()),
        Task::Regression | Task::Denoising => LossConfig::Mse,
    };
    config.loss.unwrap_or(default)
}

/// The losses of a batch.
pub(crate) struct BatchLosses {
    /// The loss of each position, label or value; `None` if its target is unknown.
    each: Vec<Option<f64>>,
    examples: usize,
    /// The loss of the whole batch, if it is not the mean of the others.
    whole: Option<f64>,
}

impl BatchLosses {
    pub(crate) fn of(config: LossConfig, outputs: &Array, targets: &Targets) -> Result<Self, TrainError> {
        let examples = outputs.shape().first().copied().unwrap_or(0);
        let (each, whole) = match targets {
            Targets::Classes(classes) | Targets::Positions { classes, .. } => {
                let outputs = Outputs::of(outputs);
                check_classes(&outputs, classes)?;
                let whole = if config == LossConfig::Dice { Some(dice(&outputs, classes)) } else { None };
                (of_classes(config, &outputs, classes), whole)
            }
            Targets::Labels(labels) => {
                let labels: Vec<f64> =
                    labels.iter().flatten().map(|label| f64::from(u8::from(*label))).collect();
                check_count(outputs, labels.len())?;
                let smoothing = label_smoothing(config);
                let loss = |(logit, label): (&f32, &f64)| {
                    Some(binary(f64::from(*logit), smoothed(*label, smoothing)))
                };
                (outputs.data().iter().zip(&labels).map(loss).collect(), None)
            }
            Targets::Values(values) => {
                if outputs.shape() != values.shape() {
                    let [output, target] = [outputs, values].map(|array| array.shape()[1..].to_vec());
                    return mismatch(
                        &format!("outputs of the targets' shape {target:?}"),
                        &format!("{output:?}"),
                    );
                }
                let pairs = outputs.data().iter().zip(values.data());
                (pairs.map(|(output, target)| of_value(config, *output, *target)).collect(), None)
            }
        };
        Ok(Self { each, examples, whole })
    }

    /// The sum over known targets, with their number; for a loss of whole batches, as many times that of the batch.
    pub(crate) fn sum(&self) -> (f64, usize) {
        let known = self.each.iter().flatten();
        let count = known.clone().count();
        match self.whole {
            Some(whole) => (whole * count as f64, count),
            None => (known.sum(), count),
        }
    }

    /// The mean loss of each example over its known targets; NaN if all are unknown.
    pub(super) fn of_examples(&self) -> Vec<f64> {
        let mean = |losses: &[Option<f64>]| {
            let known = losses.iter().flatten();
            known.clone().sum::<f64>() / known.count() as f64
        };
        self.each.chunks((self.each.len() / self.examples.max(1)).max(1)).map(mean).collect()
    }
}

/// Checks that each position has an output for its class.
fn check_classes(outputs: &Outputs<'_>, classes: &[i64]) -> Result<(), TrainError> {
    if outputs.columns() != classes.len() {
        return mismatch(
            &format!("outputs for {} positions, as the targets have", classes.len()),
            &format!("outputs for {}", outputs.columns()),
        );
    }
    // A single output stands for the second of two classes.
    let count = outputs.channels().max(2);
    match classes.iter().find(|class| **class != MASKED && usize::try_from(**class).is_ok_and(|c| c >= count))
    {
        Some(class) => {
            mismatch(&format!("outputs for the class with index {class}"), &format!("{count} outputs"))
        }
        None => Ok(()),
    }
}

fn check_count(outputs: &Array, count: usize) -> Result<(), TrainError> {
    if outputs.data().len() == count {
        return Ok(());
    }
    mismatch(&format!("{count} outputs for a batch of labels"), &outputs.data().len().to_string())
}

fn mismatch<T>(expected: &str, found: &str) -> Result<T, TrainError> {
    Err(TrainError::Mismatch(FieldError::expected("params", expected, found)))
}

/// The loss of each position.
fn of_classes(config: LossConfig, outputs: &Outputs<'_>, classes: &[i64]) -> Vec<Option<f64>> {
    let mut logits = Vec::with_capacity(outputs.channels());
    let mut losses = Vec::with_capacity(classes.len());
    for (position, class) in classes.iter().enumerate() {
        losses.push(match usize::try_from(*class) {
            Ok(class) => {
                outputs.column(position, &mut logits);
                Some(of_class(config, &logits, class))
            }
            // `MASKED` is negative.
            Err(_) => None,
        });
    }
    losses
}

/// The loss of one position. Dice compares whole batches; the loss of a position is then the cross-entropy.
fn of_class(config: LossConfig, logits: &[f64], class: usize) -> f64 {
    match config {
        LossConfig::Binary(settings) => {
            let is_single = logits.len() == 1;
            let loss = |(channel, logit): (usize, &f64)| {
                let is_class = if is_single { class == 1 } else { class == channel };
                binary(*logit, smoothed(f64::from(u8::from(is_class)), settings.label_smoothing))
            };
            logits.iter().enumerate().map(loss).sum::<f64>() / logits.len() as f64
        }
        LossConfig::Focal(focal) => {
            let loss = cross_entropy(logits, class, 0.0);
            (1.0 - (-loss).exp()).max(0.0).powf(focal.gamma) * loss
        }
        LossConfig::CrossEntropy(settings) => cross_entropy(logits, class, settings.label_smoothing),
        // The compatibility check refuses `mse` and `mae` for classes.
        LossConfig::Dice | LossConfig::Mse | LossConfig::Mae => cross_entropy(logits, class, 0.0),
    }
}

/// The cross-entropy of the softmax, with a share of the target spread over all classes.
fn cross_entropy(logits: &[f64], class: usize, smoothing: f64) -> f64 {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
    let normalizer = largest + sum.ln();
    let own = logits.get(class).copied().unwrap_or(f64::NAN);
    let mean = logits.iter().sum::<f64>() / logits.len() as f64;
    (1.0 - smoothing) * (normalizer - own) + smoothing * (normalizer - mean)
}

/// The cross-entropy of a sigmoid.
fn binary(logit: f64, target: f64) -> f64 {
    let rectified = if logit < 0.0 { 0.0 } else { logit };
    rectified - logit * target + (-logit.abs()).exp().ln_1p()
}

/// A target of 0 or 1 after label smoothing, which spreads a share over both.
fn smoothed(target: f64, share: f64) -> f64 {
    target * (1.0 - share) + share / 2.0
}

fn label_smoothing(config: LossConfig) -> f64 {
    if let LossConfig::Binary(settings) = config { settings.label_smoothing } else { 0.0 }
}

fn of_value(config: LossConfig, output: f32, target: f32) -> Option<f64> {
    if target.is_nan() {
        return None;
    }
    let error = f64::from(output) - f64::from(target);
    Some(if config == LossConfig::Mae { error.abs() } else { error * error })
}

/// One minus the mean over classes of twice the overlap by the sum, over the whole batch.
fn dice(outputs: &Outputs<'_>, classes: &[i64]) -> f64 {
    let mut overlaps = vec![0.0; outputs.channels()];
    let mut sums = vec![0.0; outputs.channels()];
    let mut shares = Vec::with_capacity(outputs.channels());
    for (position, class) in classes.iter().enumerate() {
        if *class == MASKED {
            continue;
        }
        outputs.softmax(position, &mut shares);
        for (channel, share) in shares.iter().enumerate() {
            let is_class = usize::try_from(*class) == Ok(channel);
            if is_class {
                overlaps[channel] += share;
            }
            sums[channel] += share + f64::from(u8::from(is_class));
        }
    }
    let coefficients = overlaps.iter().zip(&sums).map(|(both, sum)| (2.0 * both + 1.0) / (sum + 1.0));
    1.0 - coefficients.sum::<f64>() / outputs.channels() as f64
}
