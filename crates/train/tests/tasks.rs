//! Every task, on series and images, learns and is evaluated with its own figures.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "samples are f32")]

mod common;

use std::sync::Arc;

use common::turn;
use data::{Memory, Recording, Sources, Splits, Target, Task};
use graph::{Activation, Array, Conv, Graph, Noise, Shape};
use report::Outcome;
use torch::tch::Device;
use train::{Config, Focal, LossConfig, Smoothing, TaskInfo, Trainer, evaluate};

/// A network of two convolutions with `out` outputs, pooled or at each position.
fn graph(input: &Shape, out: usize, pooled: bool) -> Graph {
    Graph::build(|g| {
        let x = g.input("input", input.clone())?;
        let x = g.conv("first", x, Conv { bias: true, ..Conv::new(12, 5) })?;
        let x = g.activation("relu", x, Activation::Relu)?;
        if !pooled {
            let x = g.conv("last", x, Conv { bias: true, ..Conv::new(out, 5) })?;
            return g.output("logits", x);
        }
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, out)?;
        g.output("logits", x)
    })
    .unwrap()
}

/// Noise, louder in recordings of odd number, and twice as loud in its second half.
fn noise(shape: &Shape, index: usize) -> Array {
    let (noise, length) = (Noise::of(&format!("recording {index}")), shape.elements());
    let loudness =
        |i: usize| if i < length / 2 { 1.0 } else { 2.0 } * if index.is_multiple_of(2) { 0.3 } else { 1.0 };
    Array::from_fn(shape.dims(), |i| (loudness(i) * noise.normal(i as u64)) as f32)
}

struct Case {
    task: Task,
    loss: Option<LossConfig>,
    input: Shape,
    outputs: usize,
    target: fn(usize, &Array) -> Target,
    /// A figure after training, and its bound.
    figure: &'static str,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    Above(f64),
    Below(f64),
}
use Bound::{Above, Below};

/// After some epochs: the figures on other recordings.
fn figures(case: &Case) -> Outcome {
    let part = |from: usize| {
        let recording = |index: usize| {
            let input = noise(&case.input, index);
            Recording::new(format!("recording {index}"), &input, (case.target)(index, &input))
        };
        let is_classes = case.task.has_classes();
        let classes = if is_classes { ["quiet", "loud"].map(str::to_owned).to_vec() } else { Vec::new() };
        Arc::new(Memory {
            classes,
            recordings: (from..from + 40).map(recording).collect(),
            ..Memory::default()
        })
    };
    let config = data::Config { threads: Some(1), ..data::Config::new(case.task) };
    let sources = Sources { train: part(0), validation: None, test: Some(part(100)) };
    let splits = Splits::of(&config, &case.input, sources).unwrap();
    let pooled = !matches!(case.task, Task::Segmentation | Task::Denoising);
    let config =
        Config { epochs: 30, batch_size: 8, learning_rate: 0.02, loss: case.loss, ..Config::default() };
    let graph = graph(&case.input, case.outputs, pooled);
    let mut trainer = Trainer::new(graph, &splits, config.clone(), 1, Device::Cpu).unwrap();
    while !trainer.is_done() {
        trainer.step().unwrap();
    }
    let info = TaskInfo::from(&splits);
    evaluate(trainer.net(), splits.test.as_ref().unwrap(), &info, &config).unwrap().outcome
}

fn class(index: usize, _: &Array) -> Target {
    Target::Class(index % 2)
}

/// Two labels that exclude each other.
fn labels(index: usize, _: &Array) -> Target {
    Target::Labels(vec![index.is_multiple_of(2), !index.is_multiple_of(2)])
}

/// Loud or quiet at each position; the first ones are not known.
fn positions(_: usize, input: &Array) -> Target {
    let class = |(i, x): (usize, &f32)| (i > 3).then_some(usize::from(x.abs() > 0.5));
    Target::Positions(input.data().iter().enumerate().map(class).collect())
}

fn loudness(input: &Array) -> f64 {
    input.data().iter().map(|x| f64::from(x.abs())).sum::<f64>() / input.data().len() as f64
}

fn mean(_: usize, input: &Array) -> Target {
    Target::Numbers(vec![loudness(input)])
}

/// Numbers of very different sizes, one of them far from 0.
fn seconds(_: usize, input: &Array) -> Target {
    Target::Numbers(vec![1.7e9 + 86_400.0 * loudness(input), -0.001 * loudness(input)])
}

fn clean(_: usize, input: &Array) -> Target {
    let mut clean = input.clone();
    clean.data_mut().iter_mut().for_each(|x| *x *= 0.5);
    Target::Signal(clean.into())
}

#[test]
fn every_task_learns() {
    let _turn = turn();
    let (series, image) = (|| Shape::from([1, 48]), || Shape::from([1, 8, 6]));
    let case = |task, loss, input, outputs, target: fn(usize, &Array) -> Target, figure, bound| Case {
        task,
        loss,
        input,
        outputs,
        target,
        figure,
        bound,
    };
    let cases = [
        case(Task::Classification, None, series(), 2, class, "accuracy", Above(0.85)),
        case(
            Task::Classification,
            Some(LossConfig::Binary(Smoothing::default())),
            image(),
            1,
            class,
            "accuracy",
            Above(0.85),
        ),
        case(
            Task::Classification,
            Some(LossConfig::Focal(Focal::default())),
            image(),
            2,
            class,
            "accuracy",
            Above(0.85),
        ),
        case(Task::MultiLabel, None, series(), 2, labels, "exact_match", Above(0.85)),
        case(Task::Segmentation, None, series(), 2, positions, "mean_iou", Above(0.8)),
        case(Task::Segmentation, Some(LossConfig::Dice), image(), 2, positions, "accuracy", Above(0.7)),
        case(Task::Regression, None, series(), 1, mean, "mse", Below(0.05)),
        case(Task::Regression, Some(LossConfig::Mae), image(), 1, mean, "mae", Below(0.2)),
        case(Task::Regression, None, series(), 2, seconds, "r2", Above(0.7)),
        case(Task::Denoising, None, series(), 1, clean, "gain_db", Above(10.0)),
    ];
    for case in &cases {
        let summary = figures(case).summary();
        let value = summary[case.figure];
        let is_good = match case.bound {
            Above(bound) => value > bound,
            Below(bound) => value < bound,
        };
        assert!(is_good, "{:?} {:?} {}: {summary:?}", case.task, case.loss, case.input);
    }
}

#[test]
fn masked_positions_count_in_no_figure() {
    let _turn = turn();
    let nothing_but_the_last = |_: usize, input: &Array| {
        let last = input.data().len() - 1;
        Target::Positions((0..=last).map(|i| (i == last).then_some(1)).collect())
    };
    let case = Case {
        task: Task::Segmentation,
        loss: None,
        input: [1, 48].into(),
        outputs: 2,
        target: nothing_but_the_last,
        figure: "accuracy",
        bound: Above(0.99),
    };
    let Outcome::Positions(confusion) = figures(&case) else { panic!() };
    assert_eq!((confusion.total(), confusion.count(1, 1)), (40, 40));
}
