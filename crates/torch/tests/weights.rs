//! Variables in the caller's store; weights loaded and copied.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{classifier, everything, net, noise};
use graph::{Array, Conv, Graph, Weights};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use torch::{Load, Net};

fn two_convs(third: bool) -> Graph {
    Graph::build(|g| {
        let x = g.input("x", [2, 8])?;
        let mut x = g.conv("a.conv", x, Conv::new(4, 3))?;
        if third {
            x = g.conv("between", x, Conv::new(4, 3))?;
        }
        let x = g.conv("b.conv", x, Conv::new(4, 3))?;
        g.output("y", x)
    })
    .unwrap()
}

#[test]
fn variables_stand_in_the_store_under_their_checkpoint_names() {
    let store = VarStore::new(Device::Cpu);
    let net = Net::new(&(store.root() / "encoder"), classifier()).unwrap();
    let mut found: Vec<String> = store.variables().into_keys().collect();
    let mut expected: Vec<String> = net.graph().parameters().map(|p| format!("encoder.{}", p.name)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let variables = store.variables();
    assert!(variables["encoder.layer1.bn.weight"].requires_grad());
    assert!(!variables["encoder.layer1.bn.running_var"].requires_grad());
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let store = VarStore::new(Device::Cpu);
    let _first = Net::new(&(store.root() / "net"), two_convs(false)).unwrap();
    let error = Net::new(&(store.root() / "net"), two_convs(true)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable `net.a.conv.weight`: the store already has a variable of this name"
    );
    assert_eq!(store.len(), 2);
}

#[test]
fn a_store_of_integers_is_refused() {
    let mut store = VarStore::new(Device::Cpu);
    store.set_kind(Kind::Int64);
    let error = Net::new(&store.root(), two_convs(false)).unwrap_err();
    let message = "variable `a.conv.weight`: expected a store of floating-point kind, found Int64";
    assert_eq!(error.to_string(), message);
}

#[test]
fn another_layer_leaves_the_others_initial_weights_alone() {
    let (without, with) = (net(two_convs(false)).weights(), net(two_convs(true)).weights());
    for (name, array) in without.iter() {
        assert_eq!(with.get(name), Some(array), "{name}");
    }
    assert_eq!(with.len(), without.len() + 1);
}

#[test]
fn a_net_starts_from_the_graphs_initial_weights() {
    for graph in [everything(1), everything(2)] {
        let mut net = net(graph);
        assert_eq!(net.weights(), Weights::initial(net.graph(), 0));
        net.initialize(7).unwrap();
        assert_eq!(net.weights(), Weights::initial(net.graph(), 7));
    }
}

#[test]
fn loaded_weights_are_copied_unchanged() {
    let (mut a, b) = (net(everything(2)), net(everything(2)));
    let x = noise("x", &[2, 4, 12, 12]);
    let _ = b.run(&x, true).unwrap();
    let fit = a.load(&b.weights(), Load::Strict).unwrap();
    assert!(fit.is_exact());
    assert_eq!(a.weights(), b.weights());
    assert_eq!(a.run(&x, false).unwrap(), b.run(&x, false).unwrap());
}

#[test]
fn with_weights_makes_and_loads() {
    for (graph, shape) in [(everything(1), &[2, 4, 12][..]), (everything(2), &[2, 4, 12, 12])] {
        let weights = Weights::initial(&graph, 3);
        let stores = [VarStore::new(Device::Cpu), VarStore::new(Device::Cpu)];
        let with = Net::with_weights(&stores[0].root(), graph.clone(), &weights).unwrap();
        let mut loaded = Net::new(&stores[1].root(), graph).unwrap();
        loaded.load(&weights, Load::Strict).unwrap();
        assert_eq!(with.weights(), weights);
        let variables = |net: &Net| {
            let of = |(name, tensor): (String, Tensor)| (name, tensor.kind(), tensor.requires_grad());
            net.variables().into_iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(variables(&with), variables(&loaded));
        assert_eq!(stores[0].trainable_variables().len(), stores[1].trainable_variables().len());
        let x = noise("x", shape);
        assert_eq!(with.run(&x, false).unwrap(), loaded.run(&x, false).unwrap());
    }
}

#[test]
fn mismatched_weights_make_no_variable() {
    let store = VarStore::new(Device::Cpu);
    let mut weights = Weights::initial(&two_convs(false), 0);
    let bias = weights.remove("a.conv.weight").unwrap();
    let error = Net::with_weights(&store.root(), two_convs(false), &weights).unwrap_err();
    assert_eq!(error.to_string(), "1 weights match, 1 missing (first `a.conv.weight`)");
    weights.insert("a.conv.weight", bias);
    weights.insert("a.conv.bias", Array::from_fn([4], |_| 0.0));
    let error = Net::with_weights(&store.root(), two_convs(false), &weights).unwrap_err();
    assert_eq!(error.to_string(), "2 weights match, 1 unexpected (first `a.conv.bias`)");
    assert!(store.is_empty());
}

#[test]
fn loading_keeps_the_tensors() {
    let store = VarStore::new(Device::Cpu);
    let mut net = Net::new(&store.root(), classifier()).unwrap();
    let before = store.variables();
    net.initialize(1).unwrap();
    for (name, variable) in net.variables() {
        assert_eq!(variable.data_ptr(), before[&name].data_ptr());
        assert_eq!(variable.data_ptr(), store.variables()[&name].data_ptr());
    }
    assert_eq!(store.trainable_variables().len(), 8);
}

#[test]
fn strict_loading_changes_nothing_when_anything_is_wrong() {
    let mut net = net(classifier());
    let before = net.weights();
    let mut weights = Weights::initial(net.graph(), 5);
    weights.remove("fc.bias");
    weights.insert("fc.weight", Array::from_fn([3, 8], |_| 0.0));
    weights.insert("head.weight", Array::from_fn([1], |_| 0.0));
    let error = net.load(&weights, Load::Strict).unwrap_err();
    assert_eq!(
        error.to_string(),
        "10 weights match, 1 missing (first `fc.bias`), 1 unexpected (first `head.weight`), \
         1 of another shape (first `fc.weight`: expected [2, 8], found [3, 8])"
    );
    assert_eq!(net.weights(), before);
}

#[test]
fn partial_loading_takes_what_matches_and_reports_the_rest() {
    let mut net = net(classifier());
    let mut weights = Weights::initial(net.graph(), 5);
    weights.remove("fc.bias");
    weights.insert("fc.weight", Array::from_fn([3, 8], |_| 0.0));
    weights.insert("fc.num_batches_tracked", Array::from_fn([1], |_| 0.0));
    let fit = net.load(&weights, Load::Partial).unwrap();
    assert_eq!((fit.matched, fit.missing.len(), fit.unexpected.len(), fit.misshapen.len()), (10, 1, 0, 1));
    let (first, fifth) = (Weights::initial(net.graph(), 0), Weights::initial(net.graph(), 5));
    let found = net.weights();
    assert_eq!(found.get("layer1.conv.weight"), fifth.get("layer1.conv.weight"));
    assert_eq!(found.get("fc.weight"), first.get("fc.weight"));
}

#[test]
fn a_store_may_change_its_kind() {
    let mut store = VarStore::new(Device::Cpu);
    let mut net = Net::new(&store.root(), classifier()).unwrap();
    let x = noise("x", &[2, 2, 16]);
    let single = net.run(&x, false).unwrap();
    store.double();
    let double = net.run(&x.to_kind(Kind::Double), false).unwrap();
    assert!(single.allclose(&double.to_kind(Kind::Float), 1e-5, 1e-6, false));
    net.initialize(3).unwrap();
    assert_eq!(net.weights(), Weights::initial(net.graph(), 3));
}

#[test]
fn a_weights_file_is_loaded_and_named_in_errors() {
    let folder = std::env::temp_dir().join(format!("torch-weights-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("weights.safetensors");
    let mut net = net(two_convs(false));
    let weights = Weights::initial(net.graph(), 7);
    weights.write(&path).unwrap();
    assert!(net.load_file(&path, Load::Strict).unwrap().is_exact());
    assert_eq!(net.weights(), weights);

    let mut larger = common::net(two_convs(true));
    let before = larger.weights();
    let error = larger.load_file(&path, Load::Strict).unwrap_err().to_string();
    let report = "2 weights match, 1 missing (first `between.weight`)";
    assert_eq!(error, format!("{}: {report}", path.display()));
    assert_eq!(larger.weights(), before);
    assert_eq!(larger.load_file(&path, Load::Partial).unwrap().matched, 2);

    let missing = folder.join("missing.safetensors");
    let error = larger.load_file(&missing, Load::Partial).unwrap_err().to_string();
    assert!(error.starts_with(&format!("weights file {}: ", missing.display())), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}
