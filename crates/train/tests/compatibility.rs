//! A network that does not match its data or its loss is refused before the first step.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::sync::Arc;

use data::{Memory, Recording, Sources, Splits, Target, Task};
use expect_test::{Expect, expect};
use graph::{Activation, Array, Conv, Graph, Scope, Shape, Value};
use torch::tch::Device;
use train::{Config, Focal, LossConfig, Smoothing, TrainError, Trainer};

/// Series `[2, 8]` with this target each.
fn splits(task: Task, classes: usize, target: impl Fn(usize) -> Target) -> Splits {
    let recording = |i: usize| {
        Recording::new(
            format!("recording {i}"),
            Array::from_fn([2, 8], |j| ((i * 5 + j * 3) % 7) as f32),
            target(i),
        )
    };
    let classes = (0..classes).map(|class| format!("c{class}")).collect();
    let memory = Memory { classes, recordings: (0..6).map(recording).collect(), ..Memory::default() };
    let sources = Sources { train: Arc::new(memory), validation: None, test: None };
    Splits::of(&data::Config::new(task), &[2, 8].into(), sources).unwrap()
}

/// Builds a trainer and takes a step.
fn step(graph: Graph, splits: &Splits, loss: Option<LossConfig>) -> Result<(), TrainError> {
    let config = Config { loss, batch_size: 3, ..Config::default() };
    let mut trainer = Trainer::new(graph, splits, config, 0, Device::Cpu)?;
    trainer.step().map(drop)
}

