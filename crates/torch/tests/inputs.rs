//! Inputs that a net refuses, and the messages.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{classifier, everything, net, noise, one};
use graph::{BatchNorm, Conv, Graph, Padding, Shape};
use tch::nn::ModuleT;
use tch::{Device, Kind, Tensor};
use torch::Net;

/// The error has this message, and so has `forward_t`'s panic.
#[track_caller]
fn check(net: &Net, input: &Tensor, train: bool, expected: &str) {
    let error = net.run(input, train).expect_err(expected);
    assert_eq!(error.to_string(), expected);
    let panic =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| net.forward_t(input, train))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some(expected));
}

fn zeros(shape: &[i64]) -> Tensor {
    Tensor::zeros(shape, (Kind::Float, Device::Cpu))
}

#[test]
fn the_rank() {
    let series = net(classifier());
    check(&series, &zeros(&[2, 16]), false, "x: expected a batch of series [N, C, T], found [2, 16]");
    check(
        &series,
        &zeros(&[1, 2, 16, 16]),
        false,
        "x: expected a batch of series [N, C, T], found [1, 2, 16, 16]",
    );
    check(&series, &zeros(&[]), false, "x: expected a batch of series [N, C, T], found []");
    check(
        &net(everything(2)),
        &zeros(&[4, 12, 12]),
        false,
        "x: expected a batch of images [N, C, H, W], found [4, 12, 12]",
    );
}

/// The message is the graph's own, which names this node.
#[track_caller]
fn check_shape(net: &Net, shape: &[usize], node: &str) {
    let of_graph = net.graph().shapes_for(&[Shape::new(shape[0], &shape[1..])]).unwrap_err();
    assert_eq!(of_graph.node(), node);
    let sizes: Vec<i64> = [1].iter().chain(shape).map(|n| i64::try_from(*n).unwrap()).collect();
    check(net, &zeros(&sizes), false, &of_graph.to_string());
}

#[test]
fn the_channels() {
    check_shape(&net(classifier()), &[3, 16], "x");
}

#[test]
fn the_size() {
    let valid = Conv { padding: Padding::Valid, ..Conv::new(1, 5) };
    let net = one(&[1, 8], |g, x| g.conv("conv", x, valid));
    check_shape(&net, &[1, 4], "conv");
    check_shape(&net, &[1, 0], "x");
}

#[test]
fn a_size_that_a_parameter_is_bound_to() {
    check_shape(&one(&[1, 8], |g, x| g.position_norm("norm", x, 1e-3)), &[1, 9], "norm");
    let flat = one(&[1, 8], |g, x| {
        let x = g.flatten("flatten", x)?;
        g.linear("fc", x, 2)
    });
    check_shape(&flat, &[1, 9], "fc");
}

#[test]
fn the_kind() {
    let net = net(classifier());
    for kind in [Kind::Int64, Kind::Double, Kind::Bool] {
        let expected = format!("x: expected a tensor of kind Float, found {kind:?}");
        check(&net, &zeros(&[1, 2, 16]).to_kind(kind), false, &expected);
    }
    let bare = one(&[1, 8], |g, x| g.activation("act", x, graph::Activation::Relu));
    check(
        &bare,
        &zeros(&[1, 1, 8]).to_kind(Kind::Int64),
        false,
        "x: expected a tensor of kind Float, found Int64",
    );
    assert!(bare.run(&zeros(&[1, 1, 8]).to_kind(Kind::Double), false).is_ok());
}

#[test]
fn an_undefined_tensor() {
    check(&net(classifier()), &Tensor::new(), false, "x: the tensor is undefined");
}

#[test]
fn one_value_per_channel_has_no_variance() {
    let net = one(&[1, 1], |g, x| g.batch_norm("bn", x, BatchNorm::default()));
    let expected =
        "bn: batch_norm: expected at least 2 values per channel in training, found 1 in a batch of 1";
    check(&net, &zeros(&[1, 1, 1]), true, expected);
    assert!(net.run(&zeros(&[1, 1, 1]), false).is_ok());
    assert!(net.run(&zeros(&[2, 1, 1]), true).is_ok());
    assert!(net.weights().iter().all(|(_, array)| array.data().iter().all(|v| v.is_finite())));
}

#[test]
fn the_number_of_inputs_and_their_batches() {
    let two = Graph::build(|g| {
        let a = g.input("a", [1, 4])?;
        let b = g.input("b", [1, 4])?;
        let sum = g.add("sum", &[a, b])?;
        g.output("sum", sum)
    });
    let two = net(two.unwrap());
    check(&two, &zeros(&[1, 1, 4]), false, "graph: expected 2 inputs, found 1");
    let error = two.run_all(&[zeros(&[2, 1, 4]), zeros(&[1, 1, 4])], false).unwrap_err();
    assert_eq!(error.to_string(), "b: expected a batch of 2, as of the first input, found 1");
    assert_eq!(error.node(), Some("b"));
    let error = two.run_all(&[zeros(&[1, 1, 4]), zeros(&[1, 1, 5])], false).unwrap_err();
    assert_eq!(error.node(), Some("sum"));
    let outputs = two.run_all(&[zeros(&[3, 1, 6]), zeros(&[3, 1, 6])], false).unwrap();
    assert_eq!(outputs[0].1.size(), [3, 1, 6]);
}

#[test]
fn an_empty_batch_is_empty_or_refused() {
    for (rank, shape) in [(1, &[0, 4, 12][..]), (2, &[0, 4, 12, 12])] {
        let net = net(everything(rank));
        assert_eq!(net.run(&zeros(shape), false).unwrap().size(), [0, 3]);
        let expected =
            "bn: batch_norm: expected at least 2 values per channel in training, found 0 in a batch of 0";
        check(&net, &zeros(shape), true, expected);
    }
}

#[test]
fn a_refused_input_leaves_the_net_usable() {
    let net = net(classifier());
    let x = noise("x", &[2, 2, 16]);
    let before = net.run(&x, false).unwrap();
    let _ = net.run(&zeros(&[1, 5, 16]), true).unwrap_err();
    assert_eq!(net.run(&x, false).unwrap(), before);
}
