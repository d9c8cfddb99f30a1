//! Graphs that are too large are refused while they are built.

use expect_test::expect;
use graph::rewrite::Rewrite;
use graph::{
    Activation, BuildError, Conv, ErrorKind, Graph, LARGEST_EXTENT, LARGEST_NODE_COUNT, LARGEST_OUTPUT_COUNT,
    LARGEST_PARAMETER_COUNT, Padding, Scope, Value, Weights,
};

fn build(model: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", [1024, 8])?;
        let y = model(g, x)?;
        g.output("y", y)
    })
}

/// `kernel` taps of 2^20 weights each.
fn wide(g: Scope<'_>, name: &str, x: Value, kernel: usize) -> Result<Value, BuildError> {
    g.conv(name, x, conv(kernel))
}

fn conv(kernel: usize) -> Conv {
    Conv { padding: Padding::Same, ..Conv::new(1024, kernel) }
}

#[test]
fn parameters_are_counted_over_all_nodes() {
    let full = build(|g, x| wide(g, "a", wide(g, "b", x, 1000)?, 24)).unwrap();
    assert_eq!(full.parameter_count(), LARGEST_PARAMETER_COUNT);
    full.verify().unwrap();

    let error = build(|g, x| wide(g, "a", wide(g, "b", x, 1000)?, 25)).unwrap_err();
    assert_eq!((error.kind(), error.node()), (ErrorKind::Limit, "a"));
    expect![
        "a: expected at most 1073741824 parameters in a graph, found 26214400 in this node and 1048576000 before it"
    ]
    .assert_eq(&error.to_string());

    let vast = build(|g, x| g.conv("vast", x, Conv::new(LARGEST_EXTENT, LARGEST_EXTENT)));
    assert_eq!(vast.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_graph_text_with_too_many_parameters_is_refused_at_its_line() {
    let text = build(|g, x| wide(g, "a", wide(g, "b", x, 1000)?, 24)).unwrap().text();
    let error = text.replace("kernel=24", "kernel=25").parse::<Graph>().unwrap_err();
    assert_eq!(error.line(), 4);
    assert!(error.message().starts_with("a: expected at most 1073741824 parameters"), "{error}");
}

#[test]
fn a_rewrite_to_too_many_parameters_is_refused() {
    let graph = build(|g, x| wide(g, "a", wide(g, "b", x, 1000)?, 1)).unwrap();
    let [a, b] = ["a", "b"].map(|name| graph.find(name).unwrap());
    let grown = graph::Op::Conv(conv(25));
    let mut rewrite = Rewrite::new(&graph, &Weights::default());
    let error = rewrite.set(a, grown, vec![b]).unwrap_err();
    assert_eq!((error.kind(), error.node()), (ErrorKind::Limit, "a"));
    rewrite.replace(a, |g, inputs| wide(g, "c", inputs[0], 24)).unwrap();
    let (full, _) = rewrite.finish().unwrap();
    assert_eq!(full.parameter_count(), LARGEST_PARAMETER_COUNT);

    let mut rewrite = Rewrite::new(&graph, &Weights::default());
    rewrite.insert_after(a, |g, x| wide(g, "c", x, 24)).unwrap();
    let error = rewrite.finish().unwrap_err();
    assert_eq!((error.kind(), error.node()), (ErrorKind::Limit, "c"));
}

/// A name with very many parts would become as many scopes in emitted source, and a very wide table.
#[test]
fn names_have_at_most_500_bytes() {
    let named =
        |length: usize| build(|g, x| g.activation("a.".repeat(length / 2 - 1) + "bc", x, Activation::Relu));
    assert!(named(500).is_ok());
    let error = named(502).unwrap_err();
    assert_eq!(error.message(), "expected a name of at most 500 bytes, found 502");
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn nodes_and_outputs_are_counted() {
    let chain = |length: usize| {
        build(|g, mut x| {
            for i in 0..length {
                x = g.activation(i, x, Activation::Relu)?;
            }
            Ok(x)
        })
    };
    assert_eq!(chain(LARGEST_NODE_COUNT - 1).unwrap().nodes().len(), LARGEST_NODE_COUNT);
    let error = chain(LARGEST_NODE_COUNT).unwrap_err();
    expect!["16383: expected at most 16384 nodes in a graph, found more"].assert_eq(&error.to_string());

    let error = build(|g, x| {
        for i in 0..LARGEST_OUTPUT_COUNT {
            g.output(i, x)?;
        }
        Ok(x)
    });
    expect!["y: expected at most 1024 outputs in a graph, found more"]
        .assert_eq(&error.unwrap_err().to_string());
}
