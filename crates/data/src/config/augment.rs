//! Augmentation of training examples, and the noise that denoising removes.

use serde::{Deserialize, Serialize};

/// Random changes of training examples. They follow normalization, so amounts are in units of a
/// channel's standard deviation. Each is off by default. Targets over positions move along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Augment {
    /// Standard deviation of the Gaussian noise that is added to each value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<f64>,
    /// Standard deviation of the Gaussian factor with mean 1 that each channel is multiplied by; in
    /// denoising, input and target alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// Largest shift: samples of a series, or pixels of an image along each axis. A window shifts over
    /// its recording; otherwise values at the border are repeated, without a label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<usize>,
    /// Probability that a channel is set to zero; at least one is kept. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_dropout: Option<f64>,
    /// Largest share of a series that is set to zero in one piece. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<f64>,
    /// Amplitude of baseline wander: two sines of up to two periods over the series. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wander: Option<f64>,
    /// Whether half of the images are mirrored left to right. Images only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flip: bool,
    /// Most pixels that are cut off at each side; the rest is scaled back to the full size. Images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<usize>,
}

/// Noise added to a clean series, which then is the target: white noise and baseline wander.
///
/// In each window and channel, `snr` is the power of the signal (about its mean) over the power of the
/// noise (the mean of its squares); `white` and `wander` are the proportions of both kinds. Training
/// draws new noise in each epoch; in evaluation, a window always has the same noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddedNoise {
    /// Signal-to-noise ratio in decibels.
    pub snr: f64,
    /// Proportion of white noise.
    #[serde(default = "one")]
    pub white: f64,
    /// Proportion of baseline wander: two sines of equal amplitude.
    #[serde(default)]
    pub wander: f64,
    /// Samples per second; required for wander.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_rate: Option<f64>,
    /// Lowest and highest frequency of wander, in hertz.
    #[serde(default = "breathing")]
    pub wander_band: [f64; 2],
    /// Whether the mean of each clean window is subtracted, from input and target: within one window, an
    /// offset cannot be told apart from slow wander.
    #[serde(default)]
    pub center: bool,
    /// Seed of the noise in evaluation.
    #[serde(default)]
    pub seed: u64,
}

fn one() -> f64 {
    1.0
}

/// The frequencies at which breathing and loose electrodes move an ECG's baseline.
fn breathing() -> [f64; 2] {
    [0.05, 0.7]
}
