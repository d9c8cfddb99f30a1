//! Convolutions with norm and activation, plain and factorized.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Activation, BuildError, Conv, ErrorKind, Graph, Padding, Role, Scope, Shape, Value};
use layers::{
    Between, Factorization, Factorized, Norm, Normalization, conv_norm, conv_norm_act, depthwise, factorized,
    separable,
};

type Block = fn(Scope<'_>, Value) -> Result<Value, BuildError>;

fn build(input: impl Into<Shape>, block: Block) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let y = block(g / "block", x)?;
        g.output("y", y)
    })
}

fn check(input: impl Into<Shape>, block: Block, text: &Expect) {
    text.assert_eq(&build(input, block).unwrap().text());
}

#[test]
fn nodes_have_the_names_that_the_caller_gives() {
    check(
        [3, 32, 32],
        |g, x| {
            let conv = Conv { stride: 2.into(), ..Conv::new(64, 7) };
            conv_norm_act(g, ["conv1", "bn1", "relu1"], x, conv, Norm::Batch, Activation::Relu)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 3, 32, 32]
            %1 = conv "block.conv1" (%0) out=64 kernel=7 stride=2 padding=symmetric : [N, 64, 16, 16]
            %2 = batch_norm "block.bn1" (%1) : [N, 64, 16, 16]
            %3 = activation "block.relu1" (%2) relu : [N, 64, 16, 16]
            output "y" = %3
        "#]],
    );
    check(
        [6, 100],
        |g, x| conv_norm(g, ["downsample.0", "downsample.1"], x, Conv::new(8, 1), Norm::Layer),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 6, 100]
            %1 = conv "block.downsample.0" (%0) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %2 = layer_norm "block.downsample.1" (%1) eps=1e-5 : [N, 8, 100]
            output "y" = %2
        "#]],
    );
}

#[test]
fn a_convolution_has_a_bias_if_no_norm_follows_or_if_requested() {
    for kind in Norm::ALL {
        for requested in [false, true] {
            let graph = Graph::build(|g| {
                let x = g.input("x", [3, 20])?;
                let conv = Conv { bias: requested, ..Conv::new(16, 3) };
                let y = conv_norm(g, ["conv", "norm"], x, conv, kind)?;
                g.output("y", y)
            })
            .unwrap();
            let biased = graph.parameters().any(|p| p.name == "conv.bias");
            assert_eq!(biased, requested || kind == Norm::None, "{kind}, requested {requested}");
        }
    }
}

#[test]
fn the_depthwise_factor_takes_kernel_stride_dilation_and_padding() {
    check(
        [6, 100],
        |g, x| {
            let padding = Padding::Causal;
            let conv =
                Conv { stride: 2.into(), dilation: 4.into(), padding, bias: true, ..Conv::new(16, [1, 5]) };
            let between = Between {
                names: ["bn1", "act1"],
                norm: Normalization::KERAS,
                activation: Some(Activation::Relu6),
            };
            separable(g, ["dw", "pw"], x, conv, between)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 6, 100]
            %1 = conv "block.dw" (%0) out=6 kernel=5 stride=2 dilation=4 groups=6 padding=causal : [N, 6, 50]
            %2 = batch_norm "block.bn1" (%1) eps=0.001 momentum=0.01 : [N, 6, 50]
            %3 = activation "block.act1" (%2) relu6 : [N, 6, 50]
            %4 = conv "block.pw" (%3) out=16 kernel=1 padding=symmetric bias : [N, 16, 50]
            output "y" = %4
        "#]],
    );
}

/// As in Keras's `SeparableConv2D`, there is no norm between the factors, and the pointwise factor has a bias
/// only if no norm follows.
#[test]
fn kerass_separable_convolution() {
    check(
        [3, 24, 24],
        |g, x| {
            let conv = Conv { padding: Padding::Same, ..Conv::new(12, 5) };
            factorized(
                g,
                ["conv", "norm", "act"],
                x,
                Factorized {
                    conv,
                    factorization: Factorization::Separable,
                    norm: Norm::Batch.into(),
                    activation: Some(Activation::Relu6),
                },
            )
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 3, 24, 24]
            %1 = conv "block.conv.depthwise" (%0) out=3 kernel=5 groups=3 padding=same : [N, 3, 24, 24]
            %2 = conv "block.conv.pointwise" (%1) out=12 kernel=1 padding=symmetric : [N, 12, 24, 24]
            %3 = batch_norm "block.norm" (%2) : [N, 12, 24, 24]
            %4 = activation "block.act" (%3) relu6 : [N, 12, 24, 24]
            output "y" = %4
        "#]],
    );
    check(
        [3, 64],
        |g, x| {
            factorized(
                g,
                ["conv", "norm", "act"],
                x,
                Factorized {
                    conv: Conv::new(12, 5),
                    factorization: Factorization::Separable,
                    norm: Norm::None.into(),
                    activation: None,
                },
            )
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 3, 64]
            %1 = conv "block.conv.depthwise" (%0) out=3 kernel=5 groups=3 padding=symmetric : [N, 3, 64]
            %2 = conv "block.conv.pointwise" (%1) out=12 kernel=1 padding=symmetric bias : [N, 12, 64]
            output "y" = %2
        "#]],
    );
}

