//! The merged net computes what the trained one does.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{everything, net, noise};
use graph::{Activation, Array, BatchNorm, BuildError, Conv, Graph, Padding, Pool, Scope, Value};
use tch::nn::{self, ModuleT, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};
use torch::{Load, Net};

/// A re-parameterizable layer: two convolutions, a 1 x 1 one, and the identity if the shapes are equal.
fn layer(g: Scope<'_>, x: Value, conv: Conv) -> Result<Value, BuildError> {
    let mut branches = Vec::new();
    for i in 0..2 {
        let y = g.conv(format!("conv_kxk.{i}.conv"), x, conv)?;
        branches.push(g.batch_norm(format!("conv_kxk.{i}.bn"), y, BatchNorm::default())?);
    }
    let y = g.conv("conv_scale.conv", x, Conv { kernel: 1.into(), padding: Padding::Symmetric, ..conv })?;
    branches.push(g.batch_norm("conv_scale.bn", y, BatchNorm::default())?);
    if conv.stride.is_one() && g.channels(x) == conv.out {
        branches.push(g.batch_norm("identity", x, BatchNorm::default())?);
    }
    let sum = g.add("reparam_conv", &branches)?;
    g.activation("act", sum, Activation::Relu)
}

fn branched(rank: usize) -> Graph {
    Graph::build(|g| {
        let x = g.input("x", graph::Shape::new(3, vec![12; rank]))?;
        let x = layer(g / "a", x, Conv { stride: 2.into(), ..Conv::new(8, 3) })?;
        let x = layer(g / "b", x, Conv { groups: 8, ..Conv::new(8, 3) })?;
        let causal = Conv { padding: Padding::Causal, dilation: 2.into(), ..Conv::new(8, 3) };
        let x = layer(g / "c", x, causal)?;
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 3)?;
        g.output("logits", x)
    })
    .unwrap()
}

/// Some steps of a real optimizer, so that statistics and scales are not the initial ones.
fn trained(graph: Graph, shape: &[i64]) -> Net {
    let store = VarStore::new(Device::Cpu);
    let net = Net::new(&store.root(), graph).unwrap();
    let mut optimizer = nn::Adam::default().build(&store, 1e-2).unwrap();
    let labels = Tensor::from_slice(&[0i64, 1, 2, 0]);
    for step in 0..8 {
        let batch = noise(&format!("batch {step}"), shape) * 2 + 0.5;
        optimizer.backward_step(&net.forward_t(&batch, true).cross_entropy_for_logits(&labels));
    }
    net
}

/// Norm of the difference over the norm.
fn difference(found: &Tensor, expected: &Tensor) -> f64 {
    f64::try_from((found - expected).norm() / expected.norm()).unwrap()
}

#[test]
fn a_trained_net_merges_into_the_same_function_at_every_size() {
    for rank in [1, 2] {
        let size = |n: i64| [vec![4, 3], vec![n; rank]].concat();
        let net = trained(branched(rank), &size(12));
        let merged = net.merged().unwrap();
        let of_merging = merged.difference.unwrap();
        assert!(of_merging < 1e-5, "{of_merging}");
        assert!(merged.refusals.is_empty(), "{:?}", merged.refusals);
        for n in [9, 12, 20] {
            let x = noise("x", &size(n));
            let (expected, found) = (net.run(&x, false).unwrap(), merged.net.run(&x, false).unwrap());
            assert!(difference(&found, &expected) < 1e-5, "{rank}D of size {n}");
        }
        let names: Vec<String> = merged.net.variables().into_iter().map(|(name, _)| name).collect();
        let expected = ["a", "b", "c"].map(|l| ["weight", "bias"].map(|p| format!("{l}.reparam_conv.{p}")));
        assert_eq!(names[..6], expected.concat());
        assert_eq!(names[6..], ["fc.weight", "fc.bias"]);
    }
}

