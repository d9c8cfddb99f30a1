//! The tiny training runs: a config and data, written to a folder.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use fastrand::Rng;

/// The config's file.
pub(crate) const CONFIG: &str = "config.yaml";
/// The folder of the data, next to the config.
pub(crate) const DATA: &str = "data";

/// A tiny training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Classes of series in tables, with validation and test files.
    Series,
    /// A noisy series, with neither a validation nor a test set; its schedule allows more epochs.
    Denoising,
    /// Folders of images, of which a share is for validation.
    Images,
}

const SERIES: &str = "\
name: series
input: { channels: 2, length: 24 }
classes: 3
architecture: resnet
params:
  stem: [{ channels: 4, kernel: 5, stride: 2 }]
  stem_pool: none
  dropout: 0.2
  stages: [{ channels: 4, depth: 1 }]
data:
  task: classification
  folder: data
  train: train.csv
  validation: validation.csv
  test: test.csv
  augment: { jitter: 0.05, shift: 2 }
train:
  epochs: 16
  batch_size: 8
  learning_rate: 0.01
  ema: 0.9
  checkpoint_steps: 2
  keep_checkpoints: 2
";

const DENOISING: &str = "\
name: denoising
input: { channels: 1, length: 32 }
classes: 1
architecture: tcn
params:
  padding: same
  encoder: { kernel: 3, norm: batch }
  head_kernel: 3
  blocks: [{ channels: 4, kernel: 3, depth: 1 }]
data:
  task: denoising
  folder: data
  train: { file: pulse.csv, layout: samples }
  window: { length: 32, step: 8 }
  noise: { snr: 0, white: 1 }
train:
  epochs: 8
  batch_size: 8
  learning_rate: 0.01
  schedule: constant
  keep_checkpoints: 3
";

const IMAGES: &str = "\
name: images
input: { channels: 1, height: 8, width: 8 }
classes: 2
architecture: resnet
params:
  stem: [{ channels: 4, kernel: 3, stride: 2 }]
  stem_pool: none
  stages: [{ channels: 4, depth: 1 }]
data:
  task: classification
  folder: data
  train: photos
  validation: 0.25
  augment: { flip: true, crop: 1 }
train:
  epochs: 14
  batch_size: 8
  learning_rate: 0.01
  patience: 12
  optimizer: sgd
  checkpoint_steps: 3
  keep_checkpoints: 1
";

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::Series, Self::Denoising, Self::Images];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Denoising => "denoising",
            Self::Images => "images",
        }
    }

    /// An input file for the trained model.
    pub(crate) fn input(self) -> &'static str {
        match self {
            Self::Series | Self::Denoising => "data/input.npy",
            Self::Images => "data/photos/left/0.png",
        }
    }

    /// Writes the config and the data.
    pub(crate) fn write(self, folder: &Path) -> Result<()> {
        let data = folder.join(DATA);
        fs::create_dir_all(&data)?;
        let (config, random) = match self {
            Self::Series => (SERIES, Rng::with_seed(1)),
            Self::Denoising => (DENOISING, Rng::with_seed(2)),
            Self::Images => (IMAGES, Rng::with_seed(3)),
        };
        fs::write(folder.join(CONFIG), config)?;
        match self {
            Self::Series => series(&data, random),
            Self::Denoising => denoising(&data, random),
            Self::Images => images(&data, random),
        }
        .with_context(|| format!("could not write the data of {}", self.name()))
    }
}

fn series(data: &Path, mut random: Rng) -> Result<()> {
    for (name, rows) in [("train", 48), ("validation", 17), ("test", 10)] {
        let mut text = String::new();
        for row in 0..rows {
            let class = row % 3;
            let steps = [1.0, 2.0, 4.0];
            for i in 0..48 {
                let value = (f64::from(i % 24) * steps[class] / 4.0).sin() + 2.0 * random.f64();
                text.push_str(&format!("{value:.3},"));
            }
            // One label in five is random, so that the best epoch is seldom the last.
            let label = if random.usize(..5) == 0 { random.usize(..3) } else { class };
            text.push_str(&format!("{}\n", ["slow", "steady", "swift"][label]));
        }
        fs::write(data.join(format!("{name}.csv")), text)?;
    }
    npy(&data.join("input.npy"), &[1, 2, 24])
}

fn denoising(data: &Path, mut random: Rng) -> Result<()> {
    let mut text = "pulse\n".to_owned();
    for i in 0..400 {
        text.push_str(&format!("{:.3}\n", (f64::from(i) / 5.0).sin() + 0.1 * random.f64()));
    }
    fs::write(data.join("pulse.csv"), text)?;
    npy(&data.join("input.npy"), &[1, 1, 32])
}

fn images(data: &Path, mut random: Rng) -> Result<()> {
    for (class, name) in ["left", "right"].into_iter().enumerate() {
        let folder = data.join("photos").join(name);
        fs::create_dir_all(&folder)?;
        for number in 0..20 {
            let light = if random.usize(..5) == 0 { random.usize(..2) } else { class };
            let pixels: Vec<u8> =
                (0..64).map(|i| random.u8(..128) + if i % 8 / 4 == light { 127 } else { 0 }).collect();
            write_image(&folder.join(format!("{number}.png")), &pixels)?;
        }
    }
    Ok(())
}

/// Writes a gray image of 8 x 8 pixels.
pub(crate) fn write_image(path: &Path, pixels: &[u8]) -> Result<()> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    Ok(encoder.write_header()?.write_image_data(pixels)?)
}

/// Writes an array of small numbers in NumPy's format.
fn npy(path: &Path, shape: &[usize]) -> Result<()> {
    let shape_text: String = shape.iter().map(|size| format!("{size},")).collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape_text}), }}");
    // The data begins at a multiple of 64 bytes.
    let padding = 63 - (10 + header.len()) % 64;
    header.push_str(&" ".repeat(padding));
    header.push('\n');
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&u16::try_from(header.len())?.to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for i in 0..shape.iter().product::<usize>() {
        file.write_all(&((i % 7) as f32).to_le_bytes())?;
    }
    Ok(file.flush()?)
}
