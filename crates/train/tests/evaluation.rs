//! The figures of an evaluation, checked against figures that are computed example by example.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "samples are f32")]

mod common;

use std::sync::Arc;

use common::turn;
use data::{Examples, Memory, Order, Recording, Sources, Splits, Target, Task};
use graph::{Array, Conv, Forward, Graph, Noise, Weights};
use report::Outcome;
use torch::Net;
use torch::tch::{Device, nn};
use train::{Config, Evaluation, TaskInfo, Trainer, evaluate, evaluate_in_detail};

const COUNT: usize = 29;

/// A net with drawn weights: series `[2, 8]` to `outputs` numbers, or to signals of `outputs` channels.
fn net(outputs: usize, is_pooled: bool) -> Net {
    let graph = Graph::build(|g| {
        let x = g.input("input", [2, 8])?;
        let x = g.conv("conv", x, Conv { bias: true, ..Conv::new(outputs, 3) })?;
        if !is_pooled {
            return g.output("out", x);
        }
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        g.output("out", x)
    })
    .unwrap();
    let store = nn::VarStore::new(Device::Cpu);
    let weights = Weights::initial(&graph, 5);
    Net::with_weights(&store.root(), graph, &weights).unwrap()
}

fn input(index: usize) -> Array {
    let noise = Noise::of(&format!("recording {index}"));
    Array::from_fn([2, 8], |i| (40.0 + 10.0 * noise.normal(i as u64)) as f32)
}

/// The test recordings, from number 100, are of two groups and of none.
fn splits(task: Task, classes: &[&str], target: impl Fn(usize) -> Target) -> Splits {
    let recording = |index: usize| {
        let group = if index < 100 { None } else { [None, Some("s1"), Some("s2")][index % 3] };
        let group = group.map(str::to_owned);
        Recording { group, ..Recording::new(format!("recording {index}"), input(index), target(index)) }
    };
    let part = |from: usize| {
        let classes = classes.iter().copied().map(str::to_owned).collect();
        let recordings = (from..from + COUNT).map(recording).collect();
        Arc::new(Memory { classes, recordings, ..Memory::default() })
    };
    let sources = Sources { train: part(0), validation: None, test: Some(part(100)) };
    let config = data::Config { threads: Some(1), ..data::Config::new(task) };
    Splits::of(&config, &[2, 8].into(), sources).unwrap()
}

fn config(batch_size: usize) -> Config {
    Config { batch_size, ..Config::default() }
}

fn details(net: &Net, splits: &Splits) -> Evaluation {
    let test = splits.test.as_ref().unwrap();
    let evaluation = evaluate_in_detail(net, test, &TaskInfo::from(splits), &config(8)).unwrap();
    let plain = evaluate(net, test, &TaskInfo::from(splits), &config(8)).unwrap();
    assert_eq!(plain, Evaluation { details: report::Details::default(), ..evaluation.clone() });
    evaluation
}

/// The outputs of the net for one example.
fn outputs(mut net: &Net, examples: &Examples, index: usize) -> Vec<f32> {
    let input = examples.example(index, Order::InOrder).unwrap().input;
    let batch = Array::from_fn([1, 2, 8], |i| input.data()[i]);
    net.forward(&[batch]).unwrap()[0].data().to_vec()
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "expected {expected}, found {found}");
}

/// The pulse and the seconds since 1970: an error in the normalized targets would be of another size.
fn numbers(index: usize) -> Vec<f64> {
    let noise = Noise::of(&format!("numbers {index}"));
    vec![100.0 + 30.0 * noise.normal(0), 1.77e9 + 4000.0 * noise.normal(1)]
}

#[test]
fn errors_of_a_regression_are_in_the_units_of_the_data() {
    let _turn = turn();
    let splits = splits(Task::Regression, &[], |index| Target::Numbers(numbers(index)));
    let (net, test, info) = (net(2, true), splits.test.as_ref().unwrap(), TaskInfo::from(&splits));
    let mut absolute = [0.0; 2];
    for index in 0..COUNT {
        let outputs = outputs(&net, test, index);
        let predicted = match &info.target_normalization {
            Some(normalization) => normalization.invert(&outputs),
            None => outputs.iter().copied().map(f64::from).collect(),
        };
        for i in 0..2 {
            absolute[i] += (predicted[i] - numbers(100 + index)[i]).abs() / COUNT as f64;
        }
    }
    let Outcome::Values(errors) = details(&net, &splits).outcome else { panic!() };
    assert_eq!(errors.outputs().len(), 2);
    for (output, expected) in errors.outputs().iter().zip(absolute) {
        assert_close(output.mae(), expected);
    }
    assert_close(errors.mae(), (absolute[0] + absolute[1]) / 2.0);
}