#[test]
fn every_operation_survives_merging() {
    for (rank, shape) in [(1, &[4, 4, 12][..]), (2, &[4, 4, 12, 12])] {
        let net = trained(everything(rank), shape);
        let merged = net.merged().unwrap();
        let x = noise("x", shape);
        let (expected, found) = (net.outputs(&x, false).unwrap(), merged.net.outputs(&x, false).unwrap());
        for ((name, expected), (same, found)) in expected.iter().zip(&found) {
            assert_eq!(name, same);
            assert!(difference(found, expected) < 1e-4, "{name}");
        }
        assert!(merged.net.graph().nodes().all(|(_, node)| !matches!(node.op, graph::Op::Dropout { .. })));
    }
}

#[test]
fn refusals_are_reported() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 8])?;
        let x = g.conv("conv", x, Conv::new(4, 3))?;
        let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
        let x = g.max_pool("pool", x, pool)?;
        let x = g.batch_norm("bn", x, BatchNorm::default())?;
        g.output("y", x)
    });
    let merged = net(graph.unwrap()).merged().unwrap();
    let nodes: Vec<&str> = merged.refusals.iter().map(|refusal| refusal.node.as_str()).collect();
    assert_eq!(nodes, ["bn"]);
}

#[test]
fn the_merged_net_is_independent() {
    let net = trained(branched(1), &[4, 3, 12]);
    let x = noise("x", &[4, 3, 12]);
    let expected = net.run(&x, false).unwrap();
    let before = net.weights();
    let torch::MergedNet { net: merged, store, .. } = net.merged().unwrap();
    assert_eq!(net.weights(), before);
    assert_eq!(store.len(), merged.variables().len());
    assert!(merged.trainable().is_empty());
    drop((net, store));
    assert!(difference(&merged.run(&x, false).unwrap(), &expected) < 1e-5);
    assert!(!merged.run(&x, false).unwrap().requires_grad());
}

#[test]
fn the_merged_net_keeps_the_kind() {
    let mut store = VarStore::new(Device::Cpu);
    store.set_kind(Kind::Double);
    let merged = Net::new(&store.root(), branched(2)).unwrap().merged().unwrap();
    assert!(merged.net.variables().iter().all(|(_, variable)| variable.kind() == Kind::Double));
    assert!(merged.difference.unwrap() < 1e-6);
}

#[test]
fn a_net_without_variables_merges() {
    let merged = common::one(&[1, 4], |g, x| g.activation("act", x, Activation::Relu)).merged().unwrap();
    assert!(merged.net.variables().is_empty() && merged.refusals.is_empty());
}

#[test]
fn an_output_that_differs_is_an_error() {
    let mut net = net(branched(1));
    let mut weights = net.weights();
    weights.insert("fc.bias", Array::from_fn([3], |_| f32::NAN));
    net.load(&weights, Load::Strict).unwrap();
    let error = net.merged().unwrap_err();
    assert_eq!(
        error.to_string(),
        "output `logits`: expected merging to change it by at most 1e-3 of its norm, found NaN"
    );
}

/// A model file may declare any input size.
#[test]
fn a_size_that_would_compute_for_minutes_is_not_compared_at() {
    let huge = Graph::build(|g| {
        let x = g.input("x", [1, 1 << 24])?;
        let x = g.conv("a", x, Conv::new(256, 3))?;
        let x = g.batch_norm("b", x, BatchNorm::default())?;
        let x = g.conv("c", x, Conv::new(256, 3))?;
        g.output("y", x)
    });
    let merged = net(huge.unwrap()).merged().unwrap();
    assert!(merged.difference.is_some_and(|difference| difference < 1e-5));
    // A norm over positions works for one input size only.
    let bound = Graph::build(|g| {
        let x = g.input("x", [16, 1 << 24])?;
        let x = g.batch_norm("a", x, BatchNorm::default())?;
        let x = g.batch_norm("b", x, BatchNorm::default())?;
        let y = g.average_pool(
            "c",
            x,
            Pool { kernel: 1024.into(), stride: 1024.into(), padding: Padding::Valid },
            true,
        )?;
        let y = g.position_norm("norm", y, 1e-5)?;
        g.output("y", y)
    });
    assert_eq!(net(bound.unwrap()).merged().unwrap().difference, None);
}