#[test]
fn mobilenets_separable_convolution() {
    check(
        [32, 14, 14],
        |g, x| {
            let kind = Factorization::DepthwiseSeparable;
            factorized(
                g,
                ["conv", "norm", "act"],
                x,
                Factorized {
                    conv: Conv::new(64, 3),
                    factorization: kind,
                    norm: Norm::Batch.into(),
                    activation: Some(Activation::Relu),
                },
            )
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 32, 14, 14]
            %1 = conv "block.conv.depthwise" (%0) out=32 kernel=3 groups=32 padding=symmetric : [N, 32, 14, 14]
            %2 = batch_norm "block.conv.norm" (%1) : [N, 32, 14, 14]
            %3 = activation "block.conv.act" (%2) relu : [N, 32, 14, 14]
            %4 = conv "block.conv.pointwise" (%3) out=64 kernel=1 padding=symmetric : [N, 64, 14, 14]
            %5 = batch_norm "block.norm" (%4) : [N, 64, 14, 14]
            %6 = activation "block.act" (%5) relu : [N, 64, 14, 14]
            output "y" = %6
        "#]],
    );
    // Without norms, the activation between the factors requires a bias on the depthwise factor.
    let graph = build([32, 14, 14], |g, x| {
        let kind = Factorization::DepthwiseSeparable;
        factorized(
            g,
            ["conv", "norm", "act"],
            x,
            Factorized {
                conv: Conv::new(64, 3),
                factorization: kind,
                norm: Norm::None.into(),
                activation: Some(Activation::Relu),
            },
        )
    });
    let names: Vec<_> = graph.unwrap().parameters().map(|p| p.name).collect();
    let part = |part: &str| [format!("block.conv.{part}.weight"), format!("block.conv.{part}.bias")];
    assert_eq!(names, [part("depthwise"), part("pointwise")].concat());
}

#[test]
fn both_factors_have_weight_norm() {
    let graph = build([8, 50], |g, x| {
        let conv = Conv { weight_norm: true, ..Conv::new(8, 3) };
        separable(g, ["dw", "pw"], x, conv, Between::NOTHING)
    });
    let graph = graph.unwrap();
    let lengths = graph.parameters().filter(|p| p.role == Role::Length).map(|p| p.name);
    let length = |part| format!("block.{part}.parametrizations.weight.original0");
    assert_eq!(lengths.collect::<Vec<_>>(), [length("dw"), length("pw")]);
}

#[test]
fn plain_is_one_convolution() {
    check(
        [8, 50],
        |g, x| {
            let conv = Conv { groups: 4, ..Conv::new(8, 3) };
            factorized(
                g,
                ["0", "1", "2"],
                x,
                Factorized {
                    conv,
                    factorization: Factorization::Plain,
                    norm: Norm::Batch.into(),
                    activation: Some(Activation::Elu { alpha: 1.0 }),
                },
            )
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 8, 50]
            %1 = conv "block.0" (%0) out=8 kernel=3 groups=4 padding=symmetric : [N, 8, 50]
            %2 = batch_norm "block.1" (%1) : [N, 8, 50]
            %3 = activation "block.2" (%2) elu(1) : [N, 8, 50]
            output "y" = %3
        "#]],
    );
}

#[test]
fn factorizations_are_read_by_name() {
    for (name, kind) in [
        ("plain", Factorization::Plain),
        ("separable", Factorization::Separable),
        ("depthwise_separable", Factorization::DepthwiseSeparable),
    ] {
        assert_eq!(serde_json::from_value::<Factorization>(name.into()).unwrap(), kind);
    }
}

#[test]
fn errors_name_the_node() {
    let cases: [(Block, &str); 1] = [(
        |g, x| separable(g, ["dw", "pw"], x, depthwise(8, 3), Between::NOTHING),
        "block.dw: expected 1 group in a convolution to factorize, found 8",
    )];
    for (block, message) in cases {
        assert_eq!(build([8, 50], block).unwrap_err().to_string(), message);
    }
    // Errors of the graph itself.
    let cases: [(Block, &str, ErrorKind); 3] = [
        (
            |g, x| separable(g, ["dw", "pw"], x, Conv::new(0, 3), Between::NOTHING),
            "block.pw",
            ErrorKind::Attribute,
        ),
        (
            |g, x| conv_norm(g, ["conv", "bn"], x, depthwise(12, 3), Norm::Batch),
            "block.conv",
            ErrorKind::Attribute,
        ),
        (
            |g, x| conv_norm(g, ["same", "same"], x, Conv::new(8, 3), Norm::Batch),
            "block.same",
            ErrorKind::Name,
        ),
    ];
    for (block, node, kind) in cases {
        let error = build([8, 50], block).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
}