/// Every third recording lacks its second number.
#[test]
fn unknown_numbers_count_neither_in_training_nor_in_errors() {
    let _turn = turn();
    let part = |from: usize| {
        let recording = |index: usize| {
            let mut numbers = numbers(index);
            if index.is_multiple_of(3) {
                numbers[1] = f64::NAN;
            }
            Recording::new(format!("recording {index}"), input(index), Target::Numbers(numbers))
        };
        let recordings = (from..from + COUNT).map(recording).collect();
        Arc::new(Memory { recordings, ..Memory::default() })
    };
    let sources = Sources { train: part(0), validation: None, test: Some(part(100)) };
    let missing = data::Missing::Mask;
    let config = data::Config { threads: Some(1), missing, ..data::Config::new(Task::Regression) };
    let splits = Splits::of(&config, &[2, 8].into(), sources).unwrap();
    let net = net(2, true);
    let mut trainer = Trainer::new(net.graph().clone(), &splits, self::config(8), 1, Device::Cpu).unwrap();
    assert!(trainer.step().unwrap().loss.is_finite());
    let evaluation = details(&net, &splits);
    assert!(evaluation.loss.is_finite() && evaluation.details.losses.iter().all(|loss| loss.is_finite()));
    let Outcome::Values(errors) = &evaluation.outcome else { panic!() };
    let known = (100..100 + COUNT).filter(|index| !index.is_multiple_of(3)).count() as u64;
    assert_eq!([errors.outputs()[0].count(), errors.outputs()[1].count()], [COUNT as u64, known]);
}

#[test]
fn outputs_have_the_names_of_the_data_or_numbers() {
    let info = |outputs: &[&str]| TaskInfo {
        outputs: outputs.iter().copied().map(str::to_owned).collect(),
        ..TaskInfo::from(&splits(Task::Regression, &[], |index| Target::Numbers(numbers(index))))
    };
    let _turn = turn();
    let splits = splits(Task::Regression, &[], |index| Target::Numbers(numbers(index)));
    for (names, expected) in [(&["pulse", "time"][..], ["pulse", "time"]), (&[], ["value_1", "value_2"])] {
        let test = splits.test.as_ref().unwrap();
        let evaluation = evaluate(&net(2, true), test, &info(names), &config(8)).unwrap();
        let Outcome::Values(errors) = evaluation.outcome else { panic!() };
        assert_eq!([errors.name(0).unwrap(), errors.name(1).unwrap()], expected);
    }
}

#[test]
fn the_last_batch_counts_no_more_than_the_others() {
    let _turn = turn();
    let splits = splits(Task::Classification, &["a", "b", "c"], |index| Target::Class(index % 3));
    let (net, test, info) = (net(3, true), splits.test.as_ref().unwrap(), TaskInfo::from(&splits));
    let losses = [1, 7, 28, COUNT].map(|size| evaluate(&net, test, &info, &config(size)).unwrap().loss);
    for loss in losses {
        assert_close(loss, losses[0]);
    }
}

#[test]
fn the_loss_of_each_example_is_found_by_its_number() {
    let _turn = turn();
    let splits = splits(Task::Classification, &["a", "b", "c"], |index| Target::Class(index % 3));
    let (net, test) = (net(3, true), splits.test.as_ref().unwrap());
    let evaluation = details(&net, &splits);
    assert_eq!(evaluation.details.losses.len(), COUNT);
    for (index, loss) in evaluation.details.losses.iter().enumerate() {
        let outputs = outputs(&net, test, index).into_iter().map(f64::from).collect::<Vec<_>>();
        let sum: f64 = outputs.iter().map(|output| output.exp()).sum();
        assert_close(*loss, sum.ln() - outputs[(100 + index) % 3]);
    }
    assert_close(evaluation.details.losses.iter().sum::<f64>() / COUNT as f64, evaluation.loss);
}

#[test]
fn groups_have_outcomes_of_their_own() {
    let _turn = turn();
    let splits = splits(Task::Classification, &["a", "b", "c"], |index| Target::Class(index % 5 % 3));
    let evaluation = details(&net(3, true), &splits);
    let Outcome::Classes(all) = &evaluation.outcome else { panic!() };
    let names: Vec<&str> = evaluation.details.groups.keys().map(String::as_str).collect();
    assert_eq!(names, ["s1", "s2"]);
    for (i, group) in evaluation.details.groups.values().enumerate() {
        let Outcome::Classes(confusion) = group else { panic!() };
        let indices = (0..COUNT).filter(|index| (100 + index) % 3 == i + 1);
        assert_eq!(confusion.total(), indices.count() as u64);
        for class in 0..3 {
            assert!(confusion.support(class) <= all.support(class));
        }
    }
}

