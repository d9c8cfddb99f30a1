//! Trains a small ResNet on smartwatch recordings of four activities, merges it and saves it.
//!
//! `cargo run --release -p resnet --example train`

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;
use std::path::Path;

use resnet::Config;
use torch::tch::nn::{self, OptimizerConfig};
use torch::tch::{Device, Kind, Tensor, no_grad};

const ACTIVITIES: [&str; 4] = ["Standing", "Running", "Walking", "Badminton"];

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    let (signals, labels) = recordings(&data.join("BasicMotions_TRAIN.ts"))?;
    let (test_signals, test_labels) = recordings(&data.join("BasicMotions_TEST.ts"))?;

    let store = nn::VarStore::new(Device::Cpu);
    let config = Config { classes: Some(4), dropout: 0.1, ..Config::micro() };
    let net = resnet::net(&store.root(), &config, [6, 100])?;
    println!("{}", net.graph().cost()?);

    let mut optimizer = nn::adam(0.9, 0.999, 0.0).build(&store, 3e-3)?;
    for epoch in 1..=30 {
        let loss = net.run(&signals, true)?.cross_entropy_for_logits(&labels);
        optimizer.backward_step(&loss);
        if epoch % 10 == 0 {
            println!("epoch {epoch}: loss {:.4}", loss.double_value(&[]));
        }
    }

    let merged = net.merged()?.net;
    let correct = no_grad(|| merged.run(&test_signals, false))?.argmax(1, false).eq_tensor(&test_labels);
    println!(
        "accuracy on the test recordings: {:.1} %",
        100.0 * correct.to_kind(Kind::Double).mean(None).double_value(&[])
    );
    let file = std::env::temp_dir().join("activity.safetensors");
    merged.weights().write(&file)?;
    println!("wrote the merged weights to {}", file.display());
    Ok(())
}

/// Reads recordings `[N, 6, 100]`, with each channel normalized, and their classes. Each line of a `.ts`
/// file is a recording: its channels separated by `:`, their samples by `,`, and the class at the end.
fn recordings(file: &Path) -> Result<(Tensor, Tensor), Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let (mut signals, mut classes) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with(['@', '#']) && !line.is_empty()) {
        let (channels, class) =
            line.rsplit_once(':').ok_or("expected a class at the end of each recording")?;
        let samples: Result<Vec<f32>, _> = channels.split([':', ',']).map(str::parse).collect();
        signals.push(Tensor::from_slice(&samples?).reshape([6, -1]));
        let class =
            ACTIVITIES.iter().position(|activity| *activity == class).ok_or("expected a known class")?;
        classes.push(i64::try_from(class)?);
    }
    let signals = Tensor::stack(&signals, 0);
    let axes = [0i64, 2].as_slice();
    let normalized = (&signals - signals.mean_dim(axes, true, None)) / signals.std_dim(axes, true, true);
    Ok((normalized, Tensor::from_slice(&classes)))
}
