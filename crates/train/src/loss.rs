//! Losses of training, on libtorch. `crate::evaluate` computes the same functions in f64.

use data::MASKED;
use graph::FieldError;
use torch::tch::{Kind, Reduction, TchError, Tensor};

use crate::tensors::Target;
use crate::{LossConfig, TrainError};

/// The axis of the classes.
const CLASSES: i64 = 1;

/// The mean loss of a batch, a scalar. Masked positions and unknown values are left out; if there are no others, it
/// is 0.
///
/// With class weights it is the sum of weighted losses divided by the sum of weights, as in torch. The weight of a
/// label is that of examples with the label, relative to examples without it, as torch's `pos_weight`.
pub(crate) fn loss(
    outputs: &Tensor,
    target: &Target,
    weights: Option<&Tensor>,
    config: LossConfig,
) -> Result<Tensor, TrainError> {
    match target {
        Target::Classes(classes) => Ok(of_classes(config, outputs, classes, weights)?),
        Target::Labels(labels) => Ok(of_labels(config, outputs, labels, weights)?),
        Target::Values { values, known } => {
            if outputs.size() != values.size() {
                let [output, target] = [outputs, values].map(|tensor| tensor.size()[1..].to_vec());
                let expected = format!("outputs of the targets' shape {target:?}");
                let error = FieldError::expected("params", expected, format!("{output:?}"));
                return Err(TrainError::Mismatch(error));
            }
            Ok(of_values(config, outputs, values, known.as_ref())?)
        }
    }
}

/// The weight of a batch's known targets, which its mean loss is a mean over: their number, or the sum of their classes'
/// weights.
pub(crate) fn weight_of(target: &Target, weights: Option<&Tensor>) -> Result<f64, TchError> {
    match target {
        Target::Classes(classes) => {
            weight_of_classes(classes, weights)?.1.f_sum(Kind::Double)?.f_double_value(&[])
        }
        // The weight of a label changes its loss, but the mean is over all labels.
        Target::Labels(labels) => Ok(labels.numel() as f64),
        Target::Values { values, known: None } => Ok(values.numel() as f64),
        Target::Values { known: Some(known), .. } => known.f_sum(Kind::Double)?.f_double_value(&[]),
    }
}

/// The classes, of which masked ones are replaced by the first class, and the weight of each, which is 0 for masked ones.
fn weight_of_classes(classes: &Tensor, weights: Option<&Tensor>) -> Result<(Tensor, Tensor), TchError> {
    let known = classes.f_ne(MASKED)?.f_to_kind(Kind::Float)?;
    let some_class = classes.f_clamp_min(0)?;
    let weight = match weights {
        Some(weights) => weights.f_take(&some_class)?.f_mul(&known)?,
        None => known,
    };
    Ok((some_class, weight))
}

fn of_values(
    config: LossConfig,
    outputs: &Tensor,
    values: &Tensor,
    known: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let Some(known) = known else { return value_losses(config, outputs, values, Reduction::Mean) };
    let losses = value_losses(config, outputs, values, Reduction::None)?;
    losses.f_mul(known)?.f_sum(Kind::Float)?.f_div(&known.f_sum(Kind::Float)?.f_clamp_min(1.0)?)
}

fn value_losses(
    config: LossConfig,
    outputs: &Tensor,
    values: &Tensor,
    reduction: Reduction,
) -> Result<Tensor, TchError> {
    if config == LossConfig::Mae {
        outputs.f_l1_loss(values, reduction)
    } else {
        outputs.f_mse_loss(values, reduction)
    }
}

fn of_labels(
    config: LossConfig,
    outputs: &Tensor,
    labels: &Tensor,
    weights: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let smooth = if let LossConfig::Binary(settings) = config { settings.label_smoothing } else { 0.0 };
    let wanted = smoothed(labels, smooth)?;
    outputs.f_binary_cross_entropy_with_logits(&wanted, None::<&Tensor>, weights, Reduction::Mean)
}

/// Targets of 0 and 1 after label smoothing, which spreads a share over both.
fn smoothed(wanted: &Tensor, share: f64) -> Result<Tensor, TchError> {
    wanted.f_mul_scalar(1.0 - share)?.f_add_scalar(share / 2.0)
}

