//! Small models with initial weights.

use data::Normalization;
use factory::Factory;
use graph::{Array, Noise, Weights};

/// A causal network with a class for each sample.
pub(crate) const CAUSAL: &str = "
name: causal
input: { channels: 2, length: 40 }
classes: 3
architecture: tcn
params:
  padding: causal
  head_kernel: 1
  blocks:
    - { kind: residual, channels: 6, kernel: 3, dilation: 1 }
    - { kind: residual, channels: 6, kernel: 3, dilation: 4 }
data: { task: segmentation, train: none.npz }
train: { epochs: 1 }
";

/// One that looks ahead, with strides and one channel of signal.
pub(crate) const DENOISER: &str = "
name: denoiser
input: { channels: 1, length: 64 }
classes: 1
architecture: unet
preset: micro
data: { task: denoising, train: none.npz }
train: { epochs: 1 }
";

/// One whose outputs see the whole input.
pub(crate) const EXCITED: &str = "
name: excited
input: { channels: 2, length: 40 }
classes: 3
architecture: tcn
params:
  padding: same
  head_kernel: 1
  blocks: [{ channels: 6, kernel: 3, se_divisor: 2 }]
data: { task: segmentation, train: none.npz }
train: { epochs: 1 }
";

/// One class for each window.
pub(crate) const ACTIVITY: &str = "
name: activity
input: { channels: 2, length: 40 }
classes: 3
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
data: { task: classification, train: none.npz }
train: { epochs: 1 }
";

/// Two numbers for each window.
pub(crate) const NUMBERS: &str = "
name: numbers
input: { channels: 2, length: 40 }
classes: 2
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
data: { task: regression, train: none.npz }
train: { epochs: 1 }
";

/// A class for each picture.
pub(crate) const PICTURES: &str = "
name: pictures
input: { channels: 3, height: 16, width: 16 }
classes: 3
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
data: { task: classification, train: none }
train: { epochs: 1 }
";

/// A class for each pixel.
pub(crate) const PIXELS: &str = "
name: pixels
input: { channels: 3, height: 16, width: 16 }
classes: 2
architecture: unet
preset: micro
data: { task: segmentation, train: none }
train: { epochs: 1 }
";

/// A model of this config as if it had been trained, with names for its classes.
pub(crate) fn model(config: &str) -> train::Model {
    let model = Factory::builtin().build(config).unwrap();
    let channels = model.input.channels;
    let classes = match config.contains("segmentation") || config.contains("classification") {
        true => ["up", "down, slowly", "flat"].map(str::to_owned).to_vec(),
        false => Vec::new(),
    };
    let by_channel = |values: [f32; 3]| values[..channels].to_vec();
    train::Model {
        config: config.to_owned(),
        classes,
        normalization: Normalization {
            mean: by_channel([0.5, -2.0, 0.1]),
            deviation: by_channel([2.0, 0.25, 0.5]),
        },
        weights: Weights::initial(&model.graph, 3),
    }
}

/// A series of this many samples, the channels one after the other.
pub(crate) fn series(channels: usize, samples: usize) -> Array {
    let noise = Noise::of("series");
    #[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
    Array::from_fn([channels, samples], |i| noise.normal(i as u64) as f32 + (i as f32 / 9.0).sin())
}
