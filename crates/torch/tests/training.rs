//! Training: gradients, statistics, dropouts, frozen parts, optimizers.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{check, classifier, everything, flat, noise, one};
use graph::{BatchNorm, DropUnit};
use tch::nn::{self, ModuleT, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};
use torch::{FreezeReport, Net};

fn loss(net: &Net, batch: &Tensor, labels: &Tensor) -> Tensor {
    net.forward_t(batch, true).cross_entropy_for_logits(labels)
}

/// A batch of two classes that differ in frequency.
fn two_classes() -> (Tensor, Tensor) {
    // Tests run in parallel; further threads would wait for one another.
    tch::set_num_threads(1);
    let time = Tensor::arange(16, (Kind::Float, Device::Cpu));
    let wave = |i: i64| {
        let speed = if i % 2 == 0 { 0.4 } else { 1.6 };
        let x = (&time * speed + i as f64).sin();
        Tensor::stack(&[x.shallow_clone(), -x], 0)
    };
    let batch: Vec<Tensor> = (0..16).map(wave).collect();
    (Tensor::stack(&batch, 0), Tensor::arange(16, (Kind::Int64, Device::Cpu)).remainder(2))
}

#[test]
fn gradients_reach_every_trainable_variable() {
    let _turn = common::turn();
    for (rank, shape) in [(1, &[4, 4, 12][..]), (2, &[4, 4, 12, 12])] {
        let store = VarStore::new(Device::Cpu);
        let net = Net::new(&store.root(), everything(rank)).unwrap();
        let outputs = net.outputs(&noise("x", shape), true).unwrap();
        let terms =
            outputs.iter().map(|(_, output)| (output * noise("weights", &output.size())).sum(Kind::Float));
        terms.reduce(|a, b| a + b).unwrap().backward();
        let trainable = net.trainable();
        assert_eq!(trainable.len(), store.trainable_variables().len());
        assert_eq!(trainable.len(), net.graph().parameters().filter(|p| p.role.is_trainable()).count());
        for (name, variable) in trainable {
            let gradient = variable.grad();
            assert!(gradient.defined(), "{rank}D: no gradient at {name}");
            let largest = f64::try_from(gradient.abs().max()).unwrap();
            assert!(largest > 0.0 && largest.is_finite(), "{rank}D: gradient {largest} at {name}");
        }
    }
}

#[test]
fn running_statistics_move_in_training_only() {
    let norm = BatchNorm { momentum: 0.25, ..BatchNorm::default() };
    let net = one(&[1, 2], |g, x| g.batch_norm("bn", x, norm));
    let x = Tensor::from_slice(&[1f32, 3., 5., 7.]).reshape([2, 1, 2]);
    let statistics = |net: &Net| {
        let weights = net.weights();
        Tensor::from_slice(
            &["bn.running_mean", "bn.running_var"].map(|name| weights.get(name).unwrap().data()[0]),
        )
    };
    let _ = net.run(&x, false).unwrap();
    check(&statistics(&net), &[2], &[0., 1.]);
    let found = net.run(&x, true).unwrap();
    // Mean 4 and variance 5 of the batch normalize it; the running variance takes the unbiased 20 / 3.
    let deviation = 5.00001f32.sqrt();
    check(&found, &[2, 1, 2], &[-3., -1., 1., 3.].map(|v| v / deviation));
    check(&statistics(&net), &[2], &[1., 0.75 + 0.25 * 20. / 3.]);
}

#[test]
fn dropouts_act_in_training_only() {
    let _turn = common::turn();
    tch::manual_seed(1);
    let x = Tensor::ones([64, 8, 16], (Kind::Float, Device::Cpu));
    for (unit, per) in [(DropUnit::Element, 64 * 8 * 16), (DropUnit::Channel, 64 * 8), (DropUnit::Path, 64)] {
        let net = one(&[8, 16], |g, v| g.dropout("drop", v, 0.25, unit));
        assert_eq!(net.run(&x, false).unwrap(), x);
        let found = net.run(&x, true).unwrap();
        let units = found.reshape([per, -1]);
        assert_eq!(units.amax([1], false), units.amin([1], false), "{unit:?} drops parts of its unit");
        let kept = flat(&units.select(1, 0));
        assert!(kept.iter().all(|v| *v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-6), "{unit:?}: {kept:?}");
        let share = kept.iter().filter(|v| **v > 0.0).count() as f64 / kept.len() as f64;
        assert!((share - 0.75).abs() < 0.2, "{unit:?} keeps {share}");
    }
}

#[test]
fn dropouts_act_on_feature_vectors() {
    let _turn = common::turn();
    tch::manual_seed(1);
    for unit in [DropUnit::Element, DropUnit::Channel, DropUnit::Path] {
        let net = one(&[8, 1], |g, v| {
            let v = g.flatten("flatten", v)?;
            g.dropout("drop", v, 0.5, unit)
        });
        let found = net.run(&Tensor::ones([32, 8, 1], (Kind::Float, Device::Cpu)), true).unwrap();
        assert!(flat(&found).contains(&0.0) && flat(&found).contains(&2.0), "{unit:?}");
    }
}

