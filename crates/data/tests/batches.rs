//! Batches depend only on the seed, the epoch and the index.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use data::{Augment, Batch, Config, DataError, ExampleTarget, Examples, Memory, Order, Recording, Source};
use data::{Sources, Splits, Target, Targets, Task};
use graph::Array;

fn noise() -> Memory {
    let recording = |number: usize| {
        Recording::new(
            format!("recording {number}"),
            Array::from_fn([2, 20], |i| (number * 41 % 17 * (i + 1) % 13) as f32),
            Target::Class(number % 2),
        )
    };
    let classes = ["a", "b"].map(str::to_owned).to_vec();
    Memory { classes, recordings: (0..53).map(recording).collect(), ..Memory::default() }
}

fn examples(source: impl Source + 'static, threads: usize) -> Examples {
    let augment = Augment {
        jitter: Some(0.1),
        scale: Some(0.1),
        shift: Some(3),
        channel_dropout: Some(0.2),
        mask: Some(0.3),
        wander: Some(0.2),
        ..Augment::default()
    };
    let config = Config { augment, threads: Some(threads), ..Config::new(Task::Classification) };
    let sources = Sources { train: Arc::new(source), validation: None, test: None };
    Splits::of(&config, &[2, 20].into(), sources).unwrap().train
}

fn all(examples: &Examples, order: Order, from: usize) -> Vec<Batch> {
    examples.batches(order, 8, from).collect::<Result<_, _>>().unwrap()
}

const SHUFFLED: Order = Order::Shuffled { seed: 5, epoch: 2 };

#[test]
fn batches_do_not_depend_on_the_number_of_threads_or_the_first_batch() {
    for order in [Order::InOrder, SHUFFLED] {
        let expected = all(&examples(noise(), 1), order, 0);
        assert_eq!(
            expected.iter().map(|batch| batch.input.shape()[0]).collect::<Vec<_>>(),
            [8, 8, 8, 8, 8, 8, 5]
        );
        for threads in [2, 4, 16] {
            assert_eq!(all(&examples(noise(), threads), order, 0), expected);
        }
        for from in 1..=8 {
            assert_eq!(all(&examples(noise(), 3), order, from), expected[from.min(7)..]);
        }
    }
}

#[test]
fn each_epoch_has_every_example_once_in_its_own_order() {
    let examples = examples(noise(), 2);
    let classes = |order| -> Vec<i64> {
        let batch_classes = |batch: Batch| match batch.target {
            Targets::Classes(classes) => classes,
            Targets::Positions { .. } | Targets::Labels(_) | Targets::Values(_) => panic!("classes"),
        };
        all(&examples, order, 0).into_iter().flat_map(batch_classes).collect()
    };
    let in_order = classes(Order::InOrder);
    assert_eq!(in_order, (0..53).map(|i| i % 2).collect::<Vec<_>>());
    let mut orders: Vec<Vec<i64>> = Vec::new();
    for (seed, epoch) in [(0, 0), (0, 1), (1, 0)] {
        let mut found = classes(Order::Shuffled { seed, epoch });
        assert!(!orders.contains(&found) && found != in_order);
        orders.push(found.clone());
        found.sort_unstable();
        assert_eq!(found.iter().sum::<i64>(), 26);
    }
}

#[test]
fn examples_are_functions_of_seed_epoch_and_index() {
    let examples = examples(noise(), 1);
    let plain = |index| examples.example(index, Order::InOrder).unwrap();
    for index in [0, 7, 52] {
        let first = examples.example(index, SHUFFLED).unwrap();
        assert_eq!(examples.example(index, SHUFFLED).unwrap(), first);
        assert_eq!(first.target, plain(index).target);
        for other in
            [Order::Shuffled { seed: 5, epoch: 3 }, Order::Shuffled { seed: 6, epoch: 2 }, Order::InOrder]
        {
            assert_ne!(examples.example(index, other).unwrap().input, first.input);
        }
        assert_eq!(plain(index), plain(index));
    }
    let error = examples.example(53, Order::InOrder).unwrap_err();
    assert_eq!(error.to_string(), "data: expected an example index below 53, found 53");
}

#[test]
fn examples_have_the_target_of_their_own_recording() {
    let examples = examples(noise(), 1);
    for (index, recording) in noise().recordings.iter().enumerate() {
        let example = examples.example(index, SHUFFLED).unwrap();
        assert_eq!(example.origin, recording.origin);
        assert_eq!(example.target, ExampleTarget::Class(i64::from(index % 2 == 1)));
    }
}

/// A source that counts its reads, and that fails or panics when a recording is read again.
struct Flawed {
    inner: Memory,
    reads: Arc<AtomicUsize>,
    scans: Mutex<usize>,
    panics: bool,
}

impl Source for Flawed {
    fn len(&self) -> usize {
        self.inner.len()
    }

    fn classes(&self) -> &[String] {
        &self.inner.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if index == 20 {
            let mut scans = self.scans.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *scans += 1;
            assert!(*scans == 1 || !self.panics, "a panic for this test");
            if *scans > 1 {
                return Err(DataError::new("recording 20", "deleted"));
            }
        }
        self.inner.recording(index)
    }
}

fn flawed(panics: bool) -> (Flawed, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    (Flawed { inner: noise(), reads: Arc::clone(&reads), scans: Mutex::new(0), panics }, reads)
}

#[test]
fn an_error_ends_the_batches() {
    for (panics, expected) in
        [(false, "recording 20: deleted"), (true, "recording 21: the source panicked: a panic for this test")]
    {
        let (source, _) = flawed(panics);
        let batches: Vec<_> = examples(source, 3).batches(Order::InOrder, 8, 0).collect();
        assert_eq!(batches.len(), 3);
        assert!(batches[..2].iter().all(Result::is_ok));
        assert_eq!(batches[2].as_ref().unwrap_err().to_string(), expected);
    }
}

#[test]
fn loading_is_bounded_and_ends_when_dropped() {
    let (source, reads) = flawed(false);
    let examples = examples(source, 2);
    let before = reads.load(Ordering::SeqCst);
    let mut batches = examples.batches(Order::InOrder, 1, 0);
    batches.next().unwrap().unwrap();
    drop(batches);
    let read = reads.load(Ordering::SeqCst) - before;
    assert!((1..=5).contains(&read), "{read} of 53 recordings for one batch and two ahead on two threads");
    assert_eq!(Arc::strong_count(&reads), 2, "the examples and this test");
    drop(examples);
    assert_eq!(Arc::strong_count(&reads), 1, "no thread holds the source any longer");
}
