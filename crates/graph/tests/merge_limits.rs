//! Merges that are refused because the result would not be finite or would be mostly zeros.

#![allow(clippy::unwrap_used, reason = "a helper fails its test by panicking")]

use expect_test::{Expect, expect};
use graph::rewrite::Rewrite;
use graph::{
    Array, BatchNorm, BuildError, Conv, Graph, LARGEST_EXTENT, LARGEST_PARAMETER_COUNT, Padding, Scope,
    Value, Weights, merge,
};

type Built = Result<Value, BuildError>;

fn build(shape: impl Into<graph::Shape>, model: impl FnOnce(Scope<'_>, Value) -> Built) -> Graph {
    Graph::build(|g| {
        let x = g.input("x", shape)?;
        let y = model(g, x)?;
        g.output("y", y)
    })
    .unwrap()
}

/// Merges a graph with initial weights, except for the given ones. Checks the reasons for the nodes that are not
/// merged, and that all weights of the result are finite or among the given ones.
fn check(graph: &Graph, values: &[(&str, f32)], expected: &Expect) {
    let mut weights = Weights::initial(graph, 0);
    for (name, value) in values {
        let shape = weights.get(name).unwrap().shape().to_vec();
        weights.insert(*name, Array::from_fn(shape, |_| *value));
    }
    let merged = merge(graph, &weights);
    merged.graph.verify().unwrap();
    assert!(merged.weights.compare(&merged.graph).is_exact());
    for (name, array) in merged.weights.iter() {
        let is_given =
            weights.get(name).is_some_and(|given| given.data()[0].to_bits() == array.data()[0].to_bits());
        assert!(is_given || array.data().iter().all(|value| value.is_finite()), "{name}");
    }
    let refusals: Vec<String> = merged.refusals.iter().map(|refusal| format!("{refusal}\n")).collect();
    expected.assert_eq(&refusals.concat());
}

fn conv_norm() -> Graph {
    build([2, 9], |g, x| {
        let y = g.conv("conv", x, Conv::new(2, 3))?;
        g.batch_norm("norm", y, BatchNorm::default())
    })
}

#[test]
fn a_folded_value_out_of_range_for_f32() {
    check(
        &conv_norm(),
        &[("conv.weight", 3e38), ("norm.weight", 2.0)],
        &expect![[r#"
        norm: the merged weights of `conv` would contain 5.999970011220455e38, which is out of range for f32
    "#]],
    );
    check(
        &conv_norm(),
        &[("norm.running_mean", -3e38), ("norm.weight", 2.0), ("conv.weight", 0.0)],
        &expect![[r#"
            norm: the merged weights of `conv` would contain 5.999970011220455e38, which is out of range for f32
        "#]],
    );
    let after = build([2, 1], |g, x| {
        let x = g.batch_norm("norm", x, BatchNorm::default())?;
        g.conv("conv", x, Conv::new(3, 1))
    });
    check(
        &after,
        &[("conv.weight", 3e38), ("norm.bias", 2.0)],
        &expect![[r#"
        norm: the merged weights of `conv` would contain 1.2000000021991023e39, which is out of range for f32
    "#]],
    );
}

#[test]
fn a_sum_out_of_range_for_f32() {
    let branches = build([2, 9], |g, x| {
        let terms = [g.conv("a", x, Conv::new(2, 3))?, g.conv("b", x, Conv::new(2, 3))?];
        g.add("sum", &terms)
    });
    check(
        &branches,
        &[("a.weight", 3e38), ("b.weight", 3e38)],
        &expect![[r#"
        sum: the merged weights of `sum` would contain 6.0000000109955115e38, which is out of range for f32
    "#]],
    );
    check(&branches, &[("a.weight", 3e38), ("b.weight", -3e38)], &expect![[r#""#]]);
}

#[test]
fn a_weight_norm_out_of_range_for_f32() {
    let graph = build([2, 9], |g, x| g.conv("conv", x, Conv { weight_norm: true, ..Conv::new(2, 3) }));
    let [length, direction] = [0, 1].map(|i| format!("conv.parametrizations.weight.original{i}"));
    check(
        &graph,
        &[(&direction, 0.0)],
        &expect![[r#"
        conv: a direction vector of its weight norm has length zero
    "#]],
    );
    check(&graph, &[(&direction, 1e-44), (&length, f32::MAX)], &expect![[r#""#]]);
    check(
        &graph,
        &[(&direction, f32::NAN)],
        &expect![[r#"
        conv: `conv.parametrizations.weight.original1`: expected finite weights, found NaN
    "#]],
    );
}

#[test]
fn weights_that_are_not_finite() {
    for name in ["conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"] {
        for value in [f32::NAN, f32::INFINITY] {
            let mut weights = Weights::initial(&conv_norm(), 0);
            let shape = weights.get(name).unwrap().shape().to_vec();
            weights.insert(name, Array::from_fn(shape, |_| value));
            let merged = merge(&conv_norm(), &weights);
            let [refusal] = &merged.refusals[..] else { panic!("{name}: {:?}", merged.refusals) };
            let reason = format!("`{name}`: expected finite weights, found {value}");
            assert!(refusal.reason.contains(&reason), "{refusal}");
        }
    }
}

/// A sum of two convolutions of `kernel` taps, one padded before and one after.
fn apart(shape: impl Into<graph::Shape>, kernel: usize, distance: usize) -> Graph {
    build(shape, |g, x| {
        let padded = |before: usize, after: usize| {
            let padding = Padding::Explicit { before: before.into(), after: after.into() };
            Conv { padding, ..Conv::new(g.channels(x), kernel) }
        };
        let terms = [g.conv("a", x, padded(distance, 0))?, g.conv("b", x, padded(0, distance))?];
        g.add("sum", &terms)
    })
}

/// Two distant taps would become one kernel that is mostly zeros.
#[test]
fn distant_branches() {
    check(&apart([1, 4, 4], 1, 1), &[], &expect![[r#""#]]);
    check(
        &apart([1, 4, 4], 1, 2),
        &[],
        &expect![[r#"
        sum: the merged kernel would have 9 taps, those of its branches have only 2
    "#]],
    );
    check(
        &apart([1, 4, 4], 1, 10_000),
        &[],
        &expect![[r#"
        sum: the merged kernel would have 100020001 taps, those of its branches have only 2
    "#]],
    );
    check(
        &apart([1, 4], 1, 1 << 24),
        &[],
        &expect![[r#"
        sum: the merged kernel would have 16777217 taps, those of its branches have only 2
    "#]],
    );
}

/// The graph alone is enough to refuse this; the weights are not needed.
#[test]
fn branches_whose_kernel_would_be_beyond_a_limit() {
    let reason = |graph: &Graph| merge(graph, &Weights::default()).refusals[0].to_string();
    let half = LARGEST_EXTENT / 2;
    expect!["sum: conv of [N, 1, 16777216]: kernel: expected at most 16777216, found 16777217"]
        .assert_eq(&reason(&apart([1, LARGEST_EXTENT], half, half + 1)));

    let channels = 1 << 14;
    let mut rewrite = Rewrite::new(&apart([channels, 4], 1, 2), &Weights::default());
    let sum = rewrite.values()[3];
    rewrite
        .insert_after(sum, |g, x| {
            g.conv("after", x, Conv { padding: Padding::Same, ..Conv::new(channels, 2) })
        })
        .unwrap();
    let (graph, _) = rewrite.finish().unwrap();
    assert_eq!(graph.parameter_count(), LARGEST_PARAMETER_COUNT);
    expect![
        "sum: expected at most 1073741824 parameters in a graph, found 805322752 in this node and 1073741824 before it"
    ]
    .assert_eq(&reason(&graph));
}
