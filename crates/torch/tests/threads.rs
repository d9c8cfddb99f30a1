//! The two ways to use nets from several threads: one net behind a lock, or one net per thread.

#![allow(clippy::unwrap_used, reason = "a helper fails its test by panicking")]

mod common;

use std::sync::Mutex;

use common::everything;
use graph::{Array, Forward, Graph, Noise, Weights, single};
use tch::Device;
use tch::nn::VarStore;
use torch::{MergedNet, Net, TorchError};

const THREADS: usize = 4;
const RUNS: usize = 8;

fn is_sent<T: Send>() {}
fn is_shared<T: Send + Sync>() {}

fn make(graph: &Graph, weights: &Weights) -> Net {
    Net::with_weights(&VarStore::new(Device::Cpu).root(), graph.clone(), weights).unwrap()
}

fn input(run: usize) -> [Array; 1] {
    let noise = Noise::of(&format!("run {run}"));
    [Array::from_fn([2, 4, 12], |i| single(noise.normal(i as u64)))]
}

/// The outputs of all runs of all threads, in order. Each run of `forward` may happen on any thread.
fn on_threads(forward: impl Fn(&[Array]) -> Vec<Array> + Sync) -> Vec<Vec<Array>> {
    let of_thread =
        |thread: usize| (0..RUNS).map(|run| forward(&input(thread * RUNS + run))).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || of_thread(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn a_lock_and_a_net_per_thread_compute_the_same_bytes() {
    is_sent::<(Net, MergedNet)>();
    is_shared::<TorchError>();
    let graph = everything(1);
    let weights = Weights::initial(&graph, 3);
    let mut alone = make(&graph, &weights);
    let expected: Vec<Vec<Array>> =
        (0..THREADS * RUNS).map(|run| alone.forward(&input(run)).unwrap()).collect();

    let locked = Mutex::new(make(&graph, &weights));
    assert_eq!(on_threads(|x| locked.lock().unwrap().forward(x).unwrap()), expected);

    // Created on the thread that uses it; it could also be created elsewhere and moved.
    assert_eq!(on_threads(|x| make(&graph, &weights).forward(x).unwrap()), expected);
    let moved = make(&graph, &weights);
    let first = std::thread::spawn(move || {
        let mut moved = moved;
        moved.forward(&input(0)).unwrap()
    });
    assert_eq!(first.join().unwrap(), expected[0]);
}
