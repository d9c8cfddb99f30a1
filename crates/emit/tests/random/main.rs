//! Sources of random graphs, of every operation: they parse, and those that are committed build the
//! graphs that they were made from. `UPDATE_EXPECT=1` writes them anew.

#![allow(unreachable_pub, reason = "sources stand here as their owners get them")]

use expect_test::expect_file;
use graph::random::{Problem, cells, problem};
use graph::{BuildError, Graph, Shape};

mod problem_00;
mod problem_01;
mod problem_02;
mod problem_03;
mod problem_04;
mod problem_05;
mod problem_06;
mod problem_07;
mod problem_08;
mod problem_09;
mod problem_10;
mod problem_11;
mod problem_12;
mod problem_13;
mod problem_14;
mod problem_15;
mod problem_16;
mod problem_17;
mod problem_18;
mod problem_19;

type Build = fn(Shape) -> Result<Graph, BuildError>;

/// The committed sources.
const SOURCES: [Build; 20] = [
    |input| problem_00::graph(input),
    |input| problem_01::graph(input),
    |input| problem_02::graph(input),
    |input| problem_03::graph(input),
    |input| problem_04::graph(input),
    |input| problem_05::graph(input),
    |input| problem_06::graph(input),
    |input| problem_07::graph(input),
    |input| problem_08::graph(input),
    |input| problem_09::graph(input),
    |input| problem_10::graph(input),
    |input| problem_11::graph(input),
    |input| problem_12::graph(input),
    |input| problem_13::graph(input),
    |input| problem_14::graph(input),
    |input| problem_15::graph(input),
    |input| problem_16::graph(input),
    |input| problem_17::graph(input),
    |input| problem_18::graph(input),
    |input| problem_19::graph(input),
];

/// What the source of this number is made from: problems from all over the list.
fn of(source: usize) -> Problem {
    problem(source * cells().len() / SOURCES.len(), 1)
}

#[test]
fn sources_are_fresh() {
    for source in 0..SOURCES.len() {
        let text =
            emit::rust(&of(source).graph, "a random graph", "UPDATE_EXPECT=1 cargo test --release -p emit");
        expect_file![format!("problem_{source:02}.rs")].assert_eq(&text);
    }
}

#[test]
fn sources_build_the_graphs_they_were_made_from() {
    for (source, build) in SOURCES.iter().enumerate() {
        let Problem { graph, sizes, .. } = of(source);
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
