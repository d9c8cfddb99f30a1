//! Parts of graphs compute what the whole computes, from the same weights.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::random::{Problem, cells, problem};
use graph::reference::{Tensor, run, values};
use graph::testing::Tolerance;
use graph::{BatchNorm, BuildError, Conv, Graph, Table, Value, Weights, merge};

/// Samples in a batch.
const BATCH: usize = 2;

fn problems() -> impl Iterator<Item = Problem> {
    (0..cells().len()).flat_map(|cell| (0..2).map(move |seed| problem(cell, seed)))
}

/// The values of `part` are those of the nodes of the same names in the whole graph.
fn assert_equal(whole: (&Graph, &Table<Tensor>), part: &Graph, outputs: &[Tensor], tolerance: Tolerance) {
    for (output, found) in part.outputs().iter().zip(outputs) {
        let expected = &whole.1[whole.0.find(&output.name).unwrap()];
        let result = tolerance.compare(found.data.iter().copied(), expected.data.iter().copied());
        result.unwrap_or_else(|error| panic!("{}: {error}\n{}\n{part}", output.name, whole.0));
    }
}

#[test]
fn a_part_computes_the_values_of_the_whole_merged_and_unmerged() {
    let mut cut = 0;
    for Problem { graph, weights, sizes } in problems() {
        let names: Vec<&str> = graph.nodes().map(|(_, node)| node.name.as_str()).collect();
        let middle = names[names.len() / 2];
        let parts = [graph.until(middle).unwrap(), graph.with_outputs(&names[names.len() / 3..]).unwrap()];
        for part in parts {
            part.verify().unwrap();
            for (_, node) in part.nodes() {
                let same = graph.node(graph.find(&node.name).unwrap());
                assert_eq!((&node.op, &node.shape), (&same.op, &same.shape));
            }
            let own = weights.clone().for_graph(&part);
            assert!(own.compare(&part).is_exact(), "{}", own.compare(&part));
            let merged = merge(&part, &own);
            for size in &sizes {
                let x = [Tensor::noise("x", BATCH, size.clone())];
                let all = values(&graph, &weights, &x).unwrap();
                assert_equal((&graph, &all), &part, &run(&part, &own, &x).unwrap(), Tolerance::Exact);
                let outputs = run(&merged.graph, &merged.weights, &x).unwrap();
                assert_equal((&graph, &all), &part, &outputs, Tolerance::Close);
            }
            cut += 1;
        }
    }
    println!("{cut} parts");
}

#[test]
fn a_part_has_no_node_that_its_outputs_do_not_need() {
    for Problem { graph, .. } in problems() {
        let name = &graph.node(graph.main_output().value).name;
        let part = graph.until(name).unwrap();
        let mut is_read = Table::from_fn(&part, |value, _| value == part.main_output().value);
        for (_, node) in part.nodes() {
            for input in &node.inputs {
                is_read[*input] = true;
            }
        }
        assert!(is_read.values().all(|is_read| *is_read), "{part}");
    }
}

#[test]
fn an_included_graph_computes_the_same_from_its_weights_below_the_scope() {
    for Problem { graph, weights, sizes } in problems() {
        for size in sizes {
            let including = Graph::build(|g| {
                let x = g.input("outer", size.clone())?;
                let outputs = (g / "part").include(&graph, &[x])?;
                for (output, value) in graph.outputs().iter().zip(outputs) {
                    g.output(&output.name, value)?;
                }
                Ok(())
            });
            let including = including.unwrap();
            let below = weights.clone().below("part");
            assert!(below.compare(&including).is_exact(), "{}", below.compare(&including));
            let x = [Tensor::noise("x", BATCH, size)];
            let (expected, found) = (run(&graph, &weights, &x), run(&including, &below, &x));
            assert_eq!(found.unwrap(), expected.unwrap(), "{graph}");
        }
    }
}

