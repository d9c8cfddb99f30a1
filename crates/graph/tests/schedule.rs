//! Order and lifetimes.

use graph::plan::{LastUse, Schedule};
use graph::random::{cells, problem};
use graph::{Activation, Conv, Graph, Value};

fn names(graph: &Graph, values: &[Value]) -> Vec<String> {
    values.iter().map(|value| graph.node(*value).name.clone()).collect()
}

#[test]
fn only_needed_nodes_are_computed() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [4, 10])?;
        g.input("ignored", [1, 10])?;
        let a = g.conv("a", x, Conv::new(4, 1))?;
        let unread = g.activation("unread", a, Activation::Relu)?;
        g.conv("dead_end", unread, Conv::new(4, 1))?;
        let b = g.add("b", &[a, a])?;
        let c = g.add("c", &[b, a])?;
        g.output("c", c)?;
        g.output("b", b)
    })
    .unwrap();
    let schedule = Schedule::new(&graph);
    let computed: Vec<Value> = schedule.instructions().iter().map(|instruction| instruction.value).collect();
    assert_eq!(names(&graph, &computed), ["x", "a", "b", "c"]);
    let frees: Vec<_> = schedule.instructions().iter().map(|i| names(&graph, &i.frees)).collect();
    assert_eq!(frees, [vec![], vec!["x"], vec![], vec!["a"]]);

    let all = Schedule::complete(&graph, &[graph.find("c").unwrap()]);
    let frees: Vec<_> = all.instructions().iter().map(|i| names(&graph, &i.frees)).collect();
    let expected: [&[&str]; 7] = [&[], &["ignored"], &["x"], &[], &["unread", "dead_end"], &[], &["a", "b"]];
    assert_eq!(frees, expected);
}

/// Every value is computed once, after its inputs, and freed once, after its last reader.
#[test]
fn lifetimes_of_random_graphs() {
    for index in 0..cells().len() {
        let graph = problem(index, 7).graph;
        let schedule = Schedule::new(&graph);
        let mut alive = vec![false; graph.nodes().len()];
        for instruction in schedule.instructions() {
            assert!(instruction.inputs.iter().all(|input| alive[input.index()]), "{graph}");
            alive[instruction.value.index()] = true;
            for freed in &instruction.frees {
                assert!(std::mem::replace(&mut alive[freed.index()], false), "{graph}");
                assert_eq!(schedule.last_use(*freed), LastUse::Node(instruction.value));
            }
        }
        for (value, _) in graph.nodes() {
            let is_output = graph.outputs().iter().any(|output| output.value == value);
            assert_eq!(alive[value.index()], is_output, "{graph}");
            assert_eq!(schedule.last_use(value) == LastUse::Wanted, is_output);
        }
    }
}
