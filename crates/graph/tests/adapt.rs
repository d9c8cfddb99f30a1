//! Weights for other classes and input channels.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::reference::{Tensor, run};
use graph::{Activation, Adapted, BatchNorm, BuildError, Conv, Graph, Shape, TimeStep, Weights, adapt};

/// A network with everything that reads the input's channels.
fn network(channels: usize, classes: Option<usize>) -> Graph {
    let build = |g: graph::Scope<'_>| -> Result<(), BuildError> {
        let x = g.input("signal", [channels, 20])?;
        let conv = g.conv("conv1", x, Conv { weight_norm: true, bias: true, ..Conv::new(8, 3) })?;
        let conv = g.batch_norm("bn1", conv, BatchNorm::default())?;
        let shortcut = g.conv("downsample", x, Conv::new(8, 1))?;
        let x = g.add("add", &[conv, shortcut])?;
        let x = g.activation("act", x, Activation::Relu)?;
        let x = g.select("last", x, TimeStep::Last)?;
        match classes {
            Some(classes) => {
                let x = g.linear("fc", x, classes)?;
                let x = g.softmax("softmax", x)?;
                g.output("probabilities", x)
            }
            None => g.output("features", x),
        }
    };
    Graph::build(build).unwrap()
}

/// Weights that are not initial.
fn trained(graph: &Graph) -> Weights {
    graph
        .parameters()
        .map(|parameter| {
            let noise = graph::Noise::of(&parameter.name);
            let value = |i| 0.5 + (noise.bits(i as u64) % 1024) as f32 / 1024.0;
            (parameter.name.clone(), graph::Array::from_fn(parameter.shape.as_slice(), value))
        })
        .collect()
}

fn output(graph: &Graph, weights: &Weights, input: Tensor) -> Vec<f64> {
    run(graph, weights, &[input]).unwrap().remove(0).data
}

/// The channels of `x` in this order.
fn pick(x: &Tensor, channels: &[usize]) -> Tensor {
    let size = x.shape.space.iter().product::<usize>();
    let data = channels.iter().flat_map(|c| x.data[c * size..][..size].to_vec()).collect();
    Tensor { batch: 1, shape: Shape::new(channels.len(), x.shape.space.clone()), data }
}

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let largest = a.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() <= 1e-6 * largest, "{a} and {b}"));
}

fn lists(adapted: &Adapted, expected: &Expect) {
    let Adapted { kept, adapted, fresh, dropped, .. } = adapted;
    expected.assert_eq(&format!(
        "kept {}\nadapted {}\nfresh {}\ndropped {}\n",
        kept.join(" "),
        adapted.join(" "),
        fresh.join(" "),
        dropped.join(" ")
    ));
}

