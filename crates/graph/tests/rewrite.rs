//! Rewrites keep the function, names and weights, and refuse what would not.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::random::{Problem, cells, problem};
use graph::reference::{self, Tensor};
use graph::rewrite::{Reader, Rewrite};
use graph::{Activation, Array, BuildError, Conv, DropUnit, Graph, Op, Padding, Role, Value, Weights};

/// A residual block of two convolutions.
fn block() -> (Graph, Weights) {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 10])?;
        let a = g.conv("a", x, Conv { padding: Padding::Same, bias: true, ..Conv::new(2, 3) })?;
        let b = g.activation("b", a, Activation::Relu)?;
        let c = g.conv("c", b, Conv::new(2, 1))?;
        let sum = g.add("sum", &[c, b, x])?;
        g.output("y", sum)?;
        g.output("early", b)
    })
    .unwrap();
    let weights = Weights::initial(&graph, 0);
    (graph, weights)
}

/// The graph's text and its weights' names.
fn check(rewrite: Rewrite, expected: &Expect) {
    let (graph, weights) = rewrite.finish().unwrap();
    assert!(weights.compare(&graph).is_exact(), "{}", weights.compare(&graph));
    let names: Vec<&str> = weights.iter().map(|(name, _)| name).collect();
    expected.assert_eq(&format!("{graph}{}\n", names.join(" ")));
}

fn find(graph: &Graph, name: &str) -> Value {
    graph.find(name).unwrap()
}

