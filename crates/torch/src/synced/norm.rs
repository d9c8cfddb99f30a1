//! A batch norm with the statistics of several processes.

use graph::{BatchNorm, Role};
use tch::{Device, Kind, TchError, Tensor, no_grad};

use super::Gather;
use crate::error::Fault;
use crate::interpret::CHANNELS;
use crate::variables::NodeTensors;

/// A batch norm that was computed.
pub(super) struct SyncedNorm {
    /// The input, a leaf.
    x: Tensor,
    /// The mean of each channel over all processes, `[C]`, a leaf.
    mean: Tensor,
    /// The variance of each channel, without Bessel's correction, `[C]`, a leaf.
    variance: Tensor,
    /// Values of a channel in all processes.
    count: f64,
}

/// The statistics of each channel.
struct Statistics {
    mean: Vec<f32>,
    variance: Vec<f32>,
    count: f64,
}

impl SyncedNorm {
    /// Normalizes `x`, `[N, C, …]`, and updates the running statistics. Returns the result, too.
    pub(super) fn apply(
        x: &Tensor,
        norm: &BatchNorm,
        parameters: &NodeTensors,
        gather: &mut Gather<'_>,
    ) -> Result<(Tensor, Self), Fault> {
        let Statistics { mean, variance, count } = no_grad(|| Statistics::of(x, gather))?;
        if count < 2.0 {
            let message =
                format!("expected at least 2 values per channel in training, found {count} in all processes");
            return Err(Fault::Refused(message));
        }
        let leaf = |values: &[f32]| -> Result<Tensor, TchError> {
            Ok(Tensor::f_from_slice(values)?.f_to_device(x.device())?.set_requires_grad(true))
        };
        let synced = Self { x: x.shallow_clone(), mean: leaf(&mean)?, variance: leaf(&variance)?, count };
        no_grad(|| synced.update_running(norm, parameters))?;
        let by_channel = |values: &Tensor| values.f_view(&channel_shape(x)[..]);
        let scale = synced.variance.f_add_scalar(norm.eps)?.f_rsqrt()?;
        let mut result = x.f_sub(&by_channel(&synced.mean)?)?.f_mul(&by_channel(&scale)?)?;
        if let Some(scale) = parameters.get(Role::Scale) {
            result = result.f_mul(&by_channel(scale)?)?;
        }
        if let Some(shift) = parameters.get(Role::Bias) {
            result = result.f_add(&by_channel(shift)?)?;
        }
        Ok((result, synced))
    }

    fn update_running(&self, norm: &BatchNorm, parameters: &NodeTensors) -> Result<(), TchError> {
        let unbiased = self.variance.f_mul_scalar(self.count / (self.count - 1.0))?;
        for (role, now) in [(Role::Mean, &self.mean), (Role::Variance, &unbiased)] {
            let _ = parameters.expect(role).shallow_clone().f_lerp_(now, norm.momentum)?;
        }
        Ok(())
    }

    /// Adds what the statistics contribute to the gradient of the input: the gradients of the statistics are summed over
    /// all processes, and each value has its part in the mean and in the variance.
    pub(super) fn backward(&self, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let channels = values(&self.mean.f_grad()?)?.len();
        let own = [values(&self.mean.f_grad()?)?, values(&self.variance.f_grad()?)?].concat();
        let mut sums = vec![0.0; own.len()];
        for gradients in gather(&own) {
            for (sum, gradient) in sums.iter_mut().zip(gradients) {
                *sum += gradient;
            }
        }
        if !self.x.requires_grad() {
            return Ok(());
        }
        let shape = channel_shape(&self.x);
        let of_channels = |values: &[f32]| -> Result<Tensor, TchError> {
            Tensor::f_from_slice(values)?.f_to_device(self.x.device())?.f_view(&shape[..])
        };
        no_grad(|| {
            let of_mean = of_channels(&sums[..channels])?.f_div_scalar(self.count)?;
            let of_variance = of_channels(&sums[channels..])?.f_mul_scalar(2.0 / self.count)?;
            let centered = self.x.f_sub(&self.mean.f_view(&shape[..])?)?;
            let part = centered.f_mul(&of_variance)?.f_add(&of_mean)?;
            let _ = self.x.f_grad()?.f_add_(&part)?;
            Ok(())
        })
    }
}

impl Statistics {
    /// The statistics of the batches of all processes: each sends its own mean, variance and number of values.
    fn of(x: &Tensor, gather: &mut Gather<'_>) -> Result<Self, TchError> {
        let axes: Vec<i64> = (0..x.dim() as i64).filter(|axis| *axis != CHANNELS).collect();
        let mean = x.f_mean_dim(&axes[..], true, Kind::Float)?;
        let variance = x.f_sub(&mean)?.f_square()?.f_mean_dim(&axes[..], true, Kind::Float)?;
        let channels = usize::try_from(x.size()[1]).unwrap_or(0);
        let count = x.numel() / channels.max(1);
        // A count above 2^24 is rounded, which is far below the rounding of the statistics.
        let own = [values(&mean)?, values(&variance)?, vec![count as f32]].concat();
        Ok(Self::combined(&gather(&own), channels))
    }

    fn combined(all: &[Vec<f32>], channels: usize) -> Self {
        let count: f64 = all.iter().map(|own| f64::from(own[2 * channels])).sum();
        let weighted = |value: &dyn Fn(&[f32]) -> f64| -> f64 {
            all.iter().map(|own| f64::from(own[2 * channels]) * value(own)).sum::<f64>() / count
        };
        let (mut mean, mut variance) = (Vec::new(), Vec::new());
        for channel in 0..channels {
            let center = weighted(&|own| f64::from(own[channel]));
            let spread =
                |own: &[f32]| f64::from(own[channels + channel]) + (f64::from(own[channel]) - center).powi(2);
            mean.push(graph::single(center));
            variance.push(graph::single(weighted(&spread)));
        }
        Self { mean, variance, count }
    }
}

/// The shape in which a tensor `[C]` extends over `x`.
fn channel_shape(x: &Tensor) -> Vec<i64> {
    let mut shape = vec![1; x.dim()];
    shape[1] = x.size()[1];
    shape
}

fn values(tensor: &Tensor) -> Result<Vec<f32>, TchError> {
    Vec::try_from(&tensor.f_to_device(Device::Cpu)?.f_flatten(0, -1)?)
}
