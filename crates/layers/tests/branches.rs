//! Parallel branches: timm's names, merging, and which paddings allow merging.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::reference::{self, Tensor};
use graph::{Activation, BuildError, Conv, ErrorKind, Extent, Graph, Padding, Shape, Weights, merge};
use layers::{Downsample, Form, MultiBranch, Norm, SqueezeExcite, depthwise, multi_branch};

fn build(input: impl Into<Shape>, block: MultiBranch) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let y = multi_branch(g, x, block)?;
        g.output("y", y)
    })
}

fn check(input: impl Into<Shape>, block: MultiBranch, text: &Expect) {
    text.assert_eq(&build(input, block).unwrap().text());
}

fn names(graph: &Graph) -> Vec<String> {
    graph.parameters().map(|p| p.name).filter(|name| name.ends_with(".weight")).collect()
}

/// `stem`, `stages.0.0` and `stages.0.1` of timm's `mobileone_s0`. The names in 1D are the same.
#[test]
fn names_of_mobileone_s0() {
    let cases: [(usize, MultiBranch, &[&str]); 3] = [
        (
            3,
            MultiBranch::new(Conv { stride: 2.into(), ..Conv::new(48, 3) }, 1),
            &["conv_kxk.0.conv", "conv_kxk.0.bn", "conv_scale.conv", "conv_scale.bn"],
        ),
        (
            48,
            MultiBranch::new(Conv { stride: 2.into(), ..depthwise(48, 3) }, 2),
            &[
                "conv_kxk.0.conv",
                "conv_kxk.0.bn",
                "conv_kxk.1.conv",
                "conv_kxk.1.bn",
                "conv_scale.conv",
                "conv_scale.bn",
            ],
        ),
        (
            48,
            MultiBranch::new(Conv::new(48, 1), 2),
            &["conv_kxk.0.conv", "conv_kxk.0.bn", "conv_kxk.1.conv", "conv_kxk.1.bn", "identity"],
        ),
    ];
    for (channels, block, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|name| format!("{name}.weight")).collect();
        assert_eq!(names(&build([channels, 16, 16], block).unwrap()), expected);
        assert_eq!(names(&build([channels, 16], block).unwrap()), expected);
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn structure() {
    let conv = Conv { padding: Padding::Causal, dilation: 4.into(), ..depthwise(8, 3) };
    let block = MultiBranch {
        squeeze_excite: Some(SqueezeExcite::MOBILEONE),
        activation: Some(Activation::Relu6),
        ..MultiBranch::new(conv, 2)
    };
    check(
        [8, 60],
        block,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 60]
            %1 = conv "conv_kxk.0.conv" (%0) out=8 kernel=3 dilation=4 groups=8 padding=causal : [N, 8, 60]
            %2 = batch_norm "conv_kxk.0.bn" (%1) : [N, 8, 60]
            %3 = conv "conv_kxk.1.conv" (%0) out=8 kernel=3 dilation=4 groups=8 padding=causal : [N, 8, 60]
            %4 = batch_norm "conv_kxk.1.bn" (%3) : [N, 8, 60]
            %5 = conv "conv_scale.conv" (%0) out=8 kernel=1 groups=8 padding=valid : [N, 8, 60]
            %6 = batch_norm "conv_scale.bn" (%5) : [N, 8, 60]
            %7 = batch_norm "identity" (%0) : [N, 8, 60]
            %8 = add "reparam_conv" (%2, %4, %6, %7) : [N, 8, 60]
            %9 = global_mean "attn.mean" (%8) : [N, 8, 1]
            %10 = conv "attn.fc1" (%9) out=8 kernel=1 padding=symmetric bias : [N, 8, 1]
            %11 = activation "attn.act" (%10) relu : [N, 8, 1]
            %12 = conv "attn.fc2" (%11) out=8 kernel=1 padding=symmetric bias : [N, 8, 1]
            %13 = activation "attn.gate" (%12) sigmoid : [N, 8, 1]
            %14 = multiply "attn.scale" (%8, %13) : [N, 8, 60]
            %15 = activation "act" (%14) relu6 : [N, 8, 60]
            output "y" = %15
        "#]],
    );
    // SleepKit's strided depthwise block: a max pool in every branch.
    check(
        [4, 9, 12],
        MultiBranch {
            downsample: Downsample::MaxPool,
            activation: None,
            ..MultiBranch::new(Conv { stride: [1, 2].into(), ..depthwise(4, 3) }, 1)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 9, 12]
            %1 = conv "conv_kxk.0.conv" (%0) out=4 kernel=3 groups=4 padding=symmetric : [N, 4, 9, 12]
            %2 = batch_norm "conv_kxk.0.bn" (%1) : [N, 4, 9, 12]
            %3 = max_pool "conv_kxk.0.pool" (%2) kernel=[1, 2] stride=[1, 2] padding=same : [N, 4, 9, 6]
            %4 = conv "conv_scale.conv" (%0) out=4 kernel=1 groups=4 padding=valid : [N, 4, 9, 12]
            %5 = batch_norm "conv_scale.bn" (%4) : [N, 4, 9, 12]
            %6 = max_pool "conv_scale.pool" (%5) kernel=[1, 2] stride=[1, 2] padding=same : [N, 4, 9, 6]
            %7 = add "reparam_conv" (%3, %6) : [N, 4, 9, 6]
            output "y" = %7
        "#]],
    );
    check(
        [4, 10],
        MultiBranch { form: Form::Merged, ..MultiBranch::new(Conv::new(4, 3), 4) },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 10]
            %1 = conv "reparam_conv" (%0) out=4 kernel=3 padding=symmetric bias : [N, 4, 10]
            %2 = activation "act" (%1) relu : [N, 4, 10]
            output "y" = %2
        "#]],
    );
}

