//! Passes whose batch norms have the statistics of several processes.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use std::sync::{Barrier, Mutex};

use common::{everything, noise};
use graph::{BatchNorm, Conv, Graph, Weights};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use torch::{Gather, Net};

/// The gradients of all variables and the running statistics, by name.
fn state(net: &Net) -> Vec<(String, Tensor)> {
    let gradients = net.trainable().into_iter().map(|(name, variable)| (name, variable.grad()));
    let fixed = net.variables().into_iter().filter(|(_, variable)| !variable.requires_grad());
    gradients.chain(fixed).map(|(name, tensor)| (name, tensor.shallow_clone())).collect()
}

fn loss(output: &Tensor) -> Tensor {
    (output * noise("weights", &output.size())).sum(Kind::Float)
}

fn run_synced(net: &Net, x: &Tensor, gather: &mut Gather<'_>, loss: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let pass = net.run_synced(x, gather).unwrap();
    let output = pass.output().detach();
    loss(pass.output()).backward();
    pass.backward(gather).unwrap();
    output
}

fn largest(tensor: &Tensor) -> f64 {
    f64::try_from(tensor.abs().max()).unwrap()
}

/// Checks that tensors differ by rounding, beside values of about `size`.
#[track_caller]
fn close(name: &str, found: &Tensor, expected: &Tensor, size: f64) {
    let difference = largest(&(found - expected));
    assert!(difference <= 1e-5 * size, "{name}: {difference}, where values are up to {size}");
}

/// Every operation: a single process computes what it computes with libtorch's own batch norm.
#[test]
fn one_process_has_the_gradients_of_a_usual_pass() {
    let _turn = common::turn();
    for (rank, shape) in [(1, &[4, 4, 12][..]), (2, &[4, 4, 12, 12])] {
        let net = || Net::new(&VarStore::new(Device::Cpu).root(), everything(rank)).unwrap();
        let (usual, synced) = (net(), net());
        let x = noise("x", shape);
        tch::manual_seed(3);
        let expected = usual.run(&x, true).unwrap();
        loss(&expected).backward();
        tch::manual_seed(3);
        let found = run_synced(&synced, &x, &mut |values| vec![values.to_vec()], loss);
        close("output", &found, &expected, largest(&expected));
        let (found, expected) = (state(&synced), state(&usual));
        assert_eq!(found.len(), expected.len());
        // A bias before a norm has no gradient but the rounding of those that cancel out.
        let defined = expected.iter().filter(|(_, tensor)| tensor.defined());
        let size = defined.map(|(_, tensor)| largest(tensor)).fold(0.0, f64::max);
        for ((name, found), (_, expected)) in found.iter().zip(&expected) {
            // What no path leads to from the main output has no gradient in either.
            assert_eq!(found.defined(), expected.defined(), "{name}");
            if found.defined() {
                close(name, found, expected, size);
            }
        }
    }
}

/// Two processes with batches of different sizes together compute what one computes with both batches.
#[test]
fn two_processes_are_one_with_both_batches() {
    let _turn = common::turn();
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 8])?;
        let x = g.batch_norm("first", x, BatchNorm::default())?;
        let x = g.conv("conv", x, Conv::new(3, 3))?;
        let x = g.batch_norm("second", x, BatchNorm { momentum: 0.3, ..BatchNorm::default() })?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 2)?;
        g.output("y", x)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 1);
    let net = || Net::with_weights(&VarStore::new(Device::Cpu).root(), graph.clone(), &weights).unwrap();
    let whole = net();
    // The cube, because sums and squares of normalized values have no gradient.
    let cubes = |output: &Tensor| output.pow_tensor_scalar(3).sum(Kind::Float);
    cubes(&whole.run(&noise("x", &[7, 2, 8]), true).unwrap()).backward();

    let (barrier, shared) = (Barrier::new(2), Mutex::new([Vec::new(), Vec::new()]));
    let part = |process: usize, from: i64, count: i64| {
        tch::set_num_threads(1);
        let mut gather = |values: &[f32]| {
            shared.lock().unwrap()[process] = values.to_vec();
            barrier.wait();
            let all = shared.lock().unwrap().to_vec();
            barrier.wait();
            all
        };
        let net = net();
        let _ = run_synced(&net, &noise("x", &[7, 2, 8]).narrow(0, from, count), &mut gather, cubes);
        state(&net)
    };
    let [first, second] = std::thread::scope(|scope| {
        let part = &part;
        [scope.spawn(move || part(0, 0, 3)), scope.spawn(move || part(1, 3, 4))]
            .map(|thread| thread.join().unwrap())
    });
    let expected = state(&whole);
    let size = expected.iter().map(|(_, tensor)| largest(tensor)).fold(0.0, f64::max);
    for (((name, first), (_, second)), (_, whole)) in first.iter().zip(&second).zip(&expected) {
        if name.contains("running") {
            assert_eq!(first, second, "{name}");
            close(name, first, whole, size);
        } else {
            close(name, &(first + second), whole, size);
        }
    }
}
