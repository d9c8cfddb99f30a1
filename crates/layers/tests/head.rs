//! Heads, dropout and optional activations.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{
    Activation, BuildError, Conv, DropUnit, ErrorKind, Graph, Padding, Scope, Shape, TimeStep, Value,
};
use layers::{activation, classifier, drop_path, dropout, linear_rise, segmentation};

type Block = fn(Scope<'_>, Value) -> Result<Value, BuildError>;

fn build(input: impl Into<Shape>, block: Block) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let y = block(g, x)?;
        g.output("y", y)
    })
}

fn check(input: impl Into<Shape>, block: Block, text: &Expect) {
    text.assert_eq(&build(input, block).unwrap().text());
}

#[test]
fn classifiers() {
    check(
        [32, 7, 7],
        |g, x| classifier(g / "head", "fc", x, Some(10), 0.2),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 32, 7, 7]
            %1 = global_mean "head.global_pool" (%0) : [N, 32, 1, 1]
            %2 = flatten "head.flatten" (%1) : [N, 32]
            %3 = dropout "head.dropout" (%2) p=0.2 element : [N, 32]
            %4 = linear "head.fc" (%3) out=10 bias : [N, 10]
            output "y" = %4
        "#]],
    );
    // A feature vector is not pooled.
    check(
        [32, 100],
        |g, x| classifier(g, "fc", g.select("last", x, TimeStep::Last)?, Some(4), 0.0),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 32, 100]
            %1 = select "last" (%0) last : [N, 32]
            %2 = linear "fc" (%1) out=4 bias : [N, 4]
            output "y" = %2
        "#]],
    );
    // Without classes, there is no dropout either.
    check(
        [32, 100],
        |g, x| classifier(g, "fc", x, None, 0.5),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 32, 100]
            %1 = global_mean "global_pool" (%0) : [N, 32, 1]
            %2 = flatten "flatten" (%1) : [N, 32]
            output "y" = %2
        "#]],
    );
}

#[test]
fn segmentations() {
    check(
        [16, 100],
        |g, x| {
            let conv = Conv { padding: Padding::Same, ..Conv::new(0, 5) };
            segmentation(g, "outc.conv", x, Some(5), conv)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 16, 100]
            %1 = conv "outc.conv" (%0) out=5 kernel=5 padding=same bias : [N, 5, 100]
            output "y" = %1
        "#]],
    );
    check(
        [16, 8, 6],
        |g, x| segmentation(g, "outc.conv", x, None, Conv::new(0, 1)),
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 16, 8, 6]
            output "y" = %0
        "#]],
    );
}

#[test]
fn disabled_options_add_no_nodes() {
    let off: [Block; 3] = [
        |g, x| dropout(g, "drop", x, 0.0, DropUnit::Channel),
        |g, x| drop_path(g, "drop", x, 0.0),
        |g, x| activation(g, "act", x, None),
    ];
    for block in off {
        assert_eq!(build([4, 10], block).unwrap().nodes().len(), 1);
    }
    let on: [(Block, &str); 4] = [
        (|g, x| dropout(g, "drop", x, 0.1, DropUnit::Element), "p=0.1 element"),
        (|g, x| dropout(g, "drop", x, 0.1, DropUnit::Channel), "p=0.1 channel"),
        (|g, x| drop_path(g, "drop", x, 0.1), "p=0.1 path"),
        (|g, x| activation(g, "act", x, Activation::Mish), "mish"),
    ];
    for (block, attributes) in on {
        let text = build([4, 10], block).unwrap().text();
        assert!(text.lines().nth(2).unwrap().contains(attributes), "{text}");
    }
}

/// EfficientNetV2-S has 40 blocks and a drop-connect rate of 0.2.
#[test]
fn drop_path_rises_linearly() {
    for (index, p) in [(0, 0.0), (10, 0.05), (39, 0.195)] {
        assert!((linear_rise(0.2, index, 40) - p).abs() < 1e-12);
    }
    assert!(
        (linear_rise(0.05, 15, 16 - 1) - 0.05).abs() < 1e-12,
        "timm's ResNet-50 reaches the full rate at its last block"
    );
    assert!(linear_rise(0.2, 5, 0).is_finite());
}

#[test]
fn errors_name_the_node() {
    let cases: [(Block, &str, ErrorKind); 5] = [
        (|g, x| classifier(g, "fc", x, Some(0), 0.0), "fc", ErrorKind::Attribute),
        (|g, x| classifier(g, "fc", x, Some(2), 1.0), "dropout", ErrorKind::Attribute),
        (|g, x| drop_path(g, "drop_path", x, -0.1), "drop_path", ErrorKind::Attribute),
        (|g, x| drop_path(g, "drop_path", x, f64::NAN), "drop_path", ErrorKind::Attribute),
        (|g, x| segmentation(g, "outc", x, Some(0), Conv::new(1, 1)), "outc", ErrorKind::Attribute),
    ];
    for (block, node, kind) in cases {
        let error = build([4, 10], block).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
}

#[test]
fn output_activations_are_read_by_name() {
    use layers::OutputActivation::{self, Pointwise, Softmax};
    let read = |text: &str| serde_json::from_str::<OutputActivation>(text).map_err(|error| error.to_string());
    assert_eq!(read("\"softmax\""), Ok(Softmax));
    assert_eq!(read("\"relu6\""), Ok(Pointwise(graph::Activation::Relu6)));
    assert_eq!(serde_json::to_string(&Softmax).unwrap(), "\"softmax\"");
    assert!(
        read("\"softmix\"")
            .unwrap_err()
            .starts_with("expected an activation, found `softmix`; known activations: relu,")
    );
    assert!(read("\"softmix\"").unwrap_err().ends_with("mish, softmax"));
}
