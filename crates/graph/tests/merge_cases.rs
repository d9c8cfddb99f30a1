//! Known graphs merged: names, taps, and refusals with their reasons.

#![allow(clippy::too_many_lines, reason = "tables of cases")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::reference::{self, Tensor};
use graph::{
    Activation, Array, BatchNorm, BuildError, Conv, ConvTranspose, DropUnit, Extent, Graph, Merged, Op,
    Padding, Pool, Scope, Shape, Value, Weights, merge,
};

type Built = Result<Value, BuildError>;

/// Builds a graph on a series of 4 channels or an image, with weights that are not trivial.
fn graph(shape: impl Into<Shape>, model: impl FnOnce(Scope<'_>, Value) -> Built) -> (Graph, Weights) {
    let graph = Graph::build(|g| {
        let x = g.input("x", shape)?;
        let y = model(g, x)?;
        g.output("y", y)
    })
    .unwrap();
    let weights = graph
        .parameters()
        .enumerate()
        .map(|(i, p)| (p.name, Array::from_fn(p.shape, |j| 0.5 + ((7 * i + 3 * j) % 11) as f32 / 11.0)))
        .collect();
    (graph, weights)
}

/// Merges, checks that the function stays the same at two sizes, and returns the result.
fn merged(shape: impl Into<Shape>, model: impl FnOnce(Scope<'_>, Value) -> Built) -> Merged {
    let (graph, weights) = graph(shape, model);
    let merged = merge(&graph, &weights);
    merged.graph.verify().unwrap();
    let built = graph.inputs().next().unwrap().1.shape.clone();
    let larger = Shape::new(built.channels, built.space.iter().map(|n| n + 5).collect::<Vec<_>>());
    for size in [built, larger] {
        let x = [Tensor::noise("x", 2, size)];
        let plain = reference::run(&graph, &weights, &x).unwrap();
        let after = reference::run(&merged.graph, &merged.weights, &x).unwrap();
        let largest = plain[0].data.iter().fold(0.0f64, |max, v| max.max(v.abs()));
        for (a, b) in plain[0].data.iter().zip(&after[0].data) {
            assert!((a - b).abs() <= 1e-5 * largest, "{a} before, {b} after\n{}", merged.graph);
        }
    }
    merged
}

fn conv_norm(g: Scope<'_>, name: &str, x: Value, conv: Conv) -> Built {
    let y = g.conv(format!("{name}.conv"), x, conv)?;
    g.batch_norm(format!("{name}.bn"), y, BatchNorm::default())
}

fn check(merged: &Merged, expected: &Expect) {
    let refusals: Vec<_> = merged.refusals.iter().map(|refusal| format!("refused {refusal}\n")).collect();
    expected.assert_eq(&format!("{}{}", merged.graph.text(), refusals.concat()));
}

#[test]
fn a_mobileone_block_becomes_timms_reparam_conv() {
    for padding in [Padding::Symmetric, Padding::Same, Padding::Causal] {
        let merged = merged([4, 20], |g, x| {
            let conv = Conv { groups: 4, dilation: 2.into(), padding, ..Conv::new(4, 3) };
            let terms = [
                conv_norm(g, "conv_kxk.0", x, conv)?,
                conv_norm(g, "conv_kxk.1", x, conv)?,
                conv_norm(g, "conv_scale", x, Conv { kernel: 1.into(), ..conv })?,
                g.batch_norm("identity", x, BatchNorm::default())?,
            ];
            let x = g.add("reparam_conv", &terms)?;
            g.activation("act", x, Activation::Relu)
        });
        let names: Vec<_> = merged.weights.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["reparam_conv.bias", "reparam_conv.weight"]);
        let Op::Conv(conv) = merged.graph.node(merged.graph.find("reparam_conv").unwrap()).op else {
            panic!("not a convolution")
        };
        assert_eq!((conv.kernel, conv.dilation, conv.groups, conv.padding), (3.into(), 2.into(), 4, padding));
    }
}

/// The 1×1 branch lands on the last tap of a causal kernel, on the middle one of a symmetric.
#[test]
fn a_smaller_kernel_goes_where_the_paddings_say() {
    for (padding, tap) in [(Padding::Causal, 4), (Padding::Symmetric, 2), (Padding::Same, 2)] {
        let wide = Conv { padding, ..Conv::new(1, 5) };
        let (graph, mut weights) = graph([1, 20], |g, x| {
            let terms = [g.conv("wide", x, wide)?, g.conv("point", x, Conv { kernel: 1.into(), ..wide })?];
            g.add("sum", &terms)
        });
        weights.insert("wide.weight", Array::new([1, 1, 5], vec![0.0; 5]).unwrap());
        weights.insert("point.weight", Array::new([1, 1, 1], vec![1.0]).unwrap());
        let merged = merge(&graph, &weights);
        let kernel = merged.weights.get("sum.weight").unwrap().data().to_vec();
        let expected: Vec<f32> = (0..5).map(|i| if i == tap { 1.0 } else { 0.0 }).collect();
        assert_eq!(kernel, expected, "{padding}");
    }
}

#[test]
fn crossed_kernels_become_one_that_covers_both() {
    let merged = merged([2, 9, 11], |g, x| {
        let wide = Conv { bias: true, ..Conv::new(2, [1, 3]) };
        let terms =
            [g.conv("row", x, wide)?, g.conv("column", x, Conv { kernel: Extent::Each(5, 1), ..wide })?];
        g.add("sum", &terms)
    });
    check(
        &merged,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 2, 9, 11]
            %1 = conv "sum" (%0) out=2 kernel=[5, 3] padding=[2, 1] bias : [N, 2, 9, 11]
            output "y" = %1
        "#]],
    );
}