fn network(
    input: impl Into<Shape>,
    model: impl Fn(Scope<'_>, Value) -> Result<Value, graph::BuildError>,
) -> Graph {
    let input = input.into();
    Graph::build(|g| {
        let x = g.input("input", input)?;
        let y = model(g, x)?;
        g.output("logits", y)
    })
    .unwrap()
}

/// `[N, 2, 8]` to `[N, channels]`.
fn whole(channels: usize) -> Graph {
    network([2, 8], |g, x| {
        let x = g.flatten("flatten", x)?;
        g.linear("fc", x, channels)
    })
}

/// `[N, 2, 8]` to `[N, channels, 8 / stride]`.
fn each(channels: usize, stride: usize) -> Graph {
    network([2, 8], |g, x| g.conv("conv", x, Conv { stride: stride.into(), ..Conv::new(channels, 3) }))
}

fn check(graph: Graph, splits: &Splits, loss: Option<LossConfig>, expected: &Expect) {
    expected.assert_eq(&step(graph, splits, loss).unwrap_err().to_string());
}

fn class(i: usize, classes: usize) -> Target {
    Target::Class(i % classes)
}

#[test]
#[rustfmt::skip]
fn classification() {
    let [one, two, three] = [1, 2, 3].map(|n| splits(Task::Classification, n, move |i| class(i, n)));
    step(whole(2), &two, None).unwrap();
    step(whole(2), &two, Some(LossConfig::Binary(Smoothing::default()))).unwrap();
    step(whole(1), &two, Some(LossConfig::Binary(Smoothing::default()))).unwrap();
    step(whole(3), &three, Some(LossConfig::Focal(Focal::default()))).unwrap();
    step(whole(3), &three, Some(LossConfig::Dice)).unwrap();
    check(whole(1), &two, None, &expect!["train.loss: expected `binary` for a single output [N, 1], or outputs of [N, 2], found `cross_entropy`"]);
    check(whole(1), &three, Some(LossConfig::Binary(Smoothing::default())), &expect!["classes: expected outputs of [N, 3] for 3 classes (c0, c1, c2), found [N, 1]"]);
    check(whole(1), &one, None, &expect!["data.classes: expected at least 2 classes, found 1 (c0)"]);
    check(whole(4), &three, None, &expect!["classes: expected outputs of [N, 3] for 3 classes (c0, c1, c2), found [N, 4]"]);
    check(each(3, 1), &three, None, &expect!["data.task: expected outputs of [N, 3] for classification, found [N, 3, 8], as for segmentation"]);
    check(whole(3), &three, Some(LossConfig::Mae), &expect!["train.loss: expected `cross_entropy`, `binary`, `focal` or `dice` for classes, found `mae`"]);
}

#[test]
#[rustfmt::skip]
fn segmentation() {
    let [two, three] = [2, 3].map(|n| {
        splits(Task::Segmentation, n, move |_| Target::Positions((0..8).map(|i| Some(i % n)).collect()))
    });
    step(each(3, 1), &three, None).unwrap();
    step(each(3, 1), &three, Some(LossConfig::Dice)).unwrap();
    step(each(1, 1), &two, Some(LossConfig::Binary(Smoothing::default()))).unwrap();
    check(each(3, 2), &three, None, &expect!["params: expected outputs of [N, 3, 8] for segmentation, found [N, 3, 4]"]);
    check(each(2, 1), &three, None, &expect!["classes: expected outputs of [N, 3, 8] for 3 classes (c0, c1, c2), found [N, 2, 8]"]);
    check(whole(3), &three, None, &expect!["data.task: expected outputs of [N, 3, 8] for segmentation, found [N, 3], as for classification"]);
}

#[test]
#[rustfmt::skip]
fn values() {
    let numbers = splits(Task::Regression, 0, |i| Target::Numbers(vec![i as f64, 1.0]));
    step(whole(2), &numbers, None).unwrap();
    step(whole(2), &numbers, Some(LossConfig::Mae)).unwrap();
    check(whole(3), &numbers, None, &expect!["classes: expected outputs of [N, 2], the shape of the targets, found [N, 3]"]);
    check(each(2, 1), &numbers, None, &expect!["params: expected outputs of [N, 2], the shape of the targets, found [N, 2, 8]"]);
    check(whole(2), &numbers, Some(LossConfig::CrossEntropy(Smoothing::default())), &expect!["train.loss: expected `mse` or `mae` for values, found `cross_entropy`"]);
    let signals = splits(Task::Denoising, 0, |i| Target::Signal(Array::from_fn([2, 8], |j| (i + j) as f32).into()));
    step(each(2, 1), &signals, None).unwrap();
    check(each(1, 1), &signals, None, &expect!["classes: expected outputs of [N, 2, 8], the shape of the targets, found [N, 1, 8]"]);
    check(each(2, 2), &signals, None, &expect!["params: expected outputs of [N, 2, 8], the shape of the targets, found [N, 2, 4]"]);
}

#[test]
#[rustfmt::skip]
fn the_input() {
    let splits = splits(Task::Classification, 2, |i| class(i, 2));
    let graph = network([2, 9], |g, x| {
        let x = g.flatten("flatten", x)?;
        g.linear("fc", x, 2)
    });
    check(graph, &splits, None, &expect!["input: expected [N, 2, 8], the shape of the data, found [N, 2, 9]"]);
}

#[test]
#[rustfmt::skip]
fn probabilities() {
    let splits = splits(Task::Classification, 2, |i| class(i, 2));
    let ending = |activation: Option<Activation>| {
        network([2, 8], |g, x| {
            let x = g.flatten("flatten", x)?;
            let x = g.linear("fc", x, 2)?;
            match activation {
                Some(activation) => g.activation("last", x, activation),
                None => g.softmax("last", x),
            }
        })
    };
    step(ending(Some(Activation::Tanh)), &splits, None).unwrap();
    check(ending(None), &splits, None, &expect!["params: expected logits as outputs, found probabilities from `last`; remove `output_activation`"]);
    check(ending(Some(Activation::Sigmoid)), &splits, None, &expect!["params: expected logits as outputs, found probabilities from `last`; remove `output_activation`"]);
    let numbers = crate::splits(Task::Regression, 0, |_| Target::Numbers(vec![0.25, 0.75]));
    step(ending(None), &numbers, None).unwrap();
}
