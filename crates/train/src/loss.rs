//! What is minimized.

use data::MASKED;
use torch::tch::{Kind, Reduction, TchError, Tensor};

use crate::tensors::Target;
use crate::{Config, Error, Loss};

/// Classes stand on this axis.
const CLASSES: i64 = 1;

/// The mean loss of a batch, a scalar. Masked positions count nothing; where all are masked it is 0.
///
/// With class weights it is the sum of weighted losses over the sum of weights, as torch has it.
pub(crate) fn loss(
    outputs: &Tensor,
    target: &Target,
    weights: Option<&Tensor>,
    config: &Config,
) -> Result<Tensor, Error> {
    match target {
        Target::Classes(classes) => {
            let loss = config.loss.unwrap_or(Loss::CrossEntropy);
            Ok(of_classes(loss, outputs, classes, weights, config)?)
        }
        Target::Values(values) if outputs.size() != values.size() => Err(Error::Fit(format!(
            "the network puts out {:?} where the targets are {:?}; equal shapes are needed",
            &outputs.size()[1..],
            &values.size()[1..]
        ))),
        Target::Values(values) => Ok(match config.loss {
            Some(Loss::Mae) => outputs.f_l1_loss(values, Reduction::Mean)?,
            _ => outputs.f_mse_loss(values, Reduction::Mean)?,
        }),
    }
}

fn of_classes(
    loss: Loss,
    outputs: &Tensor,
    classes: &Tensor,
    weights: Option<&Tensor>,
    config: &Config,
) -> Result<Tensor, TchError> {
    let known = classes.f_ne(MASKED)?.f_to_kind(Kind::Float)?;
    // What masked positions are looked up as; they weigh nothing.
    let some_class = classes.f_clamp_min(0)?;
    let weight = match weights {
        Some(weights) => weights.f_take(&some_class)?.f_mul(&known)?,
        None => known,
    };
    let mean = |losses: &Tensor| -> Result<Tensor, TchError> {
        losses.f_mul(&weight)?.f_sum(Kind::Float)?.f_div(&weight.f_sum(Kind::Float)?.f_clamp_min(1e-12)?)
    };
    match loss {
        Loss::Binary => {
            let wanted = one_hot_or_single(outputs, &some_class)?;
            let smooth = config.label_smoothing;
            let wanted = wanted.f_mul_scalar(1.0 - smooth)?.f_add_scalar(smooth / 2.0)?;
            let none = None::<&Tensor>;
            let losses = outputs.f_binary_cross_entropy_with_logits(&wanted, none, none, Reduction::None)?;
            mean(&losses.f_mean_dim(CLASSES, false, None)?)
        }
        Loss::Focal => {
            let losses = cross_entropy(outputs, &some_class, 0.0)?;
            let miss = losses.f_neg()?.f_exp()?.f_neg()?.f_add_scalar(1.0)?;
            mean(&miss.f_clamp_min(0.0)?.f_pow_tensor_scalar(config.focal_gamma)?.f_mul(&losses)?)
        }
        Loss::Dice => dice(outputs, &some_class, &weight),
        Loss::CrossEntropy | Loss::Mse | Loss::Mae => {
            mean(&cross_entropy(outputs, &some_class, config.label_smoothing)?)
        }
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
    let but_classes: Vec<i64> = (0..outputs.dim() as i64).filter(|axis| *axis != CLASSES).collect();
    let per_class = |tensor: &Tensor| tensor.f_sum_dim_intlist(&but_classes[..], false, None);
    let both = per_class(&shares.f_mul(&wanted)?)?;
    let sum = per_class(&shares.f_add(&wanted)?)?;
    let coefficients = both.f_mul_scalar(2.0)?.f_add_scalar(1.0)?.f_div(&sum.f_add_scalar(1.0)?)?;
    coefficients.f_mean(None)?.f_neg()?.f_add_scalar(1.0)
}

/// Classes as outputs of their own, 1 for the class and 0 for others.
fn one_hot(outputs: &Tensor, classes: &Tensor) -> Result<Tensor, TchError> {
    let zeros = outputs.detach().f_zeros_like()?;
    zeros.f_scatter_value(CLASSES, &classes.f_unsqueeze(CLASSES)?, 1.0)
}

fn one_hot_or_single(outputs: &Tensor, classes: &Tensor) -> Result<Tensor, TchError> {
    match outputs.size()[1] {
        1 => classes.f_unsqueeze(CLASSES)?.f_to_kind(Kind::Float),
        _ => one_hot(outputs, classes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &Config, weights: Option<[f32; 2]>, expected: f64) {
        // Three positions of two classes, the last masked.
        let outputs = Tensor::from_slice(&[1.0f32, -0.5, 9.0, -1.0, 0.5, -9.0]).view([1, 2, 3]);
        let classes = Tensor::from_slice(&[0i64, 1, MASKED]).view([1, 3]);
        let weights = weights.map(|weights| Tensor::from_slice(&weights));
        let loss = loss(&outputs, &Target::Classes(classes), weights.as_ref(), config).unwrap();
        let loss = loss.double_value(&[]);
        assert!((loss - expected).abs() < 1e-5, "{:?}: {loss}, not {expected}", config.loss);
    }

    /// By hand: the logits' differences are 2 for the first class and 1 for the second, so that
    /// their probabilities are 1 / (1 + e^-2) and 1 / (1 + e^-1).
    #[test]
    fn values() {
        let [first, second] = [2.0f64, 1.0].map(|d| (1.0 + (-d).exp()).ln());
        let of = |loss| Config { loss: Some(loss), ..Config::default() };
        check(&of(Loss::CrossEntropy), None, (first + second) / 2.0);
        check(&of(Loss::CrossEntropy), Some([3.0, 1.0]), (3.0 * first + second) / 4.0);
        // Half of a tenth goes to the other class, whose loss is larger by the difference.
        let smooth = Config { label_smoothing: 0.1, ..of(Loss::CrossEntropy) };
        check(&smooth, None, (first + 0.05 * 2.0 + second + 0.05 * 1.0) / 2.0);
        let focal = |loss: f64| (1.0 - (-loss).exp()).powi(2) * loss;
        check(&of(Loss::Focal), None, (focal(first) + focal(second)) / 2.0);
        let [a, b] = [first, second].map(|loss| (-loss).exp());
        let dice = [(2.0 * a + 1.0) / (a + 1.0 - b + 1.0 + 1.0), (2.0 * b + 1.0) / (b + 1.0 - a + 1.0 + 1.0)];
        check(&of(Loss::Dice), None, 1.0 - (dice[0] + dice[1]) / 2.0);
        let binary = |z: f64| (1.0 + (-z).exp()).ln();
        check(&of(Loss::Binary), None, (binary(1.0) + binary(1.0) + binary(0.5) + binary(0.5)) / 4.0);
    }

    #[test]
    fn nothing_known_costs_nothing() {
        let outputs = Tensor::from_slice(&[1.0f32, -1.0]).view([1, 2]);
        let classes = Target::Classes(Tensor::from_slice(&[MASKED]));
        let loss = loss(&outputs, &classes, None, &Config::default()).unwrap().double_value(&[]);
        assert!(loss.abs() < 1e-12, "{loss}");
    }
}
