//! The baseline of a denoising network: the best band-pass filter.

mod filter;

use data::{ExampleTarget, Order, Splits, Task};

use crate::failure::Failure;
use crate::trained::Trained;
use filter::BandPass;

/// A filter and its gain.
pub(crate) struct Baseline {
    pub(crate) name: String,
    /// Mean gain over the test windows, in decibels.
    pub(crate) gain: f64,
}

impl Baseline {
    /// Whether there is a baseline: the task is denoising, and the sampling rate is known from the config.
    pub(crate) fn applies(trained: &Trained) -> bool {
        trained.task.task == Task::Denoising && sampling_rate(trained).is_some()
    }

    /// The best filter for the training windows, measured on the test windows. `None` if there are no test
    /// windows, or if a baseline does not apply.
    pub(crate) fn of(trained: &Trained, splits: &Splits) -> Result<Option<Self>, Failure> {
        let Some(sampling_rate) = sampling_rate(trained) else { return Ok(None) };
        if !Self::applies(trained) {
            return Ok(None);
        }
        let Some(test) = &splits.test else { return Ok(None) };
        let filter = filter::search(&splits.train, sampling_rate)?;
        let (mut sum, mut count) = (0.0, 0usize);
        for i in 0..test.len() {
            let example = test.example(i, Order::InOrder)?;
            let ExampleTarget::Values(clean) = &example.target else { continue };
            let length = clean.data().len() / clean.shape()[0].max(1);
            let channels = example.input.data().chunks(length.max(1));
            let denoised: Vec<f32> = channels.flat_map(|channel| filter.apply(channel)).collect();
            let gain = filter::gain_db(example.input.data(), clean.data(), &denoised);
            if gain.is_finite() {
                sum += gain;
                count += 1;
            }
        }
        let gain = sum / count.max(1) as f64;
        let BandPass { low, high, order, .. } = filter;
        Ok(Some(Self { name: format!("band-pass {low:.2} to {high:.1} Hz, order {order}"), gain }))
    }
}

fn sampling_rate(trained: &Trained) -> Option<f64> {
    trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate)
}