#[test]
fn scores_and_baselines_of_classes() {
    let _turn = turn();
    // Two thirds are of the class `b`.
    let splits = splits(Task::Classification, &["a", "b"], |index| Target::Class(usize::from(index % 3 > 0)));
    for (outputs_of_net, loss) in
        [(2, None), (1, Some(train::LossConfig::Binary(train::Smoothing::default())))]
    {
        let (net, test) = (net(outputs_of_net, true), splits.test.as_ref().unwrap());
        let config = Config { loss, ..config(8) };
        let evaluation = evaluate_in_detail(&net, test, &TaskInfo::from(&splits), &config).unwrap();
        let [a, b] = &evaluation.details.scores[..] else { panic!() };
        // The share of pairs of both classes in which `b` has the larger difference of logits.
        let margin = |index: usize| match outputs(&net, test, index)[..] {
            [single] => single,
            [first, second] => second - first,
            _ => panic!(),
        };
        let is_b = |index: &usize| !(100 + index).is_multiple_of(3);
        let (with, without): (Vec<usize>, Vec<usize>) = (0..COUNT).partition(is_b);
        let mut right = 0;
        for &i in &with {
            right += without.iter().filter(|&&j| margin(i) > margin(j)).count();
        }
        let area = right as f64 / (with.len() * without.len()) as f64;
        for scores in [a, b] {
            assert!((scores.roc_auc().unwrap() - area).abs() < 0.01, "{:?}, not {area}", scores.roc_auc());
        }
        assert_eq!([a.positives(), b.positives()], [without.len() as u64, with.len() as u64]);
        let [baseline] = &evaluation.details.baselines[..] else { panic!() };
        assert_eq!(baseline.name, "most frequent class (b)");
        assert_close(baseline.outcome.summary()["accuracy"], with.len() as f64 / COUNT as f64);
    }
}

#[test]
fn labels_are_counted_one_by_one() {
    let _turn = turn();
    let labels =
        |index: usize| vec![index.is_multiple_of(2), index.is_multiple_of(3), index.is_multiple_of(5)];
    let splits = splits(Task::MultiLabel, &["a", "b", "c"], |index| Target::Labels(labels(index)));
    let (net, test) = (net(3, true), splits.test.as_ref().unwrap());
    let evaluation = details(&net, &splits);
    let Outcome::Labels(counts) = &evaluation.outcome else { panic!() };
    let predicted: Vec<Vec<bool>> = (0..COUNT)
        .map(|index| outputs(&net, test, index).iter().map(|logit| *logit > 0.0).collect())
        .collect();
    let exact = (0..COUNT).filter(|index| predicted[*index] == labels(100 + index)).count();
    assert_close(counts.exact_match(), exact as f64 / COUNT as f64);
    for label in 0..3 {
        assert_eq!(counts.predicted(label), predicted.iter().filter(|row| row[label]).count() as u64);
        let support = (0..COUNT).filter(|index| labels(100 + index)[label]).count() as u64;
        assert_eq!(counts.support(label), support);
        assert_eq!(evaluation.details.scores[label].positives(), support);
    }
    let [baseline] = &evaluation.details.baselines[..] else { panic!() };
    let Outcome::Labels(every) = &baseline.outcome else { panic!() };
    assert_eq!((every.predicted(2), every.support(2)), (COUNT as u64, counts.support(2)));
}

#[test]
fn a_denoiser_is_compared_with_its_input() {
    let _turn = turn();
    let clean = |index: usize| {
        let mut clean = input(index);
        clean.data_mut().iter_mut().for_each(|x| *x *= 0.5);
        clean
    };
    let splits = splits(Task::Denoising, &[], |index| Target::Signal(clean(index).into()));
    let evaluation = details(&net(2, false), &splits);
    let [baseline] = &evaluation.details.baselines[..] else { panic!() };
    assert_eq!(baseline.name, "noisy input");
    let mut absolute = 0.0;
    for index in 100..100 + COUNT {
        let (input, clean) = (input(index), clean(index));
        let errors = input.data().iter().zip(clean.data()).map(|(x, y)| f64::from((x - y).abs()));
        absolute += errors.sum::<f64>() / 16.0 / COUNT as f64;
    }
    assert_close(baseline.outcome.summary()["mae"], absolute);
    let Outcome::Values(errors) = &evaluation.outcome else { panic!() };
    assert_eq!([errors.name(0), errors.name(1)], [Some("channel_1"), Some("channel_2")]);
}

#[test]
fn positions_without_a_class_count_nowhere() {
    let _turn = turn();
    // The class of the last two of 8 positions is unknown.
    let target = |index: usize| {
        Target::Positions((0..8).map(|i| if i > 5 { None } else { Some((index + i) % 2) }).collect())
    };
    let splits = splits(Task::Segmentation, &["a", "b"], target);
    let evaluation = details(&net(2, false), &splits);
    let Outcome::Positions(confusion) = &evaluation.outcome else { panic!("{:?}", evaluation.outcome) };
    assert_eq!(confusion.total(), 6 * COUNT as u64);
    let scores = &evaluation.details.scores[0];
    assert_eq!(scores.positives() + scores.negatives(), confusion.total());
    assert_close(evaluation.details.losses.iter().sum::<f64>() / COUNT as f64, evaluation.loss);
}
