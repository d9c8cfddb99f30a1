//! Results of a pass: named outputs, intermediate values, the same bytes each time.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use std::time::Duration;

use common::{classifier, everything, net, noise};
use tch::{Kind, Tensor};
use torch::Net;

#[test]
fn named_outputs_are_the_nodes_values() {
    let net = net(everything(1));
    let x = noise("x", &[2, 4, 12]);
    let mut seen = std::collections::BTreeMap::new();
    let inspected = net.inspect(&x, |node| {
        seen.insert(node.node.name.clone(), node.tensor.shallow_clone());
    });
    inspected.unwrap();
    let outputs = net.outputs(&x, false).unwrap();
    let names: Vec<&str> = outputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["logits", "half", "full"]);
    assert_eq!(outputs[0].1, net.run(&x, false).unwrap());
    for ((_, output), node) in outputs.iter().zip(["fc", "down", "wide"]) {
        assert_eq!(output, &seen[node]);
    }
}

#[test]
fn inspect_sees_every_node_once_in_order() {
    for (rank, shape) in [(1, &[2, 4, 12][..]), (2, &[2, 4, 12, 12])] {
        let net = net(everything(rank));
        let mut seen = Vec::new();
        let mut time = Duration::ZERO;
        net.inspect(&noise("x", shape), |node| {
            assert_eq!(net.graph().node(node.value), node.node);
            let sizes: Vec<i64> = node.node.shape.dims().iter().map(|n| i64::try_from(*n).unwrap()).collect();
            assert_eq!(node.tensor.size()[1..], sizes, "{}", node.node.name);
            seen.push(node.node.name.clone());
            time += node.time;
        })
        .unwrap();
        let expected: Vec<String> = net.graph().nodes().map(|(_, node)| node.name.clone()).collect();
        assert_eq!(seen, expected);
        assert!(time > Duration::ZERO);
    }
}

#[test]
fn the_net_may_run_while_it_is_inspected() {
    let net = net(classifier());
    let x = noise("x", &[1, 2, 16]);
    let other = noise("other", &[1, 2, 20]);
    net.inspect(&x, |_| assert!(net.run(&other, false).is_ok())).unwrap();
}

#[test]
fn two_runs_give_the_same_bytes() {
    let _turn = common::turn();
    for (rank, shape) in [(1, &[3, 4, 12][..]), (2, &[3, 4, 12, 12])] {
        let net = net(everything(rank));
        let x = noise("x", shape);
        assert_eq!(net.run(&x, false).unwrap(), net.run(&x, false).unwrap());
        let trained = || {
            let net = common::net(everything(rank));
            tch::manual_seed(3);
            net.run(&x, true).unwrap().square().sum(Kind::Float).backward();
            let gradients = net.trainable().into_iter().filter(|(_, v)| v.grad().defined());
            (net.weights(), gradients.map(|(_, v)| common::flat(&v.grad())).collect::<Vec<_>>())
        };
        assert!(trained() == trained());
    }
}

#[test]
fn gradients_reach_the_input_in_inference() {
    let net = net(classifier());
    let x = noise("x", &[1, 2, 16]).set_requires_grad(true);
    net.run(&x, false).unwrap().sum(Kind::Float).backward();
    assert!(f64::try_from(x.grad().abs().max()).unwrap() > 0.0);
    assert!(!tch::no_grad(|| net.run(&x, false).unwrap()).requires_grad());
}

#[test]
fn more_sizes_than_are_remembered() {
    let net = net(classifier());
    for _ in 0..2 {
        for length in 8..40 {
            assert_eq!(net.run(&noise("x", &[1, 2, length]), false).unwrap().size(), [1, 2]);
        }
    }
}

#[test]
fn a_net_is_a_module_that_can_go_to_another_thread() {
    let net = net(classifier());
    let output = std::thread::spawn(move || {
        let sequence = tch::nn::seq_t().add(net);
        noise("x", &[2, 2, 16]).apply_t(&sequence, false)
    });
    assert_eq!(output.join().unwrap().size(), [2, 2]);
}

#[test]
fn debug_shows_inputs_outputs_and_counts() {
    let net: Net = net(classifier());
    assert_eq!(
        format!("{net:?}"),
        r#"Net { inputs: ["x [N, 2, 16]"], outputs: ["logits [N, 2]"], nodes: 10, variables: 12, device: Cpu }"#
    );
}

#[test]
fn an_input_may_be_an_output_too() {
    let graph = graph::Graph::build(|g| {
        let x = g.input("x", [1, 4])?;
        let y = g.activation("y", x, graph::Activation::Relu)?;
        g.output("y", y)?;
        g.output("x", x)
    });
    let x: Tensor = noise("x", &[1, 1, 4]);
    let outputs = net(graph.unwrap()).outputs(&x, false).unwrap();
    assert_eq!((&outputs[0].1, &outputs[1].1), (&x.relu(), &x));
}
