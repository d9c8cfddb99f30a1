//! MBConv and FusedMBConv: timm's names and shapes, structure and errors.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Activation, BuildError, ErrorKind, Graph, Padding, Scope, Shape, Value};
use layers::{
    Downsample, MBConv, Norm, Normalization, Rounding, SqueezeExcite, SqueezeWidth, fused_mbconv, mbconv,
};

type Kind = fn(Scope<'_>, Value, MBConv) -> Result<Value, BuildError>;

fn build(kind: Kind, input: impl Into<Shape>, block: MBConv) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let y = kind(g, x, block)?;
        g.output("y", y)
    })
}

fn check(kind: Kind, input: impl Into<Shape>, block: MBConv, text: &Expect) {
    text.assert_eq(&build(kind, input, block).unwrap().text());
}

/// Checks the weights of all convolutions and the scales of all norms, for images. The same block for series
/// must have one kernel axis less.
fn check_names(kind: Kind, channels: usize, block: MBConv, expected: &[(&str, &[usize])]) {
    let list = |input: Shape| -> Vec<(String, Vec<usize>)> {
        let graph = build(kind, input, block).unwrap();
        let wanted = |name: &str| name.ends_with(".weight") || name.starts_with("se.");
        graph.parameters().map(|p| (p.name, p.shape)).filter(|(name, _)| wanted(name)).collect()
    };
    let expected: Vec<_> =
        expected.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect();
    assert_eq!(list([channels, 16, 16].into()), expected);
    let series = expected.into_iter().map(|(name, shape)| (name, shape[..shape.len().min(3)].to_vec()));
    assert_eq!(list([channels, 64].into()), series.collect::<Vec<_>>());
}

/// `blocks.3.0`, `blocks.3.1`, `blocks.1.0` and `blocks.0.0` of timm's `efficientnetv2_s`.
#[test]
fn names_and_shapes_of_efficientnetv2_s() {
    let squeeze_excite = Some(SqueezeExcite::EFFICIENTNET);
    check_names(
        mbconv,
        64,
        MBConv { stride: 2.into(), squeeze_excite, ..MBConv::new(128, 4.0) },
        &[
            ("conv_pw.weight", &[256, 64, 1, 1]),
            ("bn1.weight", &[256]),
            ("conv_dw.weight", &[256, 1, 3, 3]),
            ("bn2.weight", &[256]),
            ("se.conv_reduce.weight", &[16, 256, 1, 1]),
            ("se.conv_reduce.bias", &[16]),
            ("se.conv_expand.weight", &[256, 16, 1, 1]),
            ("se.conv_expand.bias", &[256]),
            ("conv_pwl.weight", &[128, 256, 1, 1]),
            ("bn3.weight", &[128]),
        ],
    );
    check_names(
        mbconv,
        128,
        MBConv { squeeze_excite, ..MBConv::new(128, 4.0) },
        &[
            ("conv_pw.weight", &[512, 128, 1, 1]),
            ("bn1.weight", &[512]),
            ("conv_dw.weight", &[512, 1, 3, 3]),
            ("bn2.weight", &[512]),
            ("se.conv_reduce.weight", &[32, 512, 1, 1]),
            ("se.conv_reduce.bias", &[32]),
            ("se.conv_expand.weight", &[512, 32, 1, 1]),
            ("se.conv_expand.bias", &[512]),
            ("conv_pwl.weight", &[128, 512, 1, 1]),
            ("bn3.weight", &[128]),
        ],
    );
    check_names(
        fused_mbconv,
        24,
        MBConv { stride: 2.into(), ..MBConv::new(48, 4.0) },
        &[
            ("conv_exp.weight", &[96, 24, 3, 3]),
            ("bn1.weight", &[96]),
            ("conv_pwl.weight", &[48, 96, 1, 1]),
            ("bn2.weight", &[48]),
        ],
    );
    check_names(
        fused_mbconv,
        24,
        MBConv::new(24, 1.0),
        &[("conv.weight", &[24, 24, 3, 3]), ("bn1.weight", &[24])],
    );
}