#[test]
fn norms_fold_before_and_after_and_into_transposed_and_linear_layers() {
    let merged = merged([4, 16], |g, x| {
        let x = g.batch_norm("first", x, BatchNorm::default())?;
        let x = g.conv("point", x, Conv { stride: 2.into(), padding: Padding::Same, ..Conv::new(6, 1) })?;
        let x = g.activation("act", x, Activation::Relu)?;
        let x = g.conv_transpose("up", x, ConvTranspose { groups: 2, ..ConvTranspose::new(4, 4, 2) })?;
        let x = g.batch_norm("middle", x, BatchNorm { affine: false, ..BatchNorm::default() })?;
        let x = g.dropout("drop", x, 0.5, DropUnit::Channel)?;
        let x = g.conv("weighted", x, Conv { weight_norm: true, bias: true, ..Conv::new(4, 3) })?;
        let x = g.flatten("flatten", g.global_mean("pool", x)?)?;
        let x = g.linear("fc", x, 3)?;
        g.batch_norm("last", x, BatchNorm::default())
    });
    check(
        &merged,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "point" (%0) out=6 kernel=1 stride=2 padding=same bias : [N, 6, 8]
            %2 = activation "act" (%1) relu : [N, 6, 8]
            %3 = conv_transpose "up" (%2) out=4 kernel=4 stride=2 groups=2 crop=same bias : [N, 4, 16]
            %4 = conv "weighted" (%3) out=4 kernel=3 padding=symmetric bias : [N, 4, 16]
            %5 = global_mean "pool" (%4) : [N, 4, 1]
            %6 = flatten "flatten" (%5) : [N, 4]
            %7 = linear "fc" (%6) out=3 bias : [N, 3]
            output "y" = %7
        "#]],
    );
}

#[test]
fn a_norm_after_merged_branches_folds_into_them() {
    let merged = merged([4, 16], |g, x| {
        let a = conv_norm(g, "a", x, Conv::new(4, 3))?;
        let sum = g.add("sum", &[a, x])?;
        g.batch_norm("bn", sum, BatchNorm::default())
    });
    check(
        &merged,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "sum" (%0) out=4 kernel=3 padding=symmetric bias : [N, 4, 16]
            output "y" = %1
        "#]],
    );
}

#[test]
fn a_residual_sum_is_not_a_sum_of_branches() {
    let merged = merged([4, 16], |g, x| {
        let y = conv_norm(g, "a", x, Conv::new(4, 3))?;
        let y = g.activation("act", y, Activation::Relu)?;
        let y = conv_norm(g, "b", y, Conv::new(4, 3))?;
        g.add("sum", &[y, x])
    });
    check(
        &merged,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a.conv" (%0) out=4 kernel=3 padding=symmetric bias : [N, 4, 16]
            %2 = activation "act" (%1) relu : [N, 4, 16]
            %3 = conv "b.conv" (%2) out=4 kernel=3 padding=symmetric bias : [N, 4, 16]
            %4 = add "sum" (%3, %0) : [N, 4, 16]
            output "y" = %4
        "#]],
    );
}

