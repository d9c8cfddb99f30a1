//! The choice of the network by the size of the data.

use data::Task;
use graph::Shape;
use serde_json::{Value, json};

/// The rule, as the config repeats it.
pub(super) const RULE: &str = "`factory init` chooses the network by size: series of up to 1,000 samples get a TCN whose \
dilations double until its receptive field covers the input; longer series and images get a network that downsamples, a \
ResNet for one target per recording or a U-Net for a target per position; with fewer than 1,000 training examples, the \
network has half as many channels.";

/// Series that are longer than this are downsampled.
const LONGEST_TCN: usize = 1000;
/// Data with fewer training examples than this is small.
const FEW_EXAMPLES: usize = 1000;
/// Images that are smaller than this are not downsampled before the first stage.
const SMALL_IMAGE: usize = 32;
const MOST_BLOCKS: usize = 7;

/// A network in a config.
pub(super) struct Network {
    pub(super) architecture: &'static str,
    pub(super) preset: Option<&'static str>,
    pub(super) params: Option<Value>,
}

impl Network {
    /// Returns the network for an input according to [`RULE`].
    pub(super) fn of(input: &Shape, task: Task, has_target_per_position: bool, examples: usize) -> Self {
        let channels = if examples < FEW_EXAMPLES { 8 } else { 16 };
        let for_positions = has_target_per_position || matches!(task, Task::Segmentation | Task::Denoising);
        match input.space[..] {
            [length] if length <= LONGEST_TCN => Self::tcn(length, channels, for_positions),
            _ if for_positions => Self { architecture: "unet", preset: Some("micro"), params: None },
            [height, width] if height.min(width) < SMALL_IMAGE => Self::small_resnet(channels),
            _ => Self { architecture: "resnet", preset: Some("micro"), params: None },
        }
    }

    fn tcn(length: usize, channels: usize, for_positions: bool) -> Self {
        let kernel = if length < 32 { 3 } else { 7 };
        let depth = 2;
        let (mut blocks, mut field) = (Vec::new(), 1);
        while blocks.is_empty() || field < length && blocks.len() < MOST_BLOCKS {
            let dilation = 1 << blocks.len();
            let channels = channels + channels / 2 * blocks.len().min(4);
            blocks.push(json!({ "channels": channels, "depth": depth, "kernel": kernel, "dilation": dilation, "dropout": 0.1 }));
            field += depth * (kernel - 1) * dilation;
        }
        let output = if for_positions { "every_sample" } else { "mean" };
        let params = json!({ "padding": "same", "output": output, "head_kernel": 1, "blocks": blocks });
        Self { architecture: "tcn", preset: None, params: Some(params) }
    }

    fn small_resnet(channels: usize) -> Self {
        let stage = |factor: usize, stride: usize| json!({ "channels": factor * channels, "depth": 1, "stride": stride });
        let params = json!({
            "stem": [{ "channels": channels, "kernel": 3, "stride": 1 }],
            "stem_pool": "none",
            "dropout": 0.1,
            "stages": [stage(1, 1), stage(2, 2), stage(4, 2)],
        });
        Self { architecture: "resnet", preset: None, params: Some(params) }
    }
}

/// Returns the settings of training for this many training examples.
pub(super) fn training(examples: usize) -> Value {
    let epochs = if examples < FEW_EXAMPLES { 100 } else { 30 };
    json!({ "epochs": epochs, "batch_size": (examples / 8).clamp(4, 32), "learning_rate": 0.003 })
}
