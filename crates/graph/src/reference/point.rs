//! Operations that look at one position at a time.

use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

use super::{Local, Tensor};
use crate::{Activation, Role, Shape};

pub(super) fn linear(x: &Tensor, shape: &Shape, local: &Local<'_>) -> Tensor {
    let (weight, bias) = (local.get(Role::Weight, 0.0), local.get(Role::Bias, 0.0));
    let features = x.shape.channels;
    Tensor::from_fn(x.batch, shape, |(n, out, _, _)| {
        (0..features).map(|i| weight(out * features + i) * x.at((n, i, 0, 0))).sum::<f64>() + bias(out)
    })
}

pub(super) fn softmax(x: &Tensor) -> Tensor {
    let channels = 0..x.shape.channels;
    Tensor::from_fn(x.batch, &x.shape, |(n, c, h, w)| {
        let largest = channels.clone().map(|c| x.at((n, c, h, w))).fold(f64::NEG_INFINITY, f64::max);
        let power = |c| (x.at((n, c, h, w)) - largest).exp();
        power(c) / channels.clone().map(power).sum::<f64>()
    })
}

pub(super) fn add(terms: &[&Tensor], shape: &Shape) -> Tensor {
    Tensor::from_fn(terms[0].batch, shape, |at| terms.iter().map(|term| term.at(at)).sum())
}

pub(super) fn multiply(x: &Tensor, factor: &Tensor) -> Tensor {
    Tensor::from_fn(x.batch, &x.shape, |(n, c, h, w)| {
        let (height, width) = super::tensor::plane(&factor.shape);
        x.at((n, c, h, w)) * factor.at((n, c, h.min(height - 1), w.min(width - 1)))
    })
}

pub(super) fn concat(parts: &[&Tensor], shape: &Shape) -> Tensor {
    Tensor::from_fn(parts[0].batch, shape, |(n, mut c, h, w)| {
        for part in parts {
            if c < part.shape.channels {
                return part.at((n, c, h, w));
            }
            c -= part.shape.channels;
        }
        unreachable!("the parts have as many channels as the whole")
    })
}

pub(super) fn activation(x: &Tensor, activation: Activation) -> Tensor {
    let data = x.data.iter().map(|&x| scalar(activation, x)).collect();
    Tensor { batch: x.batch, shape: x.shape.clone(), data }
}

fn scalar(activation: Activation, x: f64) -> f64 {
    let relu6 = |x: f64| x.clamp(0.0, 6.0);
    let elu = |alpha: f64| if x > 0.0 { x } else { alpha * x.exp_m1() };
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let softplus = x.max(0.0) + (-x.abs()).exp().ln_1p();
    match activation {
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => relu6(x),
        Activation::LeakyRelu { slope } => {
            if x > 0.0 {
                x
            } else {
                slope * x
            }
        }
        Activation::Elu { alpha } => elu(alpha),
        Activation::Selu => Activation::SELU.0 * elu(Activation::SELU.1),
        Activation::Gelu => 0.5 * x * (1.0 + erf(x / SQRT_2)),
        Activation::GeluTanh => {
            0.5 * x * (1.0 + (FRAC_2_SQRT_PI / SQRT_2 * (x + 0.044_715 * x.powi(3))).tanh())
        }
        Activation::Silu => x * sigmoid,
        Activation::HardSwish => x * relu6(x + 3.0) / 6.0,
        Activation::Sigmoid => sigmoid,
        Activation::HardSigmoid => relu6(x + 3.0) / 6.0,
        Activation::Tanh => x.tanh(),
        Activation::Softplus => softplus,
        Activation::Mish => x * softplus.tanh(),
    }
}

/// The error function by its series (Abramowitz and Stegun 1964, 7.1.6), whose terms are all of
/// one sign; beyond 6 it is 1 in f64.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > f64::EPSILON * sum.abs() * 0.1 {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
