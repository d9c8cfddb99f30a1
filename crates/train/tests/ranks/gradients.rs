//! The gradients of ranks are those of one process.

use std::sync::Arc;

use data::{ClassWeights, DataError, Memory, Recording, Source, Sources, Splits, Target, Task};
use graph::{Activation, Array, BatchNorm, Conv, Graph, Weights};
use torch::tch::Device;
use train::{Config, OptimizerConfig, Sgd, TrainError, Trainer};

use crate::common::{CLASSES, data_config, splits_of, turn, wave, waves};
use crate::threads::on_ranks;

/// A learning rate so large that a step is the gradient, up to rounding: the weights before it are small beside it.
const LONG: f64 = 1e4;

/// A convolution and a classifier, without dropout, which differs between ranks.
fn graph(with_norm: bool) -> Graph {
    Graph::build(|g| {
        let mut x = g.input("input", [2, 32])?;
        x = g.conv("conv", x, Conv::new(8, 5))?;
        if with_norm {
            x = g.batch_norm("bn", x, BatchNorm::default())?;
        }
        x = g.activation("relu", x, Activation::Relu)?;
        x = g.global_mean("pool", x)?;
        x = g.flatten("flatten", x)?;
        x = g.linear("fc", x, CLASSES)?;
        g.output("logits", x)
    })
    .unwrap()
}

fn config(batch_size: usize, accumulation_steps: usize) -> Config {
    Config { batch_size, accumulation_steps, learning_rate: 0.01, ..Config::default() }
}

/// The weights and the reported losses after some steps.
fn trained(mut trainer: Trainer, steps: usize) -> (Weights, Vec<f64>) {
    let losses = (0..steps).map(|_| trainer.step().unwrap().loss).collect();
    (trainer.net().weights(), losses)
}

fn alone(graph: Graph, splits: &Splits, config: Config, steps: usize) -> (Weights, Vec<f64>) {
    trained(Trainer::new(graph, splits, config, 3, Device::Cpu).unwrap(), steps)
}

/// As [`alone`] on several ranks, which have equal bytes.
fn together(
    ranks: usize,
    graph: &Graph,
    splits: &Splits,
    config: &Config,
    steps: usize,
) -> (Weights, Vec<f64>) {
    let mut results = on_ranks(ranks, |communicator| {
        let trainer = Trainer::new(graph.clone(), splits, config.clone(), 3, Device::Cpu).unwrap();
        trained(trainer.on_ranks(communicator).unwrap(), steps)
    });
    let first = results.swap_remove(0);
    for other in results {
        assert!(other == first, "the ranks differ");
    }
    first
}

/// The largest difference of an array's values, relative to its largest value.
fn difference(a: &Weights, b: &Weights) -> f32 {
    let largest = |values: &mut dyn Iterator<Item = f32>| values.map(f32::abs).fold(0.0, f32::max);
    let pairs = a.iter().zip(b.iter()).map(|((_, a), (_, b))| {
        let difference = largest(&mut a.data().iter().zip(b.data()).map(|(a, b)| a - b));
        difference / largest(&mut a.data().iter().copied())
    });
    pairs.fold(0.0, f32::max)
}

/// Batch norms use the statistics of each share, as of each accumulated batch. Only their running averages differ, because
/// one process updates them more often.
#[test]
fn ranks_are_accumulated_batches_to_the_byte() {
    let _turn = turn();
    let splits = splits_of(&data_config(), waves(0..48), None);
    for ranks in [1, 2, 4] {
        let (mut expected, losses) = alone(graph(true), &splits, config(16 / ranks, ranks), 6);
        let (mut found, found_losses) = together(ranks, &graph(true), &splits, &config(16, 1), 6);
        for statistics in ["bn.running_mean", "bn.running_var"] {
            let [expected, found] = [expected.remove(statistics), found.remove(statistics)];
            assert_eq!(expected == found, ranks == 1);
        }
        assert!(found == expected, "{ranks} ranks: {}", difference(&found, &expected));
        for (found, expected) in found_losses.iter().zip(losses) {
            assert!((found - expected).abs() < 1e-12, "{ranks} ranks: {found}, not {expected}");
        }
    }
}

/// Ranks that accumulate add in another order than one process.
#[test]
fn ranks_that_accumulate_have_the_gradient_of_all_batches() {
    let _turn = turn();
    let splits = splits_of(&data_config(), waves(0..48), None);
    let before = Weights::initial(&graph(false), 3);
    let expected = alone(graph(false), &splits, Config { accumulation_steps: 6, ..sgd(LONG, 8) }, 1).0;
    let ranks = Config { accumulation_steps: 3, ..sgd(LONG, 16) };
    let found = together(2, &graph(false), &splits, &ranks, 1).0;
    let difference = difference(&steps(&before, &found), &steps(&before, &expected));
    assert!(difference < 1e-6, "{difference}");
}

/// With `sync_norm`, ranks train as one process with the whole batch, running averages included.
#[test]
fn synced_norms_have_the_statistics_of_the_batch() {
    let _turn = turn();
    let splits = splits_of(&data_config(), waves(0..48), None);
    for (ranks, batch) in [(2, 16), (3, 16), (4, 8)] {
        let config = Config { sync_norm: true, ..sgd(LONG, batch) };
        let before = Weights::initial(&graph(true), 3);
        let (expected, losses) = alone(graph(true), &splits, config.clone(), 1);
        let (found, found_losses) = together(ranks, &graph(true), &splits, &config, 1);
        let [expected, found] = [expected, found].map(|after| steps(&before, &after));
        // The bias before a norm has no gradient but rounding.
        let [expected, found] = [expected, found].map(|mut step| {
            step.remove("conv.bias");
            step
        });
        assert!(difference(&found, &expected) < 1e-5, "{ranks} ranks: {}", difference(&found, &expected));
        assert!((found_losses[0] - losses[0]).abs() < 1e-6, "{found_losses:?}, not {losses:?}");
    }
}

