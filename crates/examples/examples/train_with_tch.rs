//! Trains a small ResNet on recordings of a smart watch, with an optimizer of tch and its own loop.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;
use std::path::Path;

use data::{Batch, Order, Split, Targets, Task};
use resnet::Config;
use torch::tch::nn::{self, OptimizerConfig};
use torch::tch::{self, Device, Kind, Tensor, no_grad};

pub fn main() -> Result<(), Box<dyn Error>> {
    let file = |name: &str| Split(vec![data::File::new(name)]);
    let data = data::Config {
        train: file("BasicMotions_TRAIN.ts"),
        test: Some(file("BasicMotions_TEST.ts")),
        ..data::Config::new(Task::Classification)
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    let splits = data.open(&[6, 100].into(), &folder)?;

    let store = nn::VarStore::new(Device::Cpu);
    let config = Config { classes: Some(splits.classes.len()), dropout: 0.1, ..Config::micro() };
    let net = resnet::net(&store.root(), &config, [6, 100])?;

    tch::manual_seed(0); // dropout
    let mut optimizer = nn::AdamW::default().build(&store, 3e-3)?;
    for epoch in 0..15 {
        let mut loss = Tensor::new();
        for batch in splits.train.batches(Order::Shuffled { seed: 0, epoch }, 8, 0) {
            let (signals, labels) = tensors(&batch?)?;
            loss = net.run(&signals, true)?.cross_entropy_for_logits(&labels);
            optimizer.backward_step(&loss);
        }
        println!("epoch {epoch}: loss {:.4}", loss.double_value(&[]));
    }

    // The form for inference: norms folded, and the outputs compared with those of the net.
    let merged = net.merged()?.net;
    let mut correct = 0.0;
    let test = splits.test.ok_or("expected test recordings")?;
    for batch in test.batches(Order::InOrder, 8, 0) {
        let (signals, labels) = tensors(&batch?)?;
        let classes = no_grad(|| merged.run(&signals, false))?.argmax(1, false);
        correct += classes.eq_tensor(&labels).sum(Kind::Double).double_value(&[]);
    }
    println!("{correct} of {} test recordings are right", test.len());
    Ok(())
}

fn tensors(batch: &Batch) -> Result<(Tensor, Tensor), Box<dyn Error>> {
    let Targets::Classes(classes) = &batch.target else { return Err("expected classes".into()) };
    Ok((torch::tensor(&batch.input)?, Tensor::from_slice(classes)))
}