#[test]
fn tch_optimizers_reduce_the_loss() {
    let (batch, labels) = two_classes();
    let store = || VarStore::new(Device::Cpu);
    let (a, b) = (store(), store());
    let optimizers =
        [(&a, nn::Adam::default().build(&a, 1e-2)), (&b, nn::sgd(0.9, 0., 0., false).build(&b, 1e-2))];
    for (store, optimizer) in optimizers {
        // tch's optimizers also train variables made after them.
        let (net, mut optimizer) = (Net::new(&store.root(), classifier()).unwrap(), optimizer.unwrap());
        let first = f64::try_from(loss(&net, &batch, &labels)).unwrap();
        for _ in 0..30 {
            optimizer.backward_step(&loss(&net, &batch, &labels));
        }
        let last = f64::try_from(loss(&net, &batch, &labels)).unwrap();
        assert!(last < 0.5 * first, "{first} to {last}");
    }
}

#[test]
fn a_frozen_part_stays_as_it_is() {
    let (batch, labels) = two_classes();
    let store = VarStore::new(Device::Cpu);
    let mut net = Net::new(&store.root(), classifier()).unwrap();
    let mut optimizer = nn::adamw(0.9, 0.999, 0.1).build(&store, 1e-2).unwrap();
    // Momentum and weight decay of these steps must not change the frozen part.
    for _ in 0..3 {
        optimizer.backward_step(&loss(&net, &batch, &labels));
    }
    assert_eq!(net.freeze("layer1").unwrap().tensors, 3);
    let before = net.weights();
    for _ in 0..3 {
        optimizer.backward_step(&loss(&net, &batch, &labels));
    }
    let after = net.weights();
    for (name, array) in before.iter() {
        let same = after.get(name).unwrap() == array;
        assert_eq!(same, name.starts_with("layer1."), "{name}");
    }
    assert_eq!(net.trainable().len(), 5);
    assert_eq!(net.unfreeze("layer1").unwrap().tensors, 3);
    optimizer.backward_step(&loss(&net, &batch, &labels));
    for (name, array) in after.iter() {
        assert!(net.weights().get(name).unwrap() != array, "{name} does not learn again");
    }
}

#[test]
fn a_frozen_batch_norm_normalizes_by_its_running_statistics() {
    let mut net = one(&[1, 2], |g, x| g.batch_norm("bn", x, BatchNorm::default()));
    let x = Tensor::from_slice(&[1f32, 3., 5., 7.]).reshape([2, 1, 2]);
    assert_eq!(net.freeze("bn").unwrap(), FreezeReport { tensors: 2, values: 2 });
    assert_eq!(net.run(&x, true).unwrap(), net.run(&x, false).unwrap());
}

#[test]
fn prefixes_are_whole_parts_of_names() {
    let mut net = common::net(classifier());
    for (part, tensors) in [("layer1.bn", 2), ("layer10.conv.weight", 1), ("fc", 2), ("", 8)] {
        assert_eq!(net.freeze(part).unwrap().tensors, tensors, "{part}");
    }
    assert!(net.trainable().is_empty());
}

#[test]
fn only_what_the_main_output_needs_is_computed() {
    // The norm of the second output's branch would count this batch.
    let graph = graph::Graph::build(|g| {
        let x = g.input("x", [1, 4])?;
        let main = g.activation("main", x, graph::Activation::Relu)?;
        let other = g.batch_norm("other", x, BatchNorm::default())?;
        g.output("main", main)?;
        g.output("other", other)
    });
    let net = common::net(graph.unwrap());
    let before = net.weights();
    let _ = net.run(&noise("x", &[2, 1, 4]), true).unwrap();
    assert_eq!(net.weights(), before);
    net.outputs(&noise("x", &[2, 1, 4]), true).unwrap();
    assert!(net.weights() != before);
}

#[test]
fn a_part_that_a_net_does_not_have_is_an_error() {
    let mut net = common::net(classifier());
    let mut check = |part: &str, expected: &str| {
        for result in [net.freeze(part), net.unfreeze(part)] {
            assert_eq!(result.unwrap_err().to_string(), expected);
        }
    };
    check(
        "layer",
        "graph: expected the name of a node or a scope, found `layer`; \
         the graph has x, layer1, layer10, pool, flatten, fc",
    );
    check(
        "layer1.weight",
        "graph: expected the name of a node or a scope, found `layer1.weight`; `layer1` has conv, bn, relu",
    );
    check("pool", "graph: expected a part with parameters, found `pool`");
    assert_eq!(net.trainable().len(), 8);
    assert_eq!(net.freeze("fc").unwrap().to_string(), "2 tensors of 18 values");
    assert_eq!(net.freeze("fc.bias").unwrap().to_string(), "1 tensor of 2 values");
}

#[test]
fn a_net_without_parameters_freezes_as_a_whole() {
    let mut net = one(&[1, 2], |g, x| g.activation("relu", x, graph::Activation::Relu));
    assert_eq!(net.freeze("").unwrap(), FreezeReport::default());
}
