//! Norms: names in configs, operations and errors.

use expect_test::{Expect, expect};
use graph::{BuildError, ErrorKind, Graph, Shape};
use layers::{Norm, Normalization, norm};

fn build(input: impl Into<Shape>, n: Normalization) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", input)?;
        let x = norm(g, "norm", x, n)?;
        g.output("y", x)
    })
}

#[test]
fn names_round_trip() {
    for n in Norm::ALL {
        assert_eq!(n.to_string().parse(), Ok(n));
        let json = serde_json::to_string(&n).unwrap();
        assert_eq!(json, format!("{:?}", n.to_string()));
        assert_eq!(serde_json::from_str::<Norm>(&json).unwrap(), n);
    }
    assert_eq!("group( 32 )".parse(), Ok(Norm::Group { groups: 32 }));
}

#[test]
fn invalid_names_are_refused() {
    let cases = [
        (
            "bacth",
            "expected a norm, found `bacth`; known norms: batch, layer, group, instance, position, none",
        ),
        ("", "expected a norm, found ``; known norms: batch, layer, group, instance, position, none"),
        ("group", "expected a number of groups, such as `group(8)`, found `group`"),
        ("group(0)", "expected a positive number of groups, such as `group(8)`, found `group(0)`"),
        ("group(-4)", "expected a positive number of groups, such as `group(8)`, found `group(-4)`"),
        (
            "group(99999999999999999999)",
            "expected a positive number of groups, such as `group(8)`, found `group(99999999999999999999)`",
        ),
        ("batch(3)", "expected `batch`, which has no parameter, found `batch(3)`"),
    ];
    for (text, message) in cases {
        assert_eq!(text.parse::<Norm>(), Err(message.to_owned()));
        let error = serde_json::from_value::<Norm>(text.into()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn each_norm_becomes_one_operation() {
    let check = |input: Shape, text: &Expect| {
        let lines = Norm::ALL.map(|kind| {
            let graph = build(input.clone(), Normalization { eps: 1e-3, momentum: 0.01, kind }).unwrap();
            graph.text().lines().nth(2).unwrap().to_owned() + "\n"
        });
        text.assert_eq(&lines.concat());
    };
    check(
        [16, 100].into(),
        &expect![[r#"
            %1 = batch_norm "norm" (%0) eps=0.001 momentum=0.01 : [N, 16, 100]
            %1 = layer_norm "norm" (%0) eps=0.001 : [N, 16, 100]
            %1 = group_norm "norm" (%0) groups=8 eps=0.001 : [N, 16, 100]
            %1 = group_norm "norm" (%0) groups=16 eps=0.001 : [N, 16, 100]
            %1 = position_norm "norm" (%0) eps=0.001 : [N, 16, 100]
            output "y" = %0
        "#]],
    );
    check(
        [24, 8, 6].into(),
        &expect![[r#"
            %1 = batch_norm "norm" (%0) eps=0.001 momentum=0.01 : [N, 24, 8, 6]
            %1 = layer_norm "norm" (%0) eps=0.001 : [N, 24, 8, 6]
            %1 = group_norm "norm" (%0) groups=8 eps=0.001 : [N, 24, 8, 6]
            %1 = group_norm "norm" (%0) groups=24 eps=0.001 : [N, 24, 8, 6]
            %1 = position_norm "norm" (%0) eps=0.001 : [N, 24, 8, 6]
            output "y" = %0
        "#]],
    );
}

/// The number of elements of scale and shift, for 16 channels at 100 positions.
#[test]
fn parameters_per_channel_or_position() {
    let cases = [
        (Norm::Batch, 32),
        (Norm::Layer, 32),
        (Norm::Group { groups: 4 }, 32),
        (Norm::Instance, 32),
        (Norm::Position, 200),
        (Norm::None, 0),
    ];
    for (kind, trainable) in cases {
        let graph = build([16, 100], kind.into()).unwrap();
        let count: usize = graph.parameters().filter(|p| p.role.is_trainable()).map(|p| p.elements()).sum();
        assert_eq!(count, trainable, "{kind}");
    }
}

#[test]
fn defaults_are_those_of_torch_and_keras() {
    assert_eq!(Normalization::default(), Normalization { kind: Norm::Batch, eps: 1e-5, momentum: 0.1 });
    assert_eq!(Normalization::KERAS, Normalization { kind: Norm::Batch, eps: 1e-3, momentum: 0.01 });
}

#[test]
fn invalid_numbers_are_refused_by_the_node() {
    let eps = |eps| Normalization { eps, ..Norm::Batch.into() };
    let cases = [
        (Normalization::from(Norm::Group { groups: 3 }), "norm", ErrorKind::Attribute),
        (Norm::Group { groups: 0 }.into(), "norm", ErrorKind::Attribute),
        (eps(f64::NAN), "norm", ErrorKind::Attribute),
        (Normalization { momentum: 2.0, ..Norm::Batch.into() }, "norm", ErrorKind::Attribute),
    ];
    for (n, node, kind) in cases {
        let error = build([16, 100], n).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
}