/// Two blocks of the same scope, a head, and a second output.
fn network() -> Graph {
    let conv_norm = |g: graph::Scope<'_>, x: Value, channels: usize| {
        let x = g.conv("conv", x, Conv::new(channels, 3))?;
        g.batch_norm("bn", x, BatchNorm::default())
    };
    let built = Graph::build(|g| {
        let x = g.input("signal", [2, 20])?;
        let a = conv_norm(g / "layer1" / 0, x, 4)?;
        let b = conv_norm(g / "layer1" / 1, a, 8)?;
        let c = conv_norm(g / "layer10", b, 6)?;
        g.output("logits", g.linear("fc", g.flatten("flatten", g.global_mean("pool", c)?)?, 3)?)?;
        g.output("early", a)
    });
    built.unwrap()
}

#[test]
fn names_of_nodes_scopes_and_outputs() {
    let graph = network();
    let last = |name: &str| {
        let part = graph.until(name).unwrap();
        assert_eq!(part.main_output().name, name);
        (part.node(part.main_output().value).name.clone(), part.output_shape().to_string())
    };
    assert_eq!(last("layer1"), ("layer1.1.bn".to_owned(), "[N, 8, 20]".to_owned()));
    assert_eq!(last("layer1.0"), ("layer1.0.bn".to_owned(), "[N, 4, 20]".to_owned()));
    assert_eq!(last("early").0, "layer1.0.bn");
    assert_eq!(last("layer10.conv").0, "layer10.conv");
    assert_eq!(last("signal"), ("signal".to_owned(), "[N, 2, 20]".to_owned()));
    let below = |name: &str| graph.nodes_below(name).unwrap().len();
    assert_eq!(["layer1", "layer10", "layer1.1", "fc", ""].map(below), [4, 2, 2, 1, 10]);
}

#[test]
fn unknown_names() {
    let graph = network();
    let check = |error: BuildError, expected: &Expect| expected.assert_eq(&error.to_string());
    check(
        graph.until("layr1").unwrap_err(),
        &expect![
            "graph: expected the name of a node, a scope or an output, found `layr1`; the graph has signal, layer1, layer10, pool, flatten, fc"
        ],
    );
    check(
        graph.until("layer1.2.conv").unwrap_err(),
        &expect![
            "graph: expected the name of a node, a scope or an output, found `layer1.2.conv`; `layer1` has 0, 1"
        ],
    );
    check(
        graph.until("").unwrap_err(),
        &expect![
            "graph: expected the name of a node, a scope or an output, found ``; the graph has signal, layer1, layer10, pool, flatten, fc"
        ],
    );
    check(
        graph.nodes_below("early").unwrap_err(),
        &expect![
            "graph: expected the name of a node or a scope, found `early`; the graph has signal, layer1, layer10, pool, flatten, fc"
        ],
    );
    check(
        graph.with_outputs(["fc", "fc"]).unwrap_err(),
        &expect!["fc: duplicate name; an earlier output has it"],
    );
    check(
        graph.with_outputs([""; 0]).unwrap_err(),
        &expect!["graph: expected at least one output, found none"],
    );
}

#[test]
fn a_graph_is_included_only_where_it_runs() {
    let part = network().until("layer1").unwrap();
    let include = |shape: &[usize], count: usize| {
        let included = Graph::build(|g| {
            let x = g.input("x", graph::Shape::new(shape[0], &shape[1..]))?;
            let outputs = (g / "encoder").include(&part, &vec![x; count])?;
            g.output("y", outputs[0])
        });
        included.unwrap_err().to_string()
    };
    expect!["signal: expected 2 channels, found 3 in [N, 3, 20]"].assert_eq(&include(&[3, 20], 1));
    expect!["graph: expected 1 inputs, found 2"].assert_eq(&include(&[2, 20], 2));
}

#[test]
fn inputs_that_a_part_does_not_need_are_left_out() {
    let graph = Graph::build(|g| {
        let (a, b) = (g.input("a", [2, 8])?, g.input("b", [2, 8])?);
        let b = g.conv("conv", b, Conv::new(2, 3))?;
        g.output("sum", g.add("add", &[a, b])?)
    });
    let graph = graph.unwrap();
    let part = graph.until("conv").unwrap();
    assert_eq!(part.inputs().map(|(_, node)| node.name.as_str()).collect::<Vec<_>>(), ["b"]);
    let mut weights = Weights::initial(&graph, 0);
    weights.insert("other", graph::Array::from_fn([1], |_| 0.0));
    assert_eq!(weights.for_graph(&part), Weights::initial(&part, 0));
}