/// Branches of equal geometry without norms, as in SleepKit's TCN. Each has its own bias.
#[test]
fn branches_without_norm_scale_and_identity() {
    let block = MultiBranch {
        scale: false,
        identity: false,
        norm: Norm::None.into(),
        ..MultiBranch::new(Conv { padding: Padding::Same, ..depthwise(8, 4) }, 2)
    };
    let graph = build([8, 30], block).unwrap();
    let found: Vec<_> = graph.parameters().map(|p| p.name).collect();
    let conv = |i| [format!("conv_kxk.{i}.conv.weight"), format!("conv_kxk.{i}.conv.bias")];
    assert_eq!(found, [conv(0), conv(1)].concat());
    let sum = graph.find("reparam_conv").unwrap();
    assert_eq!(graph.node(sum).inputs.len(), 2);
}

/// The geometries to try, along one axis.
fn geometries() -> impl Iterator<Item = Conv> {
    let explicit =
        |before: usize, after: usize| Padding::Explicit { before: before.into(), after: after.into() };
    let paddings = [
        Padding::Same,
        Padding::Symmetric,
        Padding::Causal,
        Padding::Valid,
        explicit(1, 1),
        explicit(2, 2),
        explicit(3, 1),
        explicit(0, 2),
    ];
    let axes = (1..=5).flat_map(|kernel| (1..=3).map(move |dilation| (kernel, dilation)));
    axes.flat_map(move |(kernel, dilation)| {
        paddings.into_iter().flat_map(move |padding| {
            (1..=2).map(move |stride: usize| {
                let (stride, dilation) = (stride.into(), Extent::All(dilation));
                Conv { stride, dilation, padding, ..Conv::new(4, kernel) }
            })
        })
    })
}

/// Determines by experiment whether one tap of the kernel reads element `i * stride` for output `i` at every
/// size, with as many outputs as a 1×1 convolution. `same` padding with a stride counts as not aligned,
/// because the tap depends on the size (except in one case, which is not worth a rule of its own).
fn is_aligned(conv: Conv) -> bool {
    let (kernel, stride, dilation) = (conv.kernel.at(0), conv.stride.at(0), conv.dilation.at(0));
    let reads = |tap: usize, n: usize| {
        let window = conv.window();
        window.steps(0, n) == Some(n.div_ceil(stride)) && window.pads(0, n).0 == tap * dilation
    };
    let depends_on_size = conv.padding == Padding::Same && stride > 1;
    !depends_on_size && (0..kernel).any(|tap| (16..32).all(|n| reads(tap, n)))
}

