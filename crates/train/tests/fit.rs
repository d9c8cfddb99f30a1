//! A network that does not fit its data or its loss is refused before the first step.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::sync::Arc;

use data::{Memory, Recording, Sources, Splits, Target, Task};
use expect_test::{Expect, expect};
use graph::{Activation, Array, Conv, Graph, Scope, Shape, Value};
use torch::tch::Device;
use train::{Config, Error, Loss, Trainer};

/// Series `[2, 8]` with this target each.
fn splits(task: Task, classes: usize, target: impl Fn(usize) -> Target) -> Splits {
    let recording = |i: usize| Recording {
        origin: format!("recording {i}"),
        input: Array::from_fn([2, 8], |j| ((i * 5 + j * 3) % 7) as f32),
        target: target(i),
    };
    let classes = (0..classes).map(|class| format!("c{class}")).collect();
    let memory = Memory { classes, recordings: (0..6).map(recording).collect() };
    let sources = Sources { train: Arc::new(memory), validation: None, test: None };
    Splits::of(&data::Config::new(task), &[2, 8].into(), sources).unwrap()
}

/// What a trainer says of a network; nothing where it takes a step.
fn said(graph: Graph, splits: &Splits, loss: Option<Loss>) -> Result<(), Error> {
    let config = Config { loss, batch: 3, ..Config::default() };
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

fn check(graph: Graph, splits: &Splits, loss: Option<Loss>, expected: &Expect) {
    expected.assert_eq(&said(graph, splits, loss).unwrap_err().to_string());
}

fn class(i: usize, classes: usize) -> Target {
    Target::Class(i % classes)
}

#[test]
#[rustfmt::skip]
fn classification() {
    let [one, two, three] = [1, 2, 3].map(|n| splits(Task::Classification, n, move |i| class(i, n)));
    said(whole(2), &two, None).unwrap();
    said(whole(2), &two, Some(Loss::Binary)).unwrap();
    said(whole(1), &two, Some(Loss::Binary)).unwrap();
    said(whole(3), &three, Some(Loss::Focal)).unwrap();
    said(whole(3), &three, Some(Loss::Dice)).unwrap();
    check(whole(1), &two, None, &expect!["train.loss: the network puts out [N, 1]; one output for two classes needs `binary`, or [N, 2]"]);
    check(whole(1), &three, Some(Loss::Binary), &expect!["classes: the network puts out [N, 1]; the data have 3 classes (c0, c1, c2), which need [N, 3]"]);
    check(whole(1), &one, None, &expect!["data.classes: 1 in the data (c0); at least 2 are needed"]);
    check(whole(4), &three, None, &expect!["classes: the network puts out [N, 4]; the data have 3 classes (c0, c1, c2), which need [N, 3]"]);
    check(each(3, 1), &three, None, &expect!["data.task: classification needs [N, 3]; the network puts out [N, 3, 8], as segmentation has it"]);
    check(whole(3), &three, Some(Loss::Mae), &expect!["train.loss: `mae` is for values; of classes cross_entropy, binary, focal or dice is needed"]);
}

#[test]
#[rustfmt::skip]
fn segmentation() {
    let [two, three] = [2, 3].map(|n| {
        splits(Task::Segmentation, n, move |_| Target::Positions((0..8).map(|i| Some(i % n)).collect()))
    });
    said(each(3, 1), &three, None).unwrap();
    said(each(3, 1), &three, Some(Loss::Dice)).unwrap();
    said(each(1, 1), &two, Some(Loss::Binary)).unwrap();
    check(each(3, 2), &three, None, &expect!["params: the network puts out [N, 3, 4]; segmentation needs [N, 3, 8]"]);
    check(each(2, 1), &three, None, &expect!["classes: the network puts out [N, 2, 8]; the data have 3 classes (c0, c1, c2), which need [N, 3, 8]"]);
    check(whole(3), &three, None, &expect!["data.task: segmentation needs [N, 3, 8]; the network puts out [N, 3], as classification has it"]);
}

#[test]
#[rustfmt::skip]
fn values() {
    let numbers = splits(Task::Regression, 0, |i| Target::Numbers(vec![i as f32, 1.0]));
    said(whole(2), &numbers, None).unwrap();
    said(whole(2), &numbers, Some(Loss::Mae)).unwrap();
    check(whole(3), &numbers, None, &expect!["classes: the network puts out [N, 3]; the targets are [N, 2]"]);
    check(each(2, 1), &numbers, None, &expect!["params: the network puts out [N, 2, 8]; the targets are [N, 2]"]);
    check(whole(2), &numbers, Some(Loss::CrossEntropy), &expect!["train.loss: `cross_entropy` is for classes; of values mse or mae is needed"]);
    let signals = splits(Task::Denoising, 0, |i| Target::Signal(Array::from_fn([2, 8], |j| (i + j) as f32)));
    said(each(2, 1), &signals, None).unwrap();
    check(each(1, 1), &signals, None, &expect!["classes: the network puts out [N, 1, 8]; the targets are [N, 2, 8]"]);
    check(each(2, 2), &signals, None, &expect!["params: the network puts out [N, 2, 4]; the targets are [N, 2, 8]"]);
}

#[test]
#[rustfmt::skip]
fn the_input() {
    let splits = splits(Task::Classification, 2, |i| class(i, 2));
    let graph = network([2, 9], |g, x| {
        let x = g.flatten("flatten", x)?;
        g.linear("fc", x, 2)
    });
    check(graph, &splits, None, &expect!["input: the network takes [N, 2, 9]; the data have [N, 2, 8]"]);
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
    said(ending(Some(Activation::Tanh)), &splits, None).unwrap();
    check(ending(None), &splits, None, &expect!["params: the network ends in `last`, which makes probabilities of logits, but the loss takes logits; leave `output_activation` out"]);
    check(ending(Some(Activation::Sigmoid)), &splits, None, &expect!["params: the network ends in `last`, which makes probabilities of logits, but the loss takes logits; leave `output_activation` out"]);
    let numbers = crate::splits(Task::Regression, 0, |_| Target::Numbers(vec![0.25, 0.75]));
    said(ending(None), &numbers, None).unwrap();
}
