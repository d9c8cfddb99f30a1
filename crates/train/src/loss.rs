//! Losses.

use data::MASKED;
use graph::FieldError;
use torch::tch::{Kind, Reduction, TchError, Tensor};

use crate::tensors::Target;
use crate::{LossConfig, Smoothing, TrainError};

/// The axis of the classes.
const CLASSES: i64 = 1;

/// The mean loss of a batch, a scalar. Masked positions are left out; if all are masked, it is 0.
///
/// With class weights it is the sum of weighted losses divided by the sum of weights, as in torch.
pub(crate) fn loss(
    outputs: &Tensor,
    target: &Target,
    weights: Option<&Tensor>,
    config: Option<LossConfig>,
) -> Result<Tensor, TrainError> {
    match target {
        Target::Classes(classes) => {
            let config = config.unwrap_or(LossConfig::CrossEntropy(Smoothing::default()));
            Ok(of_classes(config, outputs, classes, weights)?)
        }
        Target::Labels(labels) => {
            let none = None::<&Tensor>;
            Ok(outputs.f_binary_cross_entropy_with_logits(labels, none, none, Reduction::Mean)?)
        }
        Target::Values(values) => {
            if outputs.size() != values.size() {
                let [output, target] = [outputs, values].map(|tensor| tensor.size()[1..].to_vec());
                let expected = format!("outputs of the targets' shape {target:?}");
                let error = FieldError::expected("params", expected, format!("{output:?}"));
                return Err(TrainError::Mismatch(error));
            }
            if config == Some(LossConfig::Mae) {
                Ok(outputs.f_l1_loss(values, Reduction::Mean)?)
            } else {
                Ok(outputs.f_mse_loss(values, Reduction::Mean)?)
            }
        }
    }
}

fn of_classes(
    config: LossConfig,
    outputs: &Tensor,
    classes: &Tensor,
    weights: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let known = classes.f_ne(MASKED)?.f_to_kind(Kind::Float)?;
    // Masked positions are looked up as the first class, with weight 0.
    let some_class = classes.f_clamp_min(0)?;
    let weight = match weights {
        Some(weights) => weights.f_take(&some_class)?.f_mul(&known)?,
        None => known,
    };
    let mean = |losses: &Tensor| -> Result<Tensor, TchError> {
        losses.f_mul(&weight)?.f_sum(Kind::Float)?.f_div(&weight.f_sum(Kind::Float)?.f_clamp_min(1e-12)?)
    };
    match config {
        LossConfig::Binary(settings) => {
            let wanted = one_hot_or_single(outputs, &some_class)?;
            let smooth = settings.label_smoothing;
            let wanted = wanted.f_mul_scalar(1.0 - smooth)?.f_add_scalar(smooth / 2.0)?;
            let none = None::<&Tensor>;
            let losses = outputs.f_binary_cross_entropy_with_logits(&wanted, none, none, Reduction::None)?;
            mean(&losses.f_mean_dim(CLASSES, false, None)?)
        }
        LossConfig::Focal(focal) => {
            let losses = cross_entropy(outputs, &some_class, 0.0)?;
            let miss = losses.f_neg()?.f_exp()?.f_neg()?.f_add_scalar(1.0)?;
            mean(&miss.f_clamp_min(0.0)?.f_pow_tensor_scalar(focal.gamma)?.f_mul(&losses)?)
        }
        LossConfig::Dice => dice(outputs, &some_class, &weight),
        LossConfig::CrossEntropy(settings) => {
            mean(&cross_entropy(outputs, &some_class, settings.label_smoothing)?)
        }
        // The compatibility check refuses these for classes.
        LossConfig::Mse | LossConfig::Mae => mean(&cross_entropy(outputs, &some_class, 0.0)?),
    }
}

/// The cross-entropy of each position.
fn cross_entropy(outputs: &Tensor, classes: &Tensor, smoothing: f64) -> Result<Tensor, TchError> {
    outputs.f_cross_entropy_loss(classes, None::<&Tensor>, Reduction::None, MASKED, smoothing)
}

