//! Dropouts, in training.

use graph::DropUnit;
use tch::{TchError, Tensor};

/// `x` with random zeros; other elements are scaled by `1 / (1 - p)`.
pub(super) fn dropout(x: &Tensor, p: f64, unit: DropUnit) -> Result<Tensor, TchError> {
    match unit {
        DropUnit::Element => x.f_dropout(p, true),
        DropUnit::Channel => x.f_feature_dropout(p, true),
        DropUnit::Path => {
            let mut one_per_sample = vec![1; x.dim()];
            one_per_sample[0] = x.size()[0];
            let mut kept = Tensor::f_empty(one_per_sample, (x.kind(), x.device()))?;
            x.f_mul(&kept.f_bernoulli_float_(1.0 - p)?.f_div_scalar(1.0 - p)?)
        }
    }
}
