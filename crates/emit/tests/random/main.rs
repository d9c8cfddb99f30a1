//! Sources of random graphs with every operation: all of them parse, and the committed ones build the
//! graphs that they were made from. `UPDATE_EXPECT=1` rewrites them.

#![allow(clippy::too_many_lines, reason = "emitted sources are kept as users get them")]
#![allow(unreachable_pub, reason = "emitted sources are kept as users get them")]

use expect_test::expect_file;
use graph::random::{Problem, cells, problem};
use graph::{BuildError, Graph, Shape};

/// In the layout that `emit` writes.
#[rustfmt::skip]
mod sources {
    pub mod problem_00;
    pub mod problem_01;
    pub mod problem_02;
    pub mod problem_03;
    pub mod problem_04;
    pub mod problem_05;
    pub mod problem_06;
    pub mod problem_07;
    pub mod problem_08;
    pub mod problem_09;
    pub mod problem_10;
    pub mod problem_11;
    pub mod problem_12;
    pub mod problem_13;
    pub mod problem_14;
    pub mod problem_15;
    pub mod problem_16;
    pub mod problem_17;
    pub mod problem_18;
    pub mod problem_19;
}

type Build = fn(Shape) -> Result<Graph, BuildError>;

/// The committed sources.
const SOURCES: [Build; 20] = [
    |input| sources::problem_00::graph(input),
    |input| sources::problem_01::graph(input),
    |input| sources::problem_02::graph(input),
    |input| sources::problem_03::graph(input),
    |input| sources::problem_04::graph(input),
    |input| sources::problem_05::graph(input),
    |input| sources::problem_06::graph(input),
    |input| sources::problem_07::graph(input),
    |input| sources::problem_08::graph(input),
    |input| sources::problem_09::graph(input),
    |input| sources::problem_10::graph(input),
    |input| sources::problem_11::graph(input),
    |input| sources::problem_12::graph(input),
    |input| sources::problem_13::graph(input),
    |input| sources::problem_14::graph(input),
    |input| sources::problem_15::graph(input),
    |input| sources::problem_16::graph(input),
    |input| sources::problem_17::graph(input),
    |input| sources::problem_18::graph(input),
    |input| sources::problem_19::graph(input),
];

/// The problem that a source is made from. Together they are spread over the whole list.
fn problem_of(source: usize) -> Problem {
    problem(source * cells().len() / SOURCES.len(), 1)
}

#[test]
fn sources_are_fresh() {
    for source in 0..SOURCES.len() {
        let text = emit::rust(
            &problem_of(source).graph,
            "a random graph",
            "UPDATE_EXPECT=1 cargo test --release -p emit",
        );
        expect_file![format!("sources/problem_{source:02}.rs")].assert_eq(&text);
    }
}

#[test]
fn sources_build_the_graphs_they_were_made_from() {
    for (source, build) in SOURCES.iter().enumerate() {
        let Problem { graph, sizes, .. } = problem_of(source);
        assert_eq!(build(sizes[0].clone()).unwrap().text(), graph.text(), "source {source}");
    }
}

#[test]
fn every_source_parses() {
    for index in 0..cells().len() {
        for seed in 0..8 {
            let Problem { graph, .. } = problem(index, seed);
            let text = emit::rust(&graph, "a random graph", "a test");
            if let Err(error) = syn::parse_file(&text) {
                panic!("problem {index} {seed}: {error}\n{graph}\n{text}");
            }
        }
    }
}