#[test]
fn only_aligned_paddings_are_accepted() {
    let (mut built, mut refused) = (0, 0);
    for conv in geometries() {
        // Such a block has neither a 1×1 nor an identity branch to be aligned with.
        let has_only_kxk = conv.kernel.is_one() && !conv.stride.is_one();
        let possible = has_only_kxk || is_aligned(conv);
        let found = build([4, 24], MultiBranch::new(conv, 2));
        assert_eq!(found.is_ok(), possible, "{conv:?}: {found:?}");
        if possible {
            built += 1;
        } else {
            refused += 1;
        }
        // Both axes of an image must be aligned.
        let image = Conv { kernel: [conv.kernel.at(0), 3].into(), ..conv };
        let possible = is_aligned(image) && is_aligned(Conv { kernel: 3.into(), ..conv });
        assert_eq!(build([4, 24, 24], MultiBranch::new(image, 2)).is_ok(), possible, "{image:?}");
    }
    assert!(built > 50 && refused > 50, "{built} built, {refused} refused");
}

/// Every block that can be built merges into the graph of [`Form::Merged`] and computes the same outputs.
#[test]
fn branches_merge_into_their_merged_form() {
    let mut compared = 0;
    for conv in geometries() {
        for (groups, shape) in [(1, Shape::from([4, 24])), (2, [4, 24].into()), (4, [4, 17, 20].into())] {
            let block = MultiBranch::new(Conv { groups, ..conv }, 2);
            let Ok(graph) = build(shape.clone(), block) else { continue };
            graph.verify().unwrap();
            let weights = Weights::initial(&graph, 1);
            let merged = merge(&graph, &weights);
            assert_eq!(merged.refusals, [], "{conv:?}");
            let form = build(shape.clone(), MultiBranch { form: Form::Merged, ..block }).unwrap();
            assert!(
                merged.weights.compare(&form).is_exact(),
                "{conv:?}: {:?}",
                merged.weights.compare(&form)
            );
            let x = [Tensor::noise("x", 2, shape)];
            let [trained, run] = [
                reference::run(&graph, &weights, &x).unwrap(),
                reference::run(&form, &merged.weights, &x).unwrap(),
            ];
            let worst =
                trained[0].data.iter().zip(&run[0].data).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-5, "{conv:?} differs by {worst}");
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared} compared");
}

#[test]
fn errors_name_the_node() {
    let block = MultiBranch::new(Conv::new(4, 3), 2);
    let with_conv = |conv| MultiBranch { conv, ..block };
    let cases = [
        (
            with_conv(Conv::new(4, 4)),
            "reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 4 with stride 1, dilation 1 and symmetric padding",
        ),
        (
            with_conv(Conv { stride: 2.into(), padding: Padding::Same, ..block.conv }),
            "reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 3 with stride 2, dilation 1 and same padding",
        ),
        (MultiBranch { branches: 0, ..block }, "conv_kxk: expected 1 to 64 branches, found 0"),
        (
            MultiBranch { branches: usize::MAX, ..block },
            "conv_kxk: expected 1 to 64 branches, found 18446744073709551615",
        ),
        (
            MultiBranch { form: Form::Merged, downsample: Downsample::MaxPool, ..block },
            "reparam_conv: expected no max pool in a merged block; branches with a max pool cannot be merged",
        ),
    ];
    for (block, message) in cases {
        assert_eq!(build([4, 20], block).unwrap_err().to_string(), message);
    }
    // Errors of the graph itself.
    let cases = [
        (with_conv(depthwise(6, 3)), "conv_kxk.0.conv", ErrorKind::Attribute),
        (with_conv(Conv::new(4, 0)), "conv_kxk.0.conv", ErrorKind::Attribute),
        (
            with_conv(Conv { stride: 0.into(), padding: Padding::Same, ..block.conv }),
            "conv_kxk.0.conv",
            ErrorKind::Attribute,
        ),
        (with_conv(Conv { dilation: 0.into(), ..block.conv }), "conv_kxk.0.conv", ErrorKind::Attribute),
    ];
    for (block, node, kind) in cases {
        let error = build([4, 20], block).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
}

#[test]
fn an_image_padding_of_height_zero_works_for_a_series() {
    let wide = depthwise(8, [1, 7]);
    let image = Conv { padding: Padding::both([0, 3]), ..wide };
    let series = Conv { padding: Padding::both(3), ..depthwise(8, 7) };
    let graph = |conv| build([8, 30], MultiBranch::new(conv, 2)).unwrap();
    assert_eq!(graph(image), graph(series));
}