/// One minus the mean over classes of twice the overlap by the sum, over the whole batch.
fn dice(outputs: &Tensor, classes: &Tensor, weight: &Tensor) -> Result<Tensor, TchError> {
    let weight = weight.f_unsqueeze(CLASSES)?;
    let shares = outputs.f_softmax(CLASSES, None)?.f_mul(&weight)?;
    let wanted = one_hot(outputs, classes)?.f_mul(&weight)?;
    let other_axes: Vec<i64> = (0..outputs.dim() as i64).filter(|axis| *axis != CLASSES).collect();
    let per_class = |tensor: &Tensor| tensor.f_sum_dim_intlist(&other_axes[..], false, None);
    let both = per_class(&shares.f_mul(&wanted)?)?;
    let sum = per_class(&shares.f_add(&wanted)?)?;
    let coefficients = both.f_mul_scalar(2.0)?.f_add_scalar(1.0)?.f_div(&sum.f_add_scalar(1.0)?)?;
    coefficients.f_mean(None)?.f_neg()?.f_add_scalar(1.0)
}

/// Classes as one channel each: 1 for the class and 0 for the others.
fn one_hot(outputs: &Tensor, classes: &Tensor) -> Result<Tensor, TchError> {
    let zeros = outputs.detach().f_zeros_like()?;
    zeros.f_scatter_value(CLASSES, &classes.f_unsqueeze(CLASSES)?, 1.0)
}

/// One channel for each class, or for a single output the second class alone.
fn one_hot_or_single(outputs: &Tensor, classes: &Tensor) -> Result<Tensor, TchError> {
    if outputs.size()[1] == 1 {
        classes.f_unsqueeze(CLASSES)?.f_to_kind(Kind::Float)
    } else {
        one_hot(outputs, classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Focal;

    fn check(config: LossConfig, weights: Option<[f32; 2]>, expected: f64) {
        // Three positions of two classes, the last masked.
        let outputs = Tensor::from_slice(&[1.0f32, -0.5, 9.0, -1.0, 0.5, -9.0]).view([1, 2, 3]);
        let classes = Tensor::from_slice(&[0i64, 1, MASKED]).view([1, 3]);
        let weights = weights.map(|weights| Tensor::from_slice(&weights));
        let loss = loss(&outputs, &Target::Classes(classes), weights.as_ref(), Some(config)).unwrap();
        let loss = loss.double_value(&[]);
        assert!((loss - expected).abs() < 1e-5, "{config:?}: {loss}, not {expected}");
    }

    /// By hand: the logits' differences are 2 for the first class and 1 for the second, so that
    /// their probabilities are 1 / (1 + e^-2) and 1 / (1 + e^-1).
    #[test]
    fn losses_by_hand() {
        let [first, second] = [2.0f64, 1.0].map(|d| (1.0 + (-d).exp()).ln());
        let plain = Smoothing::default();
        check(LossConfig::CrossEntropy(plain), None, (first + second) / 2.0);
        check(LossConfig::CrossEntropy(plain), Some([3.0, 1.0]), (3.0 * first + second) / 4.0);
        // Half of a tenth goes to the other class, whose loss is larger by the difference.
        let smooth = Smoothing { label_smoothing: 0.1 };
        check(LossConfig::CrossEntropy(smooth), None, (first + 0.05 * 2.0 + second + 0.05 * 1.0) / 2.0);
        let focal = |loss: f64| (1.0 - (-loss).exp()).powi(2) * loss;
        check(LossConfig::Focal(Focal { gamma: 2.0 }), None, (focal(first) + focal(second)) / 2.0);
        let [a, b] = [first, second].map(|loss| (-loss).exp());
        let dice = [(2.0 * a + 1.0) / (a + 1.0 - b + 1.0 + 1.0), (2.0 * b + 1.0) / (b + 1.0 - a + 1.0 + 1.0)];
        check(LossConfig::Dice, None, 1.0 - (dice[0] + dice[1]) / 2.0);
        let binary = |z: f64| (1.0 + (-z).exp()).ln();
        check(LossConfig::Binary(plain), None, (binary(1.0) + binary(1.0) + binary(0.5) + binary(0.5)) / 4.0);
    }

    #[test]
    fn the_loss_of_masked_positions_is_0() {
        let outputs = Tensor::from_slice(&[1.0f32, -1.0]).view([1, 2]);
        let classes = Target::Classes(Tensor::from_slice(&[MASKED]));
        let loss = loss(&outputs, &classes, None, None).unwrap().double_value(&[]);
        assert!(loss.abs() < 1e-12, "{loss}");
    }
}
