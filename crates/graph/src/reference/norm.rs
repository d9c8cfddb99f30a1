//! Normalizations.

use super::{Local, Tensor};
use crate::GroupNorm;

pub(super) fn batch(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get("weight", 1.0), local.get("bias", 0.0));
    let (mean, variance) = (local.get("running_mean", 0.0), local.get("running_var", 1.0));
    Tensor::from_fn(x.batch, &x.shape, |at| {
        let c = at.1;
        (x.at(at) - mean(c)) / (variance(c) + eps).sqrt() * scale(c) + shift(c)
    })
}

pub(super) fn layer(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get("weight", 1.0), local.get("bias", 0.0));
    Tensor::from_fn(x.batch, &x.shape, |(n, c, h, w)| {
        let channels = (0..x.shape.channels).map(|c| x.at((n, c, h, w)));
        standardized(x.at((n, c, h, w)), channels, eps) * scale(c) + shift(c)
    })
}

pub(super) fn group(x: &Tensor, norm: &GroupNorm, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get("weight", 1.0), local.get("bias", 0.0));
    let size = x.shape.channels / norm.groups;
    Tensor::from_fn(x.batch, &x.shape, |(n, c, h, w)| {
        let first = c / size * size;
        let group = (first..first + size).flat_map(|c| x.positions().map(move |(h, w)| x.at((n, c, h, w))));
        standardized(x.at((n, c, h, w)), group, norm.eps) * scale(c) + shift(c)
    })
}

pub(super) fn position(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get("weight", 1.0), local.get("bias", 0.0));
    let width = super::tensor::plane(&x.shape).1;
    Tensor::from_fn(x.batch, &x.shape, |(n, c, h, w)| {
        let positions = x.positions().map(|(h, w)| x.at((n, c, h, w)));
        standardized(x.at((n, c, h, w)), positions, eps) * scale(h * width + w) + shift(h * width + w)
    })
}

/// `x` less the mean of `among`, over their standard deviation (of the population).
fn standardized(x: f64, among: impl Iterator<Item = f64>, eps: f64) -> f64 {
    let among: Vec<f64> = among.collect();
    let count = among.len() as f64;
    let mean = among.iter().sum::<f64>() / count;
    let variance = among.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (x - mean) / (variance + eps).sqrt()
}