#[test]
fn merging_never_changes_the_function() {
    check(
        &merged([4, 16], |g, x| {
            let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Same };
            let a = conv_norm(g, "a", x, Conv::new(4, 3))?;
            let a = g.max_pool("a.pool", a, pool)?;
            let b = conv_norm(g, "b", x, Conv::new(4, 1))?;
            let b = g.max_pool("b.pool", b, pool)?;
            g.add("sum", &[a, b])
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a.conv" (%0) out=4 kernel=3 padding=symmetric bias : [N, 4, 16]
            %2 = max_pool "a.pool" (%1) kernel=2 stride=2 padding=same : [N, 4, 8]
            %3 = conv "b.conv" (%0) out=4 kernel=1 padding=symmetric bias : [N, 4, 16]
            %4 = max_pool "b.pool" (%3) kernel=2 stride=2 padding=same : [N, 4, 8]
            %5 = add "sum" (%2, %4) : [N, 4, 8]
            output "y" = %5
            refused sum: `a.pool` in a branch is max_pool, which is not linear in place
        "#]],
    );
    check(
        &merged([4, 16], |g, x| {
            let a = g.conv("a", x, Conv::new(4, 3))?;
            let b = g.conv("b", x, Conv::new(4, 1))?;
            let sum = g.add("sum", &[a, b])?;
            g.multiply("product", sum, a)
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 16]
            %2 = conv "b" (%0) out=4 kernel=1 padding=symmetric : [N, 4, 16]
            %3 = add "sum" (%1, %2) : [N, 4, 16]
            %4 = multiply "product" (%3, %1) : [N, 4, 16]
            output "y" = %4
            refused sum: `a` is read by both `sum` and `product`
        "#]],
    );
    check(
        &merged([4, 16], |g, x| {
            let strided = Conv { stride: 2.into(), padding: Padding::Same, ..Conv::new(4, 3) };
            g.add("sum", &[g.conv("a", x, strided)?, g.conv("b", x, Conv { kernel: 1.into(), ..strided })?])
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a" (%0) out=4 kernel=3 stride=2 padding=same : [N, 4, 8]
            %2 = conv "b" (%0) out=4 kernel=1 stride=2 padding=same : [N, 4, 8]
            %3 = add "sum" (%1, %2) : [N, 4, 8]
            output "y" = %3
            refused sum: `a` pads `same` with a stride above 1, so that its taps depend on the input's size
        "#]],
    );
    check(
        &merged([4, 16], |g, x| {
            let dilated = Conv { dilation: 2.into(), ..Conv::new(4, 3) };
            g.add("sum", &[g.conv("a", x, dilated)?, g.conv("b", x, Conv::new(4, 5))?])
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a" (%0) out=4 kernel=3 dilation=2 padding=symmetric : [N, 4, 16]
            %2 = conv "b" (%0) out=4 kernel=5 padding=symmetric : [N, 4, 16]
            %3 = add "sum" (%1, %2) : [N, 4, 16]
            output "y" = %3
            refused sum: its branches differ in dilation on axis 0
        "#]],
    );
    check(
        &merged([4, 16], |g, x| {
            g.add(
                "sum",
                &[g.conv("a", x, Conv::new(4, 3))?, g.conv("b", x, Conv { groups: 2, ..Conv::new(4, 3) })?],
            )
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 16]
            %2 = conv "b" (%0) out=4 kernel=3 groups=2 padding=symmetric : [N, 4, 16]
            %3 = add "sum" (%1, %2) : [N, 4, 16]
            output "y" = %3
            refused sum: `a` and `b` differ in stride or groups
        "#]],
    );
    check(
        &merged([4, 16], |g, x| {
            let x = g.batch_norm("bn", x, BatchNorm::default())?;
            g.conv("padded", x, Conv::new(4, 3))
        }),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = batch_norm "bn" (%0) : [N, 4, 16]
            %2 = conv "padded" (%1) out=4 kernel=3 padding=symmetric : [N, 4, 16]
            output "y" = %2
            refused bn: not into the layer before: a batch norm cannot be folded into `x` (input); nor after: `padded` pads with zeros, which the norm does not see
        "#]],
    );
}

/// A kernel of 3 padded by 1 before, beside a kernel of 1: `(n - 2) / 2 + 1` and `(n - 1) / 2 + 1`
/// steps, rounded down, which agree at even lengths only.
#[test]
fn branches_that_agree_in_size_only_by_chance_stay() {
    let (graph, weights) = graph([4, 16], |g, x| {
        let explicit = |before: usize| Padding::Explicit { before: before.into(), after: 0.into() };
        let a = Conv { stride: 2.into(), padding: explicit(1), ..Conv::new(4, 3) };
        let b = Conv { padding: explicit(0), ..Conv { kernel: 1.into(), ..a } };
        g.add("sum", &[g.conv("a", x, a)?, g.conv("b", x, b)?])
    });
    check(
        &merge(&graph, &weights),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a" (%0) out=4 kernel=3 stride=2 padding=1+0 : [N, 4, 8]
            %2 = conv "b" (%0) out=4 kernel=1 stride=2 padding=0 : [N, 4, 8]
            %3 = add "sum" (%1, %2) : [N, 4, 8]
            output "y" = %3
            refused sum: its branches agree in size on axis 0 only by chance
        "#]],
    );
}

#[test]
fn missing_statistics_keep_a_norm() {
    let (graph, mut weights) = graph([4, 16], |g, x| conv_norm(g, "a", x, Conv::new(4, 3)));
    weights.remove("a.bn.running_var");
    check(
        &merge(&graph, &weights),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a.conv" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 16]
            %2 = batch_norm "a.bn" (%1) : [N, 4, 16]
            output "y" = %2
            refused a.bn: `a.bn.running_var` is missing among the weights
        "#]],
    );
}

#[test]
fn statistics_that_give_no_finite_scale_keep_a_norm() {
    let (graph, mut weights) = graph([4, 16], |g, x| conv_norm(g, "a", x, Conv::new(4, 3)));
    weights.insert("a.bn.running_var", Array::new([4], vec![1.0, 1.0, -1.0, 1.0]).unwrap());
    check(
        &merge(&graph, &weights),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 16]
            %1 = conv "a.conv" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 16]
            %2 = batch_norm "a.bn" (%1) : [N, 4, 16]
            output "y" = %2
            refused a.bn: its statistics of channel 2 give no finite scale
        "#]],
    );
}
