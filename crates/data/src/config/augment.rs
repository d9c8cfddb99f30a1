//! Augmentation of training examples, and the noise that is added for denoising.

use serde::{Deserialize, Serialize};

/// Random changes of training examples. They are applied after normalization, so amounts are in units of a
/// channel's standard deviation. Each is off by default. Targets with positions move along with the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Augment {
    /// Standard deviation of the Gaussian noise that is added to each value.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1000.0)))]
    pub jitter: Option<f64>,
    /// Standard deviation of the Gaussian factor, with mean 1, by which each channel is multiplied. In
    /// denoising, the target is multiplied by the same factor.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1000.0)))]
    pub scale: Option<f64>,
    /// Largest shift, in samples of a series, or in pixels of an image along each axis. A window is shifted
    /// within its recording; otherwise, the values at the border are repeated and have no label.
    pub shift: Option<usize>,
    /// Probability with which each channel is set to zero. At least one channel is kept. Series only.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub channel_dropout: Option<f64>,
    /// Largest fraction of a series that is set to zero, as one contiguous piece. Series only.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub mask: Option<f64>,
    /// Amplitude of baseline wander: two sines of up to two periods over the series. Series only.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1000.0)))]
    pub wander: Option<f64>,
    /// Whether to mirror images left to right with a probability of one half. Images only.
    pub flip: bool,
    /// Largest number of pixels that are cut off at each side. The rest is scaled back to the full size. Images
    /// only.
    pub crop: Option<usize>,
}

/// Noise that is added to a clean series, which becomes the target. It consists of white noise and baseline
/// wander.
///
/// In each window and channel, `snr` is the ratio of the signal's power (its variance) to the power of the
/// noise (its mean square); `white` and `wander` are the proportions of the two kinds. In training, new noise
/// is drawn in each epoch; in evaluation, a window always has the same noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddedNoise {
    /// Signal-to-noise ratio in decibels.
    #[cfg_attr(feature = "schema", schemars(range(min = -200.0, max = 200.0)))]
    pub snr: f64,
    /// Proportion of white noise.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1e6)))]
    pub white: f64,
    /// Proportion of baseline wander: two sines of equal amplitude.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1e6)))]
    pub wander: f64,
    /// Samples per second; required for wander.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1e-9, max = 1e9)))]
    pub sampling_rate: Option<f64>,
    /// Lowest and highest frequency of wander, in hertz.
    #[serde(default = "breathing")]
    #[cfg_attr(feature = "schema", schemars(extend("items" = { "type": "number", "exclusiveMinimum": 0 })))]
    pub wander_band: [f64; 2],
    /// Whether to subtract the mean of each clean window from input and target. Within a window, an offset
    /// cannot be distinguished from slow wander.
    #[serde(default)]
    pub center: bool,
    /// Seed of the noise in evaluation.
    #[serde(default)]
    pub seed: u64,
}

fn one() -> f64 {
    1.0
}

/// The frequencies, in hertz, at which breathing and loose electrodes move the baseline of an ECG.
fn breathing() -> [f64; 2] {
    [0.05, 0.7]
}
