//! The baseline of a denoising network: the best band-pass filter.

mod filter;

use std::path::Path;

use data::{ExampleTarget, Order, Task};

use crate::failure::Failure;
use crate::trained::{Trained, located};
use filter::BandPass;

/// A filter and its gain.
pub(crate) struct Baseline {
    pub(crate) name: String,
    /// Mean gain over the test windows, in decibels.
    pub(crate) gain: f64,
}

impl Baseline {
    /// The best filter for the training windows, measured on the test windows. `None` if the task is not
    /// denoising, or if the config does not state the sampling rate.
    pub(crate) fn of(trained: &Trained, folder: Option<&Path>) -> Result<Option<Self>, Failure> {
        let sampling_rate = trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate);
        let Some(sampling_rate) = sampling_rate else { return Ok(None) };
        if trained.task.task != Task::Denoising {
            return Ok(None);
        }
        let (data, base) = located(&trained.data, &trained.source, folder)?;
        let splits = data.open(&trained.input, &base)?;
        let Some(test) = splits.test else { return Ok(None) };
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
