//! What a network that denoises stands beside: the best band-pass filter.

use std::path::Path;

use data::{ExampleTarget, Order, Task, filter};

use crate::failure::Failure;
use crate::trained::{Trained, located};

/// A filter and what it gains.
pub(crate) struct Baseline {
    pub(crate) name: String,
    /// Mean gain over the test windows, in dB.
    pub(crate) gain: f64,
}

impl Baseline {
    /// The best filter on the training windows, measured on the test windows; none where nothing is
    /// denoised or no sampling rate is known.
    pub(crate) fn of(trained: &Trained, folder: Option<&Path>) -> Result<Option<Self>, Failure> {
        let rate = trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate);
        let Some(rate) = rate.filter(|_| trained.task.task == Task::Denoising) else { return Ok(None) };
        let (data, base) = located(&trained.data, &trained.source, folder);
        let splits = data.open(&trained.input, &base)?;
        let Some(test) = splits.test else { return Ok(None) };
        let filter = filter::fit(&splits.train, rate)?;
        let mut gains = Vec::new();
        for i in 0..test.len() {
            let example = test.example(i, Order::InOrder)?;
            let ExampleTarget::Values(clean) = &example.target else { continue };
            let channels = |values: &graph::Array| values.shape()[0];
            let length = clean.data().len() / channels(clean).max(1);
            let denoised: Vec<f32> = example
                .input
                .data()
                .chunks(length.max(1))
                .flat_map(|channel| filter.apply(channel))
                .collect();
            let gain = filter::gain_db(example.input.data(), clean.data(), &denoised);
            gains.extend(Some(gain).filter(|gain| gain.is_finite()));
        }
        let gain = gains.iter().sum::<f64>() / gains.len().max(1) as f64;
        let filter::BandPass { low, high, order, .. } = filter;
        Ok(Some(Self { name: format!("band-pass {low:.2} to {high:.1} Hz, order {order}"), gain }))
    }
}
