//! Writes the golden model files of the crate `model`: one small network of each family, with inputs and
//! the outputs of the reference interpreter.
//!
//! ```sh
//! cargo run --release -p factory --example golden -- crates/model/tests/golden
//! ```
//!
//! Files that exist are kept: they stand for models that earlier versions have written.

#![allow(clippy::cast_possible_truncation, reason = "values are rounded to f32")]
#![allow(clippy::print_stdout, reason = "it is a command")]

use std::error::Error;
use std::path::Path;

use factory::Factory;
use graph::{Array, Forward, Graph, Noise, Role, Weights, reference};
use model::{Model, Normalization, Source, Task};

/// A network, and the sizes of the inputs that it is run on.
struct Golden {
    config: &'static str,
    task: Task,
    classes: &'static [&'static str],
    merged: bool,
    sizes: &'static [&'static [usize]],
}

const GOLDEN: [Golden; 6] = [
    Golden {
        config: "
name: tcn
input: { channels: 3, length: 24 }
classes: 2
architecture: tcn
params:
  padding: causal
  head_kernel: 1
  blocks:
    - { kind: residual, channels: 6, kernel: 3, dilation: 1, norm: none, weight_norm: true }
    - { kind: residual, channels: 8, kernel: 3, dilation: 2 }
",
        task: Task::Segmentation,
        classes: &["still", "moving"],
        merged: false,
        sizes: &[&[3, 24], &[3, 37]],
    },
    Golden {
        config: "
name: unet
input: { channels: 1, height: 16, width: 16 }
classes: 1
architecture: unet
preset: micro
params: { blocks: [{ channels: 4 }, { channels: 6 }, { channels: 8 }] }
",
        task: Task::Denoising,
        classes: &[],
        merged: true,
        sizes: &[&[1, 16, 16], &[1, 20, 12]],
    },
    Golden {
        config: "
name: unext
input: { channels: 2, length: 32 }
classes: 3
architecture: unext
preset: micro
params: { blocks: [{ channels: 6, kernel: 5, norm: batch }, { channels: 8, kernel: 5, se_divisor: 2, norm: batch }] }
",
        task: Task::Segmentation,
        classes: &["p", "qrs", "t"],
        merged: true,
        sizes: &[&[2, 32], &[2, 45]],
    },
    Golden {
        config: "
name: efficientnetv2
input: { channels: 3, height: 16, width: 16 }
classes: 3
architecture: efficientnetv2
preset: micro
params:
  stem: { channels: 8, kernel: 3, stride: 2 }
  stages:
    - { block: fused_mbconv, expand_ratio: 2, channels: 8, depth: 1, kernel: 3 }
    - { block: mbconv, expand_ratio: 2, channels: 12, depth: 2, kernel: 5, stride: 2, se_divisor: 4 }
",
        task: Task::Classification,
        classes: &["a", "b", "c"],
        merged: false,
        sizes: &[&[3, 16, 16], &[3, 20, 9]],
    },
    Golden {
        config: "
name: mobileone
input: { channels: 3, height: 16, width: 16 }
classes: 4
architecture: mobileone
preset: micro
params: { stages: [{ channels: 8, depth: 2, kernel: 3, stride: 2 }, { channels: 12, depth: 1, kernel: 3 }] }
",
        task: Task::Classification,
        classes: &["one", "two", "three", "four"],
        merged: true,
        sizes: &[&[3, 16, 16], &[3, 11, 14]],
    },
    Golden {
        config: "
name: resnet
input: { channels: 2, length: 40 }
classes: 2
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }, { channels: 12, depth: 1, kernel: 3 }] }
",
        task: Task::Regression,
        classes: &[],
        merged: false,
        sizes: &[&[2, 40], &[2, 53]],
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("expected the folder of the files")?;
    for golden in &GOLDEN {
        golden.write(Path::new(&folder))?;
    }
    Ok(())
}

impl Golden {
    fn write(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let built = Factory::builtin().build(self.config)?;
        let file = folder.join(format!("{}.safetensors", built.name));
        if file.exists() {
            println!("{} exists", file.display());
            return Ok(());
        }
        let channels = built.input.channels;
        let model = Model {
            task: Some(self.task),
            classes: self.classes.iter().map(|&class| class.to_owned()).collect(),
            normalization: Normalization {
                mean: (0..channels).map(|i| 0.25 * i as f64 - 0.5).collect(),
                deviation: (0..channels).map(|i| 1.0 + 0.5 * i as f64).collect(),
            },
            source: Some(Source { config: self.config.to_owned(), folder: None, fold: None }),
            ..Model::new(built.graph.clone(), weights(&built.graph))
        };
        let model = if self.merged { model.merged().0 } else { model };
        model.write(&file)?;
        println!("{}, {} bytes", file.display(), std::fs::metadata(&file)?.len());
        self.cases(model)?.write(folder.join(format!("{}.cases.safetensors", built.name)))?;
        Ok(())
    }

    /// An input of each size, normalized, and the output for it.
    fn cases(&self, model: Model) -> Result<Weights, Box<dyn Error>> {
        let mut cases = Weights::default();
        let mut interpreter = reference::Interpreter::new(model.graph, model.weights)?;
        for (index, size) in self.sizes.iter().enumerate() {
            let shape: Vec<usize> = [2].iter().chain(*size).copied().collect();
            let noise = Noise::of(&format!("golden input {index}"));
            let input = Array::from_fn(shape, |i| noise.normal(i as u64) as f32);
            let outputs = interpreter.forward(std::slice::from_ref(&input))?;
            cases.insert(format!("{index}.input"), input);
            for (output, array) in outputs.into_iter().enumerate() {
                cases.insert(format!("{index}.output.{output}"), array);
            }
        }
        Ok(cases)
    }
}

/// Weights as if trained: initial kernels, and norms and biases that are not trivial.
fn weights(graph: &Graph) -> Weights {
    let mut weights = Weights::initial(graph, 1);
    for parameter in graph.parameters() {
        let noise = Noise::of(&parameter.name);
        let value: Box<dyn Fn(u64) -> f64> = match parameter.role {
            Role::Weight | Role::Length => continue,
            Role::Scale => Box::new(|i| 0.75 + 0.5 * noise.uniform(i)),
            Role::Variance => Box::new(|i| 0.5 + noise.uniform(i)),
            Role::Mean | Role::Bias => Box::new(|i| 0.2 * noise.normal(i)),
        };
        weights.insert(&*parameter.name, Array::from_fn(&*parameter.shape, |i| value(i as u64) as f32));
    }
    weights
}
