//! Single steps: against tch's own optimizers, accumulated, averaged, in other precision.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{splits, turn};
use data::{Order, Targets};
use graph::{Activation, Conv, Graph, Weights};
use torch::Net;
use torch::tch::nn::{self, OptimizerConfig};
use torch::tch::{Device, Tensor};
use train::{Config, Precision, ScheduleConfig, Sgd, TrainError, Trainer};

/// Without batch norm and dropout, where a batch is the sum of its examples.
fn graph() -> Graph {
    Graph::build(|g| {
        let x = g.input("input", [2, 32])?;
        let x = g.conv("conv", x, Conv::new(8, 5))?;
        let x = g.activation("relu", x, Activation::Relu)?;
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, common::CLASSES)?;
        g.output("logits", x)
    })
    .unwrap()
}

type Build = fn(&nn::VarStore) -> nn::Optimizer;

fn config() -> Config {
    Config {
        epochs: 5,
        batch_size: 12,
        learning_rate: 0.05,
        schedule: ScheduleConfig::Constant,
        ..Config::default()
    }
}

fn sgd(settings: Sgd) -> train::OptimizerConfig {
    train::OptimizerConfig::Sgd(settings)
}

fn trained(config: Config, steps: usize) -> Weights {
    let mut trainer = Trainer::new(graph(), &splits(48), config, 3, Device::Cpu).unwrap();
    for _ in 0..steps {
        trainer.step().unwrap();
    }
    trainer.weights().unwrap()
}

/// The same steps with tch's optimizer on the same batches.
fn by_tch(optimizer: &mut nn::Optimizer, net: &Net, batch: usize, steps: usize) {
    let examples = splits(48).train;
    let epochs = (0..)
        .flat_map(|epoch| examples.batches(Order::Shuffled { seed: 3, epoch }, batch, 0).collect::<Vec<_>>());
    for batch in epochs.take(steps) {
        let batch = batch.unwrap();
        let Targets::Classes(classes) = &batch.target else { panic!() };
        let input = Tensor::from_slice(batch.input.data()).view([-1, 2, 32]);
        let loss = net.run(&input, true).unwrap().cross_entropy_for_logits(&Tensor::from_slice(classes));
        optimizer.backward_step(&loss);
    }
}

fn difference(a: &Weights, b: &Weights) -> f32 {
    let pairs = a.iter().zip(b.iter());
    let pairs = pairs.flat_map(|((name, a), (other, b))| {
        assert_eq!(name, other);
        a.data().iter().zip(b.data())
    });
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn adamw_is_torchs() {
    let _turn = turn();
    let store = nn::VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), graph(), &Weights::initial(&graph(), 3)).unwrap();
    let adamw = nn::AdamW { wd: 0.0, ..nn::AdamW::default() };
    by_tch(&mut adamw.build(&store, 0.05).unwrap(), &net, 12, 9);
    let ours = trained(Config { weight_decay: 0.0, ..config() }, 9);
    let difference = difference(&ours, &net.weights());
    assert!(difference < 1e-5, "{difference}");
}

/// tch's decays every parameter: of a network with kernels alone both are the same.
#[test]
fn decay_is_torchs_for_kernels() {
    let _turn = turn();
    let graph = || {
        Graph::build(|g| {
            let x = g.input("input", [2, 32])?;
            let x = g.conv("conv", x, Conv { bias: false, ..Conv::new(common::CLASSES, 5) })?;
            let x = g.global_mean("pool", x)?;
            let x = g.flatten("flatten", x)?;
            g.output("logits", x)
        })
        .unwrap()
    };
    let cases: [(Config, Build); 3] = [
        (Config { weight_decay: 0.3, ..config() }, |store| {
            nn::AdamW { wd: 0.3, ..nn::AdamW::default() }.build(store, 0.05).unwrap()
        }),
        (Config { optimizer: sgd(Sgd::default()), weight_decay: 0.3, ..config() }, |store| {
            nn::Sgd { momentum: 0.9, dampening: 0.0, wd: 0.3, nesterov: false }.build(store, 0.05).unwrap()
        }),
        (Config { optimizer: sgd(Sgd { nesterov: true, ..Sgd::default() }), ..config() }, |store| {
            nn::Sgd { momentum: 0.9, dampening: 0.0, wd: 0.01, nesterov: true }.build(store, 0.05).unwrap()
        }),
    ];
    for (config, optimizer) in cases {
        let store = nn::VarStore::new(Device::Cpu);
        let net = Net::with_weights(&store.root(), graph(), &Weights::initial(&graph(), 3)).unwrap();
        by_tch(&mut optimizer(&store), &net, 12, 9);
        let mut trainer = Trainer::new(graph(), &splits(48), config.clone(), 3, Device::Cpu).unwrap();
        (0..9).for_each(|_| assert!(trainer.step().unwrap().loss.is_finite()));
        let difference = difference(&trainer.weights().unwrap(), &net.weights());
        assert!(difference < 1e-5, "{config:?}: {difference}");
    }
}