#[test]
fn one_channel_gives_what_equal_channels_gave() {
    let (three, one) = (network(3, Some(4)), network(1, Some(4)));
    let weights = trained(&three);
    let adapted = adapt(&weights, &three, &one, 0).unwrap();
    let x = Tensor::noise("input", 1, [1, 20]);
    close(&output(&three, &weights, pick(&x, &[0, 0, 0])), &output(&one, &adapted.weights, x));
    lists(
        &adapted,
        &expect![[r#"
        kept conv1.bias bn1.weight bn1.bias bn1.running_mean bn1.running_var fc.weight fc.bias
        adapted conv1.parametrizations.weight.original1 downsample.weight conv1.parametrizations.weight.original0
        fresh 
        dropped 
    "#]],
    );
}

#[test]
fn channels_twice_give_what_they_gave_once() {
    let (three, six) = (network(3, Some(4)), network(6, Some(4)));
    let weights = trained(&three);
    let adapted = adapt(&weights, &three, &six, 0).unwrap();
    let x = Tensor::noise("input", 1, [3, 20]);
    let twice = pick(&x, &[0, 1, 2, 0, 1, 2]);
    close(&output(&three, &weights, x), &output(&six, &adapted.weights, twice));
}

#[test]
fn depthwise_layers_of_the_input_are_repeated() {
    let network = |channels: usize| {
        Graph::build(|g| {
            let x = g.input("signal", [channels, 20])?;
            let x = g.conv("encoder", x, Conv { groups: channels, ..Conv::new(channels, 3) })?;
            let x = g.batch_norm("norm", x, BatchNorm::default())?;
            let x = g.conv("pointwise", x, Conv::new(8, 1))?;
            g.output("features", x)
        })
        .unwrap()
    };
    for (from, to) in [(3, 6), (3, 1), (1, 3), (1, 2)] {
        let (old, new) = (network(from), network(to));
        let weights = trained(&old);
        let adapted = adapt(&weights, &old, &new, 0).unwrap();
        assert!(adapted.weights.compare(&new).is_exact());
        if to % from == 0 {
            let x = Tensor::noise("input", 1, [from, 20]);
            let repeated = pick(&x, &(0..to).map(|c| c % from).collect::<Vec<_>>());
            close(&output(&old, &weights, x), &output(&new, &adapted.weights, repeated));
        }
    }
}

#[test]
fn the_head_of_other_classes_is_fresh() {
    let (old, new) = (network(3, Some(4)), network(3, Some(7)));
    let weights = trained(&old);
    let adapted = adapt(&weights, &old, &new, 5).unwrap();
    lists(
        &adapted,
        &expect![[r#"
        kept conv1.parametrizations.weight.original0 conv1.parametrizations.weight.original1 conv1.bias bn1.weight bn1.bias bn1.running_mean bn1.running_var downsample.weight
        adapted 
        fresh fc.weight fc.bias
        dropped 
    "#]],
    );
    assert_eq!(adapted.weights.get("fc.weight"), Weights::initial(&new, 5).get("fc.weight"));
    let same = adapt(&weights, &old, &old, 5).unwrap();
    assert_eq!(same.weights, weights);
}

#[test]
fn a_head_comes_and_goes() {
    let (with, without) = (network(3, Some(4)), network(3, None));
    lists(
        &adapt(&trained(&with), &with, &without, 0).unwrap(),
        &expect![[r#"
        kept conv1.parametrizations.weight.original0 conv1.parametrizations.weight.original1 conv1.bias bn1.weight bn1.bias bn1.running_mean bn1.running_var downsample.weight
        adapted 
        fresh 
        dropped fc.weight fc.bias
    "#]],
    );
    lists(
        &adapt(&trained(&without), &without, &with, 0).unwrap(),
        &expect![[r#"
        kept conv1.parametrizations.weight.original0 conv1.parametrizations.weight.original1 conv1.bias bn1.weight bn1.bias bn1.running_mean bn1.running_var downsample.weight
        adapted 
        fresh fc.weight fc.bias
        dropped 
    "#]],
    );
}

#[test]
fn other_differences_are_refused() {
    let network = |width: usize, layers: usize| {
        Graph::build(|g| {
            let mut x = g.input("signal", [3, 20])?;
            for i in 0..layers {
                x = g.conv(format!("conv{i}"), x, Conv::new(width, 3))?;
                x = g.batch_norm(format!("bn{i}"), x, BatchNorm::default())?;
            }
            let x = g.conv("head", x, Conv::new(2, 1))?;
            g.output("logits", x)
        })
        .unwrap()
    };
    let old = network(8, 2);
    let check = |weights: &Weights, new: &Graph, expected: &Expect| {
        expected.assert_eq(&adapt(weights, &old, new, 0).unwrap_err().to_string());
    };
    let weights = trained(&old);
    check(
        &weights,
        &network(16, 2),
        &expect![
            "`bn0.weight`: expected shape [16], found [8]; only the head and layers that read the input's channels can be adapted"
        ],
    );
    check(
        &weights,
        &network(8, 3),
        &expect!["`conv2.weight` is missing from the old model; only a head can be added"],
    );
    check(
        &weights,
        &network(8, 1),
        &expect!["`conv1.weight` is missing from the new model; only a head can be dropped"],
    );
    let mut partial = weights;
    partial.remove("conv1.weight");
    check(
        &partial,
        &old,
        &expect![
            "the weights do not match the old model: 10 weights match, 1 missing (first `conv1.weight`)"
        ],
    );
}