/// timm's depthwise separable block: `blocks.0.0` of its `efficientnet_b0`.
#[test]
fn names_and_shapes_without_expansion() {
    let block = MBConv { squeeze_excite: Some(SqueezeExcite::EFFICIENTNET), ..MBConv::new(16, 1.0) };
    check_names(
        mbconv,
        32,
        block,
        &[
            ("conv_dw.weight", &[32, 1, 3, 3]),
            ("bn1.weight", &[32]),
            ("se.conv_reduce.weight", &[8, 32, 1, 1]),
            ("se.conv_reduce.bias", &[8]),
            ("se.conv_expand.weight", &[32, 8, 1, 1]),
            ("se.conv_expand.bias", &[32]),
            ("conv_pw.weight", &[16, 32, 1, 1]),
            ("bn2.weight", &[16]),
        ],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn structure_of_mbconv() {
    let block = MBConv {
        norm: Normalization { eps: 1e-3, ..Norm::Batch.into() },
        padding: Padding::Same,
        drop_path: 0.1,
        ..MBConv::new(8, 4.0)
    };
    check(
        mbconv,
        [8, 12, 10],
        block,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 12, 10]
            %1 = conv "conv_pw" (%0) out=32 kernel=1 padding=symmetric : [N, 32, 12, 10]
            %2 = batch_norm "bn1" (%1) eps=0.001 : [N, 32, 12, 10]
            %3 = activation "act1" (%2) silu : [N, 32, 12, 10]
            %4 = conv "conv_dw" (%3) out=32 kernel=3 groups=32 padding=same : [N, 32, 12, 10]
            %5 = batch_norm "bn2" (%4) eps=0.001 : [N, 32, 12, 10]
            %6 = activation "act2" (%5) silu : [N, 32, 12, 10]
            %7 = conv "conv_pwl" (%6) out=8 kernel=1 padding=symmetric : [N, 8, 12, 10]
            %8 = batch_norm "bn3" (%7) eps=0.001 : [N, 8, 12, 10]
            %9 = dropout "drop_path" (%8) p=0.1 path : [N, 8, 12, 10]
            %10 = add "add" (%9, %0) : [N, 8, 12, 10]
            output "y" = %10
        "#]],
    );
    // SleepKit's block: a max pool instead of a stride, before squeeze-excite.
    let squeeze_excite = SqueezeExcite {
        width: SqueezeWidth::expanded(4.0),
        activation: Activation::Relu6,
        gate: Activation::HardSigmoid,
        ..SqueezeExcite::EFFICIENTNET
    };
    check(
        mbconv,
        [8, 101],
        MBConv {
            kernel: [1, 5].into(),
            stride: [1, 2].into(),
            padding: Padding::Same,
            squeeze_excite: Some(squeeze_excite),
            activation: Activation::Relu6,
            downsample: Downsample::MaxPool,
            ..MBConv::new(8, 1.0)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 101]
            %1 = conv "conv_dw" (%0) out=8 kernel=5 groups=8 padding=same : [N, 8, 101]
            %2 = batch_norm "bn1" (%1) : [N, 8, 101]
            %3 = activation "act1" (%2) relu6 : [N, 8, 101]
            %4 = max_pool "pool" (%3) kernel=2 stride=2 padding=same : [N, 8, 51]
            %5 = global_mean "se.mean" (%4) : [N, 8, 1]
            %6 = conv "se.conv_reduce" (%5) out=2 kernel=1 padding=symmetric bias : [N, 2, 1]
            %7 = activation "se.act" (%6) relu6 : [N, 2, 1]
            %8 = conv "se.conv_expand" (%7) out=8 kernel=1 padding=symmetric bias : [N, 8, 1]
            %9 = activation "se.gate" (%8) hard_sigmoid : [N, 8, 1]
            %10 = multiply "se.scale" (%4, %9) : [N, 8, 51]
            %11 = conv "conv_pw" (%10) out=8 kernel=1 padding=symmetric : [N, 8, 51]
            %12 = batch_norm "bn2" (%11) : [N, 8, 51]
            output "y" = %12
        "#]],
    );
}

#[test]
fn structure_of_fused_mbconv() {
    check(
        fused_mbconv,
        [8, 50],
        MBConv { kernel: 5.into(), dilation: 2.into(), ..MBConv::new(8, 4.0) },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 50]
            %1 = conv "conv_exp" (%0) out=32 kernel=5 dilation=2 padding=symmetric : [N, 32, 50]
            %2 = batch_norm "bn1" (%1) : [N, 32, 50]
            %3 = activation "act1" (%2) silu : [N, 32, 50]
            %4 = conv "conv_pwl" (%3) out=8 kernel=1 padding=symmetric : [N, 8, 50]
            %5 = batch_norm "bn2" (%4) : [N, 8, 50]
            %6 = add "add" (%5, %0) : [N, 8, 50]
            output "y" = %6
        "#]],
    );
    check(
        fused_mbconv,
        [8, 12, 12],
        MBConv { drop_path: 0.2, ..MBConv::new(8, 1.0) },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 12, 12]
            %1 = conv "conv" (%0) out=8 kernel=3 padding=symmetric : [N, 8, 12, 12]
            %2 = batch_norm "bn1" (%1) : [N, 8, 12, 12]
            %3 = activation "act1" (%2) silu : [N, 8, 12, 12]
            %4 = dropout "drop_path" (%3) p=0.2 path : [N, 8, 12, 12]
            %5 = add "add" (%4, %0) : [N, 8, 12, 12]
            output "y" = %5
        "#]],
    );
}