#[test]
fn norms_and_biases_do_not_decay() {
    let _turn = turn();
    let still = Config { learning_rate: 1e-12, weight_decay: 1e9, ..config() };
    let (before, after) = (Weights::initial(&graph(), 3), trained(still, 1));
    let ratio = |name: &str| after.get(name).unwrap().data()[0] / before.get(name).unwrap().data()[0];
    assert!((ratio("conv.weight") - (1.0 - 1e-3)).abs() < 1e-5, "{}", ratio("conv.weight"));
    assert!(after.get("fc.bias").unwrap().data().iter().all(|bias| bias.abs() < 1e-9));
}

#[test]
fn accumulated_batches_are_one_large_batch() {
    let _turn = turn();
    let ones = trained(Config { batch_size: 24, ..config() }, 4);
    let accumulated = trained(Config { batch_size: 8, accumulation_steps: 3, ..config() }, 4);
    let difference = difference(&ones, &accumulated);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn clipped_steps_are_short() {
    let _turn = turn();
    let optimizer = sgd(Sgd { momentum: 0.0, nesterov: false });
    let config = Config { optimizer, weight_decay: 0.0, learning_rate: 1.0, ..config() };
    let after = trained(Config { clip_norm: Some(1e-3), ..config }, 1);
    let before = Weights::initial(&graph(), 3);
    let pairs = before.iter().zip(after.iter()).flat_map(|((_, a), (_, b))| a.data().iter().zip(b.data()));
    let moved = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
    assert!((moved - 1e-3).abs() < 2e-5, "{moved}");
}

/// The average of three steps by hand, with the decays that young averages have.
#[test]
fn the_average_of_three_steps() {
    let _turn = turn();
    let mut trainer =
        Trainer::new(graph(), &splits(48), Config { ema: Some(0.99), ..config() }, 3, Device::Cpu).unwrap();
    let mut expected: Vec<f32> = Weights::initial(&graph(), 3).get("conv.weight").unwrap().data().to_vec();
    for step in 1..=3u8 {
        trainer.step().unwrap();
        let weights = trainer.net().weights();
        let decay = (1.0 + f32::from(step)) / (10.0 + f32::from(step));
        let now = weights.get("conv.weight").unwrap().data();
        expected.iter_mut().zip(now).for_each(|(e, now)| *e = decay * *e + (1.0 - decay) * now);
    }
    let own = trainer.net().weights();
    let found = trainer.weights().unwrap();
    let found = found.get("conv.weight").unwrap().data();
    let difference = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-6, "{difference}");
    // Looking at the averages leaves the weights alone.
    assert!(trainer.net().weights() == own);
}

#[test]
fn bf16_is_near_f32() {
    let _turn = turn();
    let steps = |precision| {
        let config = Config { precision, ..config() };
        let mut trainer = Trainer::new(graph(), &splits(48), config, 3, Device::Cpu)?;
        (0..5).map(|_| trainer.step().map(|step| step.loss)).collect::<Result<Vec<f64>, TrainError>>()
    };
    let full = steps(Precision::F32).unwrap();
    match steps(Precision::Bf16) {
        Ok(low) => {
            assert!(full != low);
            assert!(full.iter().zip(&low).all(|(a, b)| (a - b).abs() < 0.05), "{full:?} {low:?}");
        }
        Err(error) => assert_eq!(
            error.to_string(),
            "precision: expected f32, found bf16; this processor has no instructions for bf16"
        ),
    }
}
