//! Random changes of training examples, and the noise that denoising removes.

use serde::{Deserialize, Serialize};

/// Random changes of training examples, after normalization: deviations of a channel are about 1.
/// Each is off where it is absent. Targets that lie over positions move along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augment {
    /// Deviation of normal noise that is added to each value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<f64>,
    /// Deviation from 1 of the normal factor that each channel is multiplied by; of denoising, input
    /// and target alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// Most samples that a series moves by, or pixels that an image moves by along each axis. A window
    /// moves over its recording; elsewhere the border's values are repeated and have no label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<usize>,
    /// Probability that a channel is set to zero; one always stays. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_dropout: Option<f64>,
    /// Most of a series, as a share, that is set to zero in one piece. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<f64>,
    /// Amplitude of baseline wander: two sines of up to two periods over the series. Series only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wander: Option<f64>,
    /// Whether half of the images are mirrored, left to right. Images only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flip: bool,
    /// Most pixels that are cut off at each side; the rest is scaled to the whole. Images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<usize>,
}

/// Noise that is added to a clean series, which is then the target: white noise and baseline wander.
///
/// In each window and channel the power of the noise (the mean of its squares) is that of the signal
/// (about its mean) at `snr`; white and wander have `white` and `wander` parts of it. In training it is
/// new in each epoch; in evaluation each window has always the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedNoise {
    /// Power of the signal over that of the noise, in decibels.
    pub snr: f64,
    /// White noise's part.
    #[serde(default = "one")]
    pub white: f64,
    /// Baseline wander's part: two sines of equal amplitude.
    #[serde(default)]
    pub wander: f64,
    /// Samples per second; needed for wander.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Lowest and highest frequency of wander, in hertz.
    #[serde(default = "breathing")]
    pub wander_band: [f64; 2],
    /// Whether each clean window is taken about its own mean, as input and as target: within a window
    /// an offset cannot be told from slow wander.
    #[serde(default)]
    pub center: bool,
    /// What the noise of evaluation is drawn from.
    #[serde(default)]
    pub seed: u64,
}

fn one() -> f64 {
    1.0
}

/// Where breathing and loose electrodes move an ECG's baseline.
fn breathing() -> [f64; 2] {
    [0.05, 0.7]
}
