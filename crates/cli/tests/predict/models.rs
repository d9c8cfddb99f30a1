//! Small models with initial weights.

use factory::Factory;
use graph::{Array, Noise, Weights};
use model::{Model, Normalization, Source, Task};

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
pub(crate) fn model(config: &str) -> Model {
    let graph = Factory::builtin().build(config).unwrap().graph;
    let task: Task = Factory::section::<serde_json::Value>(config, "data")
        .unwrap()
        .and_then(|data| serde_json::from_value(data["task"].clone()).ok())
        .unwrap();
    let outputs = graph.output_shape().channels;
    let names = ["up", "down, slowly", "flat"].map(str::to_owned);
    let by_channel = |values: [f64; 3]| -> Vec<f64> {
        let channels = graph.inputs().next().unwrap().1.shape.channels;
        values[..channels].to_vec()
    };
    Model {
        task: Some(task),
        classes: if task.has_classes() { names[..outputs].to_vec() } else { Vec::new() },
        normalization: Normalization {
            mean: by_channel([0.5, -2.0, 0.1]),
            deviation: by_channel([2.0, 0.25, 0.5]),
        },
        source: Some(Source { config: config.to_owned(), folder: None, fold: None }),
        ..Model::new(graph.clone(), Weights::initial(&graph, 3))
    }
}

/// A series of this many samples, the channels one after the other.
pub(crate) fn series(channels: usize, samples: usize) -> Array {
    let noise = Noise::of("series");
    #[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
    Array::from_fn([channels, samples], |i| noise.normal(i as u64) as f32 + (i as f32 / 9.0).sin())
}

/// Inputs `[N, C, …]` in the data's own units after normalization.
pub(crate) fn normalized(model: &Model, inputs: &Array) -> Array {
    let size = inputs.shape()[1..].iter().product();
    let normalized = inputs.data().chunks(size).flat_map(|input| {
        model.normalization.apply(&input.iter().copied().map(f64::from).collect::<Vec<_>>())
    });
    Array::new(inputs.shape(), normalized.collect()).unwrap()
}