#[test]
fn insert_after() {
    let (graph, weights) = block();
    let mut rewrite = Rewrite::new(&graph, &weights);
    let inserted = rewrite.insert_after(find(&graph, "b"), |g, x| {
        let x = g.conv("b.conv", x, Conv::new(2, 1))?;
        g.activation("b.tanh", x, Activation::Tanh)
    });
    let inserted = inserted.unwrap();
    assert_eq!(rewrite.readers(find(&graph, "b")).len(), 1);
    assert_eq!(rewrite.readers(inserted).len(), 3);
    let weight = rewrite.parameter(Value::clone(&rewrite.node(inserted).inputs[0]), Role::Weight).unwrap();
    rewrite.weights_mut().insert(weight.name, Array::from_fn(weight.shape, |_| 1.0));
    check(
        rewrite,
        &expect![[r#"
        graph 1
        %0 = input "x" : [N, 2, 10]
        %1 = conv "a" (%0) out=2 kernel=3 padding=same bias : [N, 2, 10]
        %2 = activation "b" (%1) relu : [N, 2, 10]
        %3 = conv "b.conv" (%2) out=2 kernel=1 padding=symmetric : [N, 2, 10]
        %4 = activation "b.tanh" (%3) tanh : [N, 2, 10]
        %5 = conv "c" (%4) out=2 kernel=1 padding=symmetric : [N, 2, 10]
        %6 = add "sum" (%5, %4, %0) : [N, 2, 10]
        output "y" = %6
        output "early" = %4
        a.bias a.weight b.conv.weight c.weight
    "#]],
    );
}

#[test]
fn insert_before_one_reader() {
    let (graph, weights) = block();
    let mut rewrite = Rewrite::new(&graph, &weights);
    let reverse = rewrite.insert_before(find(&graph, "sum"), 1, |g, x| g.reverse("sum.reverse", x)).unwrap();
    assert_eq!(rewrite.readers(reverse), [Reader::Node(find(&graph, "sum"))]);
    check(
        rewrite,
        &expect![[r#"
        graph 1
        %0 = input "x" : [N, 2, 10]
        %1 = conv "a" (%0) out=2 kernel=3 padding=same bias : [N, 2, 10]
        %2 = activation "b" (%1) relu : [N, 2, 10]
        %3 = conv "c" (%2) out=2 kernel=1 padding=symmetric : [N, 2, 10]
        %4 = reverse "sum.reverse" (%2) : [N, 2, 10]
        %5 = add "sum" (%3, %4, %0) : [N, 2, 10]
        output "y" = %5
        output "early" = %2
        a.bias a.weight c.weight
    "#]],
    );
}

/// One of the new nodes keeps the name and the weights of the old one.
#[test]
fn replace_keeps_name_and_weights() {
    let (graph, weights) = block();
    let mut rewrite = Rewrite::new(&graph, &weights);
    let replaced = rewrite.replace(find(&graph, "a"), |g, inputs| {
        let wide = g.upsample("a.wide", inputs[0], 2, graph::UpsampleMode::Nearest)?;
        let x = g.crop_or_pad("a.back", wide, inputs[0])?;
        g.conv("a", x, Conv { bias: true, ..Conv::new(2, 3) })
    });
    assert!(!rewrite.contains(find(&graph, "a")));
    assert_eq!(rewrite.node(replaced.unwrap()).name, "a");
    let (_, after) = rewrite.clone().finish().unwrap();
    assert_eq!(after, weights);
    check(
        rewrite,
        &expect![[r#"
        graph 1
        %0 = input "x" : [N, 2, 10]
        %1 = upsample "a.wide" (%0) factor=2 nearest : [N, 2, 20]
        %2 = crop_or_pad "a.back" (%1, %0) : [N, 2, 10]
        %3 = conv "a" (%2) out=2 kernel=3 padding=symmetric bias : [N, 2, 10]
        %4 = activation "b" (%3) relu : [N, 2, 10]
        %5 = conv "c" (%4) out=2 kernel=1 padding=symmetric : [N, 2, 10]
        %6 = add "sum" (%5, %4, %0) : [N, 2, 10]
        output "y" = %6
        output "early" = %4
        a.bias a.weight c.weight
    "#]],
    );
}

#[test]
fn replace_removes_weights_that_no_new_node_has() {
    let (graph, weights) = block();
    let mut rewrite = Rewrite::new(&graph, &weights);
    rewrite.replace(find(&graph, "a"), |g, inputs| g.conv("a", inputs[0], Conv::new(2, 3))).unwrap();
    rewrite.replace(find(&graph, "c"), |_, inputs| Ok(inputs[0])).unwrap();
    check(
        rewrite,
        &expect![[r#"
        graph 1
        %0 = input "x" : [N, 2, 10]
        %1 = conv "a" (%0) out=2 kernel=3 padding=symmetric : [N, 2, 10]
        %2 = activation "b" (%1) relu : [N, 2, 10]
        %3 = add "sum" (%2, %2, %0) : [N, 2, 10]
        output "y" = %3
        output "early" = %2
        a.weight
    "#]],
    );
}

#[test]
fn bypass_and_remove() {
    let (graph, weights) = block();
    let mut rewrite = Rewrite::new(&graph, &weights);
    let [b, c, sum] = ["b", "c", "sum"].map(|name| find(&graph, name));
    rewrite.bypass(b).unwrap();
    rewrite.set(sum, Op::Activation(Activation::Relu), vec![find(&graph, "a")]).unwrap();
    rewrite.remove(c).unwrap();
    check(
        rewrite,
        &expect![[r#"
        graph 1
        %0 = input "x" : [N, 2, 10]
        %1 = conv "a" (%0) out=2 kernel=3 padding=same bias : [N, 2, 10]
        %2 = activation "sum" (%1) relu : [N, 2, 10]
        output "y" = %2
        output "early" = %1
        a.bias a.weight
    "#]],
    );
}

/// Invalid edits are refused and change nothing.
#[test]
fn refusals() {
    let (graph, weights) = block();
    let [x, a, b, c, sum] = ["x", "a", "b", "c", "sum"].map(|name| find(&graph, name));
    let mut rewrite = Rewrite::new(&graph, &weights);
    let relu = Activation::Relu;
    let errors: Vec<BuildError> = vec![
        rewrite.insert_after(a, |g, x| g.conv("new", x, Conv::new(3, 1))).unwrap_err(),
        rewrite.insert_after(a, |g, x| g.activation("c", x, relu)).unwrap_err(),
        rewrite.insert_after(a, |g, x| g.activation("a", x, relu)).unwrap_err(),
        rewrite.insert_after(a, |g, _| g.input("new", [2, 10])).unwrap_err(),
        rewrite.insert_after(a, |g, x| g.output("new", x).map(|()| x)).unwrap_err(),
        rewrite.insert_before(c, 0, |g, x| g.slice("new", x, 0, 1)).unwrap_err(),
        rewrite.replace(c, |g, inputs| g.activation("b", inputs[0], relu)).unwrap_err(),
        rewrite.replace(c, |g, inputs| g.global_mean("c", inputs[0])).unwrap_err(),
        rewrite.set(c, Op::Conv(Conv::new(3, 1)), vec![b]).unwrap_err(),
        rewrite.set(c, Op::Conv(Conv { groups: 5, ..Conv::new(2, 1) }), vec![b]).unwrap_err(),
        rewrite.remove(b).unwrap_err(),
    ];
    let lines: Vec<String> = errors.iter().map(|error| format!("{error}\n")).collect();
    expect![[r#"
        a: expected a rewrite of shape [N, 2, 10], found [N, 3, 10]
        c: the name is taken by another node
        a: duplicate name; an earlier node has it
        new: expected operations on given values, found a new input
        new: expected operations on given values, found a new output
        b: expected a rewrite of shape [N, 2, 10], found [N, 1, 10]
        b: duplicate name; an earlier node has it
        c: expected a rewrite of shape [N, 2, 10], found [N, 2, 1]
        c: expected a rewrite of shape [N, 2, 10], found [N, 3, 10]
        c: conv of [N, 2, 10]: 2 input channels are not divisible by 5 groups
        b: expected a value without readers, found one that is still read
    "#]]
    .assert_eq(&lines.concat());
    let (same, same_weights) = rewrite.clone().finish().unwrap();
    assert_eq!((same, same_weights), (graph, weights));

    rewrite.set(b, Op::Add, vec![x, sum]).unwrap();
    let error = rewrite.finish().unwrap_err();
    expect!["b: expected inputs that are computed before it, found a later one"]
        .assert_eq(&error.to_string());
}

fn outputs(graph: &Graph, weights: &Weights, size: &graph::Shape) -> Vec<Tensor> {
    reference::run(graph, weights, &[Tensor::noise("x", 2, size.clone())]).unwrap()
}

/// Inserts an identity after every node and before every input, by turns as a dropout and as a sum of
/// one term, replaces activations by themselves below another name, and takes all of it back.
#[test]
fn identities_come_and_go_on_random_graphs() {
    for (index, seed) in (0..cells().len()).flat_map(|index| (0..2).map(move |seed| (index, seed))) {
        let Problem { graph, weights, sizes } = problem(index, seed);
        let mut rewrite = Rewrite::new(&graph, &weights);
        let mut inserted = Vec::new();
        for value in rewrite.values() {
            let node = rewrite.node(value).clone();
            for input in 0..node.inputs.len() {
                let name = format!("{}.before{input}", node.name);
                inserted.push(rewrite.insert_before(value, input, |g, x| g.add(name, &[x])).unwrap());
            }
            let name = format!("{}.after", node.name);
            let dropout = |g: graph::Scope<'_>, x| g.dropout(name, x, 0.5, DropUnit::Path);
            inserted.push(rewrite.insert_after(value, dropout).unwrap());
            if let Op::Activation(activation) = node.op {
                let replace =
                    |g: graph::Scope<'_>, inputs: &[Value]| g.activation(&node.name, inputs[0], activation);
                rewrite.replace(value, replace).unwrap();
            }
        }
        check_readers(&rewrite);
        let (larger, same) = rewrite.clone().finish().unwrap();
        assert_eq!(same, weights);
        assert!(larger.nodes().len() > graph.nodes().len());
        for size in &sizes {
            assert_eq!(outputs(&larger, &same, size), outputs(&graph, &weights, size), "{graph}");
        }
        for value in inserted {
            rewrite.bypass(value).unwrap();
        }
        check_readers(&rewrite);
        assert_eq!(rewrite.finish().unwrap(), (graph, weights));
    }
}

/// The table of readers is that of the nodes.
fn check_readers(rewrite: &Rewrite) {
    for value in rewrite.values() {
        let mut expected: Vec<Reader> = Vec::new();
        for reader in rewrite.values() {
            let reads = rewrite.node(reader).inputs.iter().filter(|input| **input == value);
            expected.extend(reads.map(|_| Reader::Node(reader)));
        }
        for (i, output) in rewrite.outputs().iter().enumerate() {
            if output.value == value {
                expected.push(Reader::Output(i));
            }
        }
        let readers = rewrite.readers(value);
        let count = |reader: &Reader| readers.iter().filter(|other| *other == reader).count();
        let is_complete =
            expected.iter().all(|reader| count(reader) == expected.iter().filter(|e| *e == reader).count());
        assert!(readers.len() == expected.len() && is_complete, "{value}: {readers:?}, not {expected:?}");
    }
}
