//! Normalizations.

use super::tensor::{At, plane};
use super::{Local, Tensor};
use crate::{GroupNorm, Role};

pub(super) fn batch(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get(Role::Scale, 1.0), local.get(Role::Bias, 0.0));
    let (mean, variance) = (local.get(Role::Mean, 0.0), local.get(Role::Variance, 1.0));
    Tensor::from_fn(x.batch, &x.shape, |at| {
        let c = at.1;
        (x.at(at) - mean(c)) / (variance(c) + eps).sqrt() * scale(c) + shift(c)
    })
}

/// Statistics over the channels of each position.
pub(super) fn layer(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get(Role::Scale, 1.0), local.get(Role::Bias, 0.0));
    let (height, width) = plane(&x.shape);
    let group = |(n, _, h, w): At| (n * height + h) * width + w;
    let standardized = standardized(x, x.batch * height * width, group, eps);
    Tensor::from_fn(x.batch, &x.shape, |at| standardized.at(at) * scale(at.1) + shift(at.1))
}

/// Statistics over some channels and all positions of a sample.
pub(super) fn group(x: &Tensor, norm: &GroupNorm, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get(Role::Scale, 1.0), local.get(Role::Bias, 0.0));
    let size = x.shape.channels / norm.groups;
    let group = |(n, c, _, _): At| n * norm.groups + c / size;
    let standardized = standardized(x, x.batch * norm.groups, group, norm.eps);
    Tensor::from_fn(x.batch, &x.shape, |at| standardized.at(at) * scale(at.1) + shift(at.1))
}

/// Statistics over all positions of a sample's channel, parameters per position.
pub(super) fn position(x: &Tensor, eps: f64, local: &Local<'_>) -> Tensor {
    let (scale, shift) = (local.get(Role::Scale, 1.0), local.get(Role::Bias, 0.0));
    let (_, width) = plane(&x.shape);
    let group = |(n, c, _, _): At| n * x.shape.channels + c;
    let standardized = standardized(x, x.batch * x.shape.channels, group, eps);
    Tensor::from_fn(x.batch, &x.shape, |at| {
        let place = at.2 * width + at.3;
        standardized.at(at) * scale(place) + shift(place)
    })
}

/// Each element less the mean of its group, over the group's standard deviation (of the population).
fn standardized(x: &Tensor, groups: usize, group: impl Fn(At) -> usize, eps: f64) -> Tensor {
    let mut members = vec![Vec::new(); groups];
    for place in x.places() {
        members[group(place)].push(x.at(place));
    }
    let statistics = |members: &Vec<f64>| {
        let count = members.len() as f64;
        let mean = members.iter().sum::<f64>() / count;
        let variance = members.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        (mean, (variance + eps).sqrt())
    };
    let statistics: Vec<(f64, f64)> = members.iter().map(statistics).collect();
    Tensor::from_fn(x.batch, &x.shape, |at| {
        let (mean, deviation) = statistics[group(at)];
        (x.at(at) - mean) / deviation
    })
}
