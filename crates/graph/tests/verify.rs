//! Whatever is built is legal; each way to be illegal is tested beside `verify` itself.

use graph::{Graph, random};

#[test]
fn random_graphs_are_legal() {
    let mut texts = std::collections::BTreeSet::new();
    for index in 0..200 {
        let graph = random::problem(index, 0).graph;
        graph.verify().expect("a graph that is built is legal");
        texts.insert(graph.text());
    }
    assert!(texts.len() > 100, "only {} of 200 graphs differ", texts.len());
}

#[test]
fn an_empty_graph_is_not() {
    let message = Graph::default().verify().unwrap_err().to_string();
    expect_test::expect!["graph: expected at least one output, found none"].assert_eq(&message);
}