fn of_classes(
    config: LossConfig,
    outputs: &Tensor,
    classes: &Tensor,
    weights: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let (some_class, weight) = weight_of_classes(classes, weights)?;
    if config == LossConfig::Dice {
        return dice(outputs, &some_class, &weight);
    }
    let losses = position_losses(config, outputs, &some_class)?;
    losses.f_mul(&weight)?.f_sum(Kind::Float)?.f_div(&weight.f_sum(Kind::Float)?.f_clamp_min(1e-12)?)
}

/// The loss of each position. Dice compares whole batches; the loss of a position is then the cross-entropy.
fn position_losses(config: LossConfig, outputs: &Tensor, classes: &Tensor) -> Result<Tensor, TchError> {
    match config {
        LossConfig::Binary(settings) => {
            let wanted = smoothed(&one_hot_or_single(outputs, classes)?, settings.label_smoothing)?;
            let none = None::<&Tensor>;
            let losses = outputs.f_binary_cross_entropy_with_logits(&wanted, none, none, Reduction::None)?;
            losses.f_mean_dim(CLASSES, false, None)
        }
        LossConfig::Focal(focal) => {
            let losses = cross_entropy(outputs, classes, 0.0)?;
            let miss = losses.f_neg()?.f_exp()?.f_neg()?.f_add_scalar(1.0)?;
            miss.f_clamp_min(0.0)?.f_pow_tensor_scalar(focal.gamma)?.f_mul(&losses)
        }
        LossConfig::CrossEntropy(settings) => cross_entropy(outputs, classes, settings.label_smoothing),
        // The compatibility check refuses `mse` and `mae` for classes.
        LossConfig::Dice | LossConfig::Mse | LossConfig::Mae => cross_entropy(outputs, classes, 0.0),
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
    use data::{Batch, Targets};
    use graph::Array;
    use torch::tch::Device;

    use super::*;
    use crate::evaluate::BatchLosses;
    use crate::{Focal, Smoothing};

    fn check(config: LossConfig, weights: Option<[f32; 2]>, expected: f64) {
        // Three positions of two classes, the last masked.
        let outputs = Tensor::from_slice(&[1.0f32, -0.5, 9.0, -1.0, 0.5, -9.0]).view([1, 2, 3]);
        let classes = Tensor::from_slice(&[0i64, 1, MASKED]).view([1, 3]);
        let weights = weights.map(|weights| Tensor::from_slice(&weights));
        let loss = loss(&outputs, &Target::Classes(classes), weights.as_ref(), config).unwrap();
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
        let config = LossConfig::CrossEntropy(Smoothing::default());
        let loss = loss(&outputs, &classes, None, config).unwrap().double_value(&[]);
        assert!(loss.abs() < 1e-12, "{loss}");
    }

    /// Two examples of two labels, with the logits (1, -1) and (2, 0).
    #[test]
    fn losses_of_labels_by_hand() {
        let outputs = Tensor::from_slice(&[1.0f32, -1.0, 2.0, 0.0]).view([2, 2]);
        let labels = || Target::Labels(Tensor::from_slice(&[1.0f32, 0.0, 0.0, 1.0]).view([2, 2]));
        let [yes, no] = [|z: f64| (1.0 + (-z).exp()).ln(), |z: f64| (1.0 + z.exp()).ln()];
        let check = |smooth: f64, weights: Option<[f32; 2]>, expected: f64| {
            let config = LossConfig::Binary(Smoothing { label_smoothing: smooth });
            let weights = weights.map(|weights| Tensor::from_slice(&weights));
            let loss = loss(&outputs, &labels(), weights.as_ref(), config).unwrap().double_value(&[]);
            assert!((loss - expected).abs() < 1e-6, "{loss}, not {expected}");
        };
        check(0.0, None, (yes(1.0) + no(-1.0) + no(2.0) + yes(0.0)) / 4.0);
        check(0.0, Some([3.0, 5.0]), (3.0 * yes(1.0) + no(-1.0) + no(2.0) + 5.0 * yes(0.0)) / 4.0);
        let smooth = |first: f64, second: f64| 0.9 * first + 0.1 * second;
        let [a, b] = [smooth(yes(1.0), no(1.0)), smooth(no(-1.0), yes(-1.0))];
        let [c, d] = [smooth(no(2.0), yes(2.0)), smooth(yes(0.0), no(0.0))];
        check(0.2, None, (a + b + c + d) / 4.0);
    }

    #[test]
    fn unknown_values_have_neither_a_loss_nor_a_gradient() {
        let outputs = || Tensor::from_slice(&[1.0f32, 7.0, -2.0, 3.0]).view([2, 2]).set_requires_grad(true);
        let values = |known: [f32; 4]| Target::Values {
            values: Tensor::from_slice(&[0.0f32, 0.0, 1.0, 0.0]).view([2, 2]),
            known: Some(Tensor::from_slice(&known).view([2, 2])),
        };
        for (config, expected) in [(LossConfig::Mse, (1.0 + 9.0) / 2.0), (LossConfig::Mae, (1.0 + 3.0) / 2.0)]
        {
            let outputs = outputs();
            let loss = loss(&outputs, &values([1.0, 0.0, 1.0, 0.0]), None, config).unwrap();
            assert!((loss.double_value(&[]) - expected).abs() < 1e-6, "{config:?}");
            loss.backward();
            let gradient = Vec::<f32>::try_from(&outputs.grad().view([-1])).unwrap();
            assert!(gradient[0] > 0.0 && gradient[2] < 0.0, "{gradient:?}");
            assert!(gradient[1].abs() + gradient[3].abs() <= 0.0, "{gradient:?}");
        }
        let loss = loss(&outputs(), &values([0.0; 4]), None, LossConfig::Mse).unwrap();
        assert!(loss.double_value(&[]).abs() <= 0.0, "all are unknown");
    }

    /// The mask changes nothing where all values are known.
    #[test]
    fn known_values_have_the_same_loss_with_and_without_a_mask() {
        let outputs = Tensor::from_slice(&[1.0f32, 7.0, -2.0]).view([3, 1]);
        let values = || Tensor::from_slice(&[0.5f32, 0.0, 1.0]).view([3, 1]);
        for config in [LossConfig::Mse, LossConfig::Mae] {
            let [plain, masked] = [None, Some(Tensor::from_slice(&[1.0f32; 3]).view([3, 1]))].map(|known| {
                let target = Target::Values { values: values(), known };
                loss(&outputs, &target, None, config).unwrap().double_value(&[])
            });
            assert!((plain - masked).abs() < 1e-6, "{plain}, {masked}");
        }
    }

    /// Evaluation computes the same losses from arrays.
    #[test]
    fn evaluation_has_the_losses_of_training() {
        let outputs = |channels: usize| {
            Array::from_fn([3, channels, 4], |i| 4.0 * graph::single((i as f64 * 1.7).sin()))
        };
        let smooth = Smoothing { label_smoothing: 0.2 };
        let class = |i: i64| if i % 5 == 0 { MASKED } else { i % 2 };
        let positions = || Targets::Positions { shape: vec![3, 4], classes: (0..12).map(class).collect() };
        let check = |config: LossConfig, outputs: &Array, target: Targets| {
            let batch = Batch { input: Array::from_fn([3, 1], |_| 0.0), target };
            let pair = crate::tensors::Pair::new(&batch, Device::Cpu).unwrap();
            let expected = loss(&torch::tensor(outputs).unwrap(), &pair.target, None, config).unwrap();
            let (sum, count) = BatchLosses::of(config, outputs, &batch.target).unwrap().sum();
            let (expected, found) = (expected.double_value(&[]), sum / count as f64);
            assert!((found - expected).abs() < 1e-6 * expected.abs(), "{config:?}: {found}, not {expected}");
        };
        for channels in [2, 3] {
            for config in [
                LossConfig::CrossEntropy(Smoothing::default()),
                LossConfig::CrossEntropy(smooth),
                LossConfig::Binary(smooth),
                LossConfig::Focal(Focal { gamma: 1.5 }),
                LossConfig::Dice,
            ] {
                check(config, &outputs(channels), positions());
            }
        }
        check(LossConfig::Binary(smooth), &outputs(1), positions());
        let labels = Array::new([3, 2], outputs(2).data()[..6].to_vec()).unwrap();
        let targets = Targets::Labels(vec![vec![true, false], vec![false, false], vec![true, true]]);
        check(LossConfig::Binary(smooth), &labels, targets);
        for config in [LossConfig::Mse, LossConfig::Mae] {
            let known = Array::from_fn([3, 2, 4], |i| i as f32 / 9.0);
            check(config, &outputs(2), Targets::Values(known));
            let unknown = Array::from_fn([3, 2, 4], |i| if i % 3 == 0 { f32::NAN } else { i as f32 / 9.0 });
            check(config, &outputs(2), Targets::Values(unknown));
        }
    }
}