/// Whether there is a residual connection depends only on the channels and on the stride along every axis.
#[test]
fn a_residual_connection_requires_stride_1_and_equal_channels() {
    #[rustfmt::skip]
    let cases = [
        // out, stride,       residual
        (16, [1, 1],          true),
        (16, [1, 2],          false),
        (16, [2, 1],          false),
        (24, [1, 1],          false),
    ];
    for (out, stride, residual) in cases {
        for kind in [mbconv as Kind, fused_mbconv] {
            for downsample in [Downsample::Stride, Downsample::MaxPool] {
                let block = MBConv { stride: stride.into(), downsample, ..MBConv::new(out, 2.0) };
                let graph = build(kind, [16, 9, 12], block).unwrap();
                let pooled = downsample == Downsample::MaxPool && stride != [1, 1];
                assert_eq!(graph.find("pool").is_some(), pooled, "{downsample:?}, stride {stride:?}");
                assert_eq!(graph.find("add").is_some(), residual, "out {out}, stride {stride:?}");
            }
        }
    }
    let series = MBConv { stride: [1, 1].into(), ..MBConv::new(16, 2.0) };
    assert!(build(mbconv, [16, 30], series).unwrap().find("add").is_some());
}

#[test]
fn the_expanded_width_is_rounded() {
    #[rustfmt::skip]
    let cases = [
        // in, expand, rounding,          expanded
        (11,   1.5,    Rounding::Down,      16),
        (11,   1.25,   Rounding::Down,      13),
        (20,   6.0,    Rounding::Down,     120),
        (11,   1.25,   Rounding::MOBILENET, 16),
        (20,   0.5,    Rounding::Down,      10),
    ];
    for (input, expand, expand_rounding, expanded) in cases {
        for (kind, name) in [(mbconv as Kind, "conv_pw"), (fused_mbconv, "conv_exp")] {
            let graph =
                build(kind, [input, 40], MBConv { expand_rounding, ..MBConv::new(8, expand) }).unwrap();
            let conv = graph.find(name).unwrap();
            assert_eq!(graph.node(conv).shape.channels, expanded);
        }
    }
}

#[test]
fn errors_name_the_node() {
    let block = MBConv::new(8, 4.0);
    let cases = [
        (
            MBConv { expand_ratio: 0.0, ..block },
            "conv_pw: expected a finite, positive expansion ratio, found 0",
        ),
        (
            MBConv { expand_ratio: f64::NAN, ..block },
            "conv_pw: expected a finite, positive expansion ratio, found NaN",
        ),
    ];
    for (block, message) in cases {
        assert_eq!(build(mbconv, [8, 40], block).unwrap_err().to_string(), message);
    }
    // Errors of the graph itself.
    let cases = [
        (MBConv { expand_ratio: 0.1, ..block }, "conv_pw", ErrorKind::Attribute),
        (MBConv { expand_ratio: 1e300, ..block }, "conv_pw", ErrorKind::Attribute),
        (MBConv { out: 0, ..block }, "conv_pwl", ErrorKind::Attribute),
        (MBConv { kernel: 4.into(), ..block }, "add", ErrorKind::Shape),
        (
            MBConv { kernel: [3, 3].into(), stride: [2, 2].into(), dilation: [2, 1].into(), ..block },
            "conv_dw",
            ErrorKind::Attribute,
        ),
        (MBConv { stride: 0.into(), ..block }, "conv_dw", ErrorKind::Attribute),
        (MBConv { stride: 0.into(), downsample: Downsample::MaxPool, ..block }, "pool", ErrorKind::Attribute),
        (MBConv { drop_path: 1.5, ..block }, "drop_path", ErrorKind::Attribute),
    ];
    for (block, node, kind) in cases {
        let error = build(mbconv, [8, 40], block).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
}
