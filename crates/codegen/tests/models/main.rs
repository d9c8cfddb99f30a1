//! Models as Rust source build the graphs that they were made from.

#![allow(unreachable_pub, reason = "sources are kept as users get them")]

mod cases;

use factory::Factory;
use graph::{BuildError, Graph, Shape};

/// A ready model's name and its source's function.
type Case = (&'static str, fn(Shape) -> Result<Graph, BuildError>);

#[test]
fn sources_build_the_graphs_they_were_made_from() {
    let factory = Factory::builtin();
    for (name, graph) in cases::CASES {
        let model = factory.build_ready(name).unwrap();
        assert_eq!(graph(model.input).unwrap().text(), model.graph.text(), "{name}");
    }
}

#[test]
fn every_family_has_a_source() {
    let factory = Factory::builtin();
    let of = |case: &Case| factory.build_ready(case.0).unwrap().architecture;
    let made: Vec<String> = cases::CASES.iter().map(of).collect();
    let missing: Vec<&str> =
        factory.list().map(|family| family.name()).filter(|name| !made.iter().any(|m| m == name)).collect();
    assert!(missing.is_empty(), "add a model of {missing:?} to the list in src/sources.rs");
}