/// Gradient descent without momentum, whose step is the learning rate times the gradient.
fn sgd(learning_rate: f64, batch_size: usize) -> Config {
    let optimizer = OptimizerConfig::Sgd(Sgd { momentum: 0.0, nesterov: false });
    Config { optimizer, weight_decay: 0.0, learning_rate, ..config(batch_size, 1) }
}

/// The differences between weights.
fn steps(before: &Weights, after: &Weights) -> Weights {
    let mut steps = Weights::default();
    for ((name, before), (_, after)) in before.iter().zip(after.iter()) {
        let step = Array::from_fn(before.shape(), |i| before.data()[i] - after.data()[i]);
        steps.insert(name, step);
    }
    steps
}

/// The gradient of the first step.
fn gradient(ranks: usize, splits: &Splits, batch_size: usize) -> Weights {
    let after = together(ranks, &graph(false), splits, &sgd(LONG, batch_size), 1).0;
    steps(&Weights::initial(&graph(false), 3), &after)
}

#[test]
fn shares_of_different_sizes_and_weights_have_the_gradient_of_the_batch() {
    let _turn = turn();
    let weights = ClassWeights::List(vec![1.0, 5.0, 0.25]);
    let weighted = data::Config { class_weights: Some(weights), ..data_config() };
    for (config, batch) in [(data_config(), 15), (data_config(), 7), (weighted, 16)] {
        let splits = splits_of(&config, waves(0..48), None);
        let expected = gradient(1, &splits, batch);
        for ranks in [2, 3, 4] {
            let difference = difference(&gradient(ranks, &splits, batch), &expected);
            assert!(difference < 1e-6, "{ranks} ranks, batches of {batch}: {difference}");
        }
    }
}

#[test]
fn batches_have_an_example_for_each_rank() {
    let _turn = turn();
    let refused = |examples: usize, config: Config| {
        let splits = splits_of(&data_config(), waves(0..examples), None);
        on_ranks(4, |communicator| {
            let trainer = Trainer::new(graph(false), &splits, config.clone(), 3, Device::Cpu).unwrap();
            trainer.on_ranks(communicator).err().map(|error| error.to_string())
        })
        .swap_remove(0)
    };
    let expected = |found| {
        Some(format!(
            "train.batch_size: expected batches of at least 4 examples, one for each rank, found a batch of {found}"
        ))
    };
    assert_eq!(refused(48, config(3, 1)), expected(3));
    assert_eq!(refused(48, config(4, 1)), None);
    // All examples are fewer than a step: batches of 8 and 2 examples.
    assert_eq!(refused(10, config(8, 2)), expected(2));
    // The last batch is left out.
    assert_eq!(refused(10, config(8, 1)), None);
}

/// Waves of which one can no longer be read after it has been checked.
struct Deleted(Memory, std::sync::atomic::AtomicUsize);

impl Source for Deleted {
    fn len(&self) -> usize {
        self.0.recordings.len()
    }

    fn classes(&self) -> &[String] {
        &self.0.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        let reads = if index == 5 { self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) } else { 0 };
        if reads > 0 { Err(DataError::new("wave 5", "deleted")) } else { Ok(wave(index)) }
    }
}

#[test]
fn all_ranks_end_if_one_cannot_read_its_examples() {
    let _turn = turn();
    let train = Arc::new(Deleted(waves(0..16), 0.into()));
    let sources = Sources { train, validation: None, test: None };
    let splits = Splits::of(&data_config(), &[2, 32].into(), sources).unwrap();
    let errors = on_ranks(4, |communicator| {
        let trainer = Trainer::new(graph(false), &splits, config(16, 1), 3, Device::Cpu).unwrap();
        trainer.on_ranks(communicator).unwrap().step().unwrap_err()
    });
    let is_own = |error: &TrainError| matches!(error, TrainError::Data(_));
    assert_eq!(errors.iter().filter(|error| is_own(error)).count(), 1, "{errors:?}");
    let failed = errors.iter().position(is_own).unwrap();
    for error in errors {
        let expected = if is_own(&error) {
            "wave 5: deleted".to_owned()
        } else {
            format!("rank {failed}: wave 5: deleted")
        };
        assert_eq!(error.to_string(), expected);
    }
}

/// A label for each sample, of which half are unknown in some recordings.
#[test]
fn unknown_targets_do_not_count() {
    let _turn = turn();
    let graph = || {
        Graph::build(|g| {
            let x = g.input("input", [2, 32])?;
            let x = g.conv("conv", x, Conv::new(CLASSES, 5))?;
            g.output("logits", x)
        })
        .unwrap()
    };
    let mut memory = waves(0..12);
    for (i, recording) in memory.recordings.iter_mut().enumerate() {
        let known = 4 + 2 * i;
        recording.target =
            Target::Positions((0..32).map(|t| if t < known { Some(i % CLASSES) } else { None }).collect());
    }
    let splits = splits_of(&data::Config::new(Task::Segmentation), memory, None);
    let config = sgd(LONG, 12);
    let (expected, losses) = together(1, &graph(), &splits, &config, 1);
    for ranks in [2, 3] {
        let (found, found_losses) = together(ranks, &graph(), &splits, &config, 1);
        assert!(difference(&found, &expected) < 1e-6);
        assert!((found_losses[0] - losses[0]).abs() < 1e-6 * losses[0], "{found_losses:?}, not {losses:?}");
    }
}
