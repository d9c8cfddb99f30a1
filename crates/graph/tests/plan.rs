//! Plans are executed in one poisoned arena, and known graphs have known plans.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::cell::Cell;

use expect_test::{Expect, expect};
use graph::plan::{Instruction, LastUse, Margin, Plan, Storage};
use graph::random::{Problem, cells, problem};
use graph::reference::{self, Tensor};
use graph::{
    Activation, BuildError, Conv, ConvTranspose, DropUnit, Graph, Noise, Op, Padding, Pool, Scope, Shape,
    TimeStep, UpsampleMode, Value, Weights,
};

/// The value of an element before it is written and after its value is dead.
const POISON: f64 = f64::NAN;

/// Executes a plan, each node with the arithmetic of the reference interpreter: a node whose inputs are
/// found unharmed in the arena computes what the reference interpreter computes.
fn execute(graph: &Graph, weights: &Weights, size: &Shape) -> Plan {
    let plan = Plan::new(graph, std::slice::from_ref(size)).unwrap();
    let values = reference::values(graph, weights, &[Tensor::noise("x", 1, size.clone())]).unwrap();
    let mut arena = vec![POISON; plan.elements()];
    let range = |value: Value| {
        let buffer = plan.buffer(value).unwrap();
        buffer.offset..buffer.offset + buffer.elements
    };
    // The caller writes all inputs before the first instruction.
    let mut alive: Vec<Value> = graph.inputs().map(|(value, _)| value).collect();
    alive.retain(|value| plan.buffer(*value).is_some());
    for input in &alive {
        arena[range(*input)].copy_from_slice(&values[*input].data);
    }
    for instruction in plan.schedule().instructions() {
        let value = instruction.value;
        let node = graph.node(value);
        let data = &values[value].data;
        let storage = plan.buffer(value).unwrap().storage;
        assert_eq!(plan.shape(value), &values[value].shape);
        for input in &instruction.inputs {
            let (input, output) = (range(*input), range(value));
            let is_apart = input.end <= output.start || output.end <= input.start;
            let is_aliased = match storage {
                Storage::View(of) => instruction.inputs.contains(&of),
                Storage::InPlace(_) => input == output,
                Storage::Own => node.op == Op::Concat,
            };
            assert!(is_apart || is_aliased, "{value} overlaps an input at {size}\n{graph}");
        }
        match storage {
            Storage::View(_) => {}
            Storage::InPlace(input) => {
                assert_eq!(plan.schedule().last_use(input), LastUse::Node(value), "{graph}");
                arena[range(value)].copy_from_slice(data);
            }
            Storage::Own if node.op == Op::Concat => copy_parts(&plan, instruction, &mut arena),
            Storage::Own if matches!(node.op, Op::Input { .. }) => alive.retain(|input| *input != value),
            Storage::Own => arena[range(value)].copy_from_slice(data),
        }
        alive.push(value);
        alive.retain(|value| !instruction.frees.contains(value));
        poison(&mut arena, alive.iter().map(|value| range(*value)));
        for other in &alive {
            let found = &arena[range(*other)];
            assert_eq!(found, values[*other].data, "{other} after {value} at {size}\n{graph}");
        }
    }
    assert!(graph.outputs().iter().all(|output| alive.contains(&output.value)));
    plan
}

/// Executes a concatenation: copies the parts that do not lie in the output's buffer.
fn copy_parts(plan: &Plan, concat: &Instruction, arena: &mut [f64]) {
    let mut start = plan.buffer(concat.value).unwrap().offset;
    for part in &concat.inputs {
        let part = plan.buffer(*part).unwrap();
        if part.offset != start {
            assert!(part.offset + part.elements <= start || start + part.elements <= part.offset);
            arena.copy_within(part.offset..part.offset + part.elements, start);
        }
        start += part.elements;
    }
}

/// Overwrites all that no range holds.
fn poison(arena: &mut [f64], alive: impl Iterator<Item = std::ops::Range<usize>>) {
    let mut is_alive = vec![false; arena.len()];
    for range in alive {
        is_alive[range].fill(true);
    }
    for (element, is_alive) in arena.iter_mut().zip(is_alive) {
        if !is_alive {
            *element = POISON;
        }
    }
}

#[test]
fn no_live_value_is_overwritten_on_random_graphs() {
    let mut seen = [0; 3];
    for (index, seed) in (0..cells().len()).flat_map(|index| (0..3).map(move |seed| (index, seed))) {
        let Problem { graph, weights, sizes } = problem(index, seed);
        for size in &sizes {
            let plan = execute(&graph, &weights, size);
            for (value, _) in graph.nodes() {
                count(&plan, value, &mut seen);
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "not every kind of storage occurs: {seen:?}");
}

/// Counts a value by its storage.
fn count(plan: &Plan, value: Value, seen: &mut [usize; 3]) {
    match plan.buffer(value).map(|buffer| buffer.storage) {
        Some(Storage::Own) => seen[0] += 1,
        Some(Storage::InPlace(_)) => seen[1] += 1,
        Some(Storage::View(_)) => seen[2] += 1,
        None => {}
    }
}

/// A graph in which any value may be read again: views of views, sums over views, parts of several
/// concatenations. Its parts share only the input.
fn tangle(seed: u64, parts: usize) -> Graph {
    let noise = Noise::of(&format!("tangle {seed}"));
    let drawn = Cell::new(0);
    let below = |n: usize| {
        drawn.set(drawn.get() + 1);
        usize::try_from(noise.bits(drawn.get()) % n as u64).unwrap()
    };
    Graph::build(|g| {
        let x = g.input("x", [4, 3])?;
        for i in 0..parts {
            let g = g / i;
            let [early, late] = tangled(g, x, &below)?;
            g.output("early", early)?;
            g.output("y", late)?;
        }
        Ok(())
    })
    .unwrap()
}

/// One part of a tangle. `below` draws a number below its argument.
fn tangled(g: Scope<'_>, x: Value, below: &dyn Fn(usize) -> usize) -> Result<[Value; 2], BuildError> {
    let mut values = vec![x];
    for i in 0..25 {
        let any = |values: &[Value]| values[values.len() - 1 - below(values.len().min(6))];
        let x = any(&values);
        let channels = g.channels(x);
        let like: Vec<Value> = values.iter().copied().filter(|v| g.channels(*v) == channels).collect();
        let terms: Vec<Value> = (0..=below(3)).map(|_| any(&like)).collect();
        values.push(match below(10) {
            0 => g.activation(i, x, Activation::Tanh)?,
            1 => g.conv(i, x, Conv::new(2 * (1 + below(3)), 1))?,
            2 | 3 => g.add(i, &terms)?,
            4 => g.multiply(i, x, any(&like))?,
            5 if channels < 24 => g.concat(i, &[x, any(&values), any(&like)])?,
            5 | 6 if channels > 2 => g.slice(i, x, below(channels - 1), 2)?,
            7 => g.dropout(i, x, 0.5, DropUnit::Element)?,
            8 if channels > 3 => {
                // Parts of one value, which overlap or not.
                let part = |name: &str| g.slice(format!("{name}{i}"), x, below(channels - 1), 2);
                g.add(i, &[part("left")?, part("right")?])?
            }
            _ => g.multiply(i, x, g.global_mean(format!("gate{i}"), x)?)?,
        });
    }
    Ok([values[10], values[25]])
}

#[test]
fn no_live_value_is_overwritten_however_tangled() {
    let mut seen = [0; 3];
    for seed in 0..500 {
        let graph = tangle(seed, 1);
        let plan = execute(&graph, &Weights::initial(&graph, seed), &[4, 3].into());
        for (value, _) in graph.nodes() {
            count(&plan, value, &mut seen);
        }
    }
    assert!(seen.iter().all(|count| *count > 500), "not every kind of storage occurs: {seen:?}");
}

/// With very many values, regions are placed as a whole.
#[test]
fn no_live_value_is_overwritten_in_a_graph_of_thousands_of_nodes() {
    let graph = tangle(0, 450);
    assert!(graph.nodes().len() > 1 << 13);
    let plan = execute(&graph, &Weights::initial(&graph, 0), &[4, 3].into());
    let sum: usize = graph.nodes().map(|(_, node)| node.shape.elements()).sum();
    assert!(plan.elements() < sum / 4, "{} of {sum}", plan.elements());
}

/// The place and storage of each value, one line per value, and the size of the arena.
fn check(model: impl FnOnce(Scope<'_>) -> Result<(), BuildError>, expected: &Expect) {
    let graph = Graph::build(model).unwrap();
    let sizes: Vec<Shape> = graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    let plan = Plan::new(&graph, &sizes).unwrap();
    let mut text = String::new();
    for (value, node) in graph.nodes() {
        let Some(buffer) = plan.buffer(value) else { continue };
        let storage = match buffer.storage {
            Storage::Own => String::new(),
            Storage::InPlace(input) => format!(" over {}", graph.node(input).name),
            Storage::View(input) => format!(" of {}", graph.node(input).name),
        };
        let (start, end) = (buffer.offset, buffer.offset + buffer.elements);
        text += &format!("{}: {start}..{end}{storage}\n", node.name);
    }
    let peak = &graph.node(plan.peak().unwrap()).name;
    expected.assert_eq(&format!("{text}{} elements, most alive at {peak}\n", plan.elements()));
}

/// The skip connection and the upsampled features are computed at their places in the concatenation.
#[test]
fn parts_are_computed_in_the_concatenation() {
    check(
        |g| {
            let x = g.input("x", [1, 8])?;
            let skip = g.conv("skip", x, Conv::new(4, 3))?;
            let skip = g.activation("relu", skip, Activation::Relu)?;
            let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
            let down = g.max_pool("down", skip, pool)?;
            let deep = g.conv("deep", down, Conv::new(4, 3))?;
            let up = g.upsample("up", deep, 2, UpsampleMode::Nearest)?;
            let up = g.crop_or_pad("match", up, skip)?;
            let both = g.concat("concat", &[skip, up])?;
            let y = g.conv("y", both, Conv::new(1, 1))?;
            g.output("y", y)
        },
        &expect![[r#"
            x: 32..40
            skip: 0..32
            relu: 0..32 over skip
            down: 32..48
            deep: 64..80
            up: 32..64
            match: 32..64 of up
            concat: 0..64
            y: 64..72
            80 elements, most alive at up
        "#]],
    );
}

#[test]
fn a_part_that_has_another_place_is_copied() {
    check(
        |g| {
            let x = g.input("x", [2, 4])?;
            let a = g.conv("a", x, Conv::new(2, 1))?;
            let one = g.concat("one", &[a, x])?;
            let two = g.concat("two", &[a, a, g.slice("part", one, 2, 1)?])?;
            g.output("one", one)?;
            g.output("two", two)
        },
        &expect![[r#"
            x: 28..36
            a: 20..28
            one: 20..36
            part: 28..32 of one
            two: 0..20
            36 elements, most alive at two
        "#]],
    );
}

/// A gated linear unit: both halves are views of one convolution, the product overwrites the first,
/// and the place of the second is free again after it.
#[test]
fn halves_of_one_value_live_and_die_apart() {
    check(
        |g| {
            let x = g.input("x", [1, 10])?;
            let x = g.conv("conv", x, Conv::new(4, 1))?;
            let (a, b) = (g.slice("a", x, 0, 2)?, g.slice("b", x, 2, 2)?);
            let gate = g.activation("gate", b, Activation::Sigmoid)?;
            let x = g.multiply("product", a, gate)?;
            let x = g.conv("next", x, Conv::new(2, 1))?;
            g.output("y", x)
        },
        &expect![[r#"
            x: 40..50
            conv: 0..40
            a: 0..20 of conv
            b: 20..40 of conv
            gate: 20..40 over b
            product: 0..20 over a
            next: 20..40
            50 elements, most alive at conv
        "#]],
    );
}

#[test]
fn a_sum_overwrites_only_what_nothing_else_reads() {
    check(
        |g| {
            let x = g.input("x", [2, 4])?;
            let a = g.conv("a", x, Conv::new(2, 1))?;
            let b = g.activation("b", a, Activation::Relu)?;
            let sum = g.add("sum", &[a, b])?;
            let twice = g.add("twice", &[sum, sum])?;
            let output = g.activation("output", twice, Activation::Relu)?;
            g.output("twice", twice)?;
            g.output("y", output)
        },
        &expect![[r#"
            x: 0..8
            a: 8..16
            b: 0..8
            sum: 8..16 over a
            twice: 8..16 over sum
            output: 0..8
            16 elements, most alive at a
        "#]],
    );
}

#[test]
fn a_step_is_a_view_only_where_it_is_contiguous() {
    check(
        |g| {
            let x = g.input("x", [3, 4])?;
            let step = g.select("step", x, TimeStep::Last)?;
            let x = g.conv("mono", x, Conv::new(1, 1))?;
            let last = g.select("last", x, TimeStep::Last)?;
            let y = g.concat("y", &[step, last])?;
            g.output("y", y)
        },
        &expect![[r#"
            x: 0..12
            step: 12..15
            mono: 15..19
            last: 18..19 of mono
            y: 12..16
            19 elements, most alive at mono
        "#]],
    );
}

#[test]
fn margins_are_resolved_at_a_size() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 7, 8])?;
        let same = Conv { stride: 2.into(), padding: Padding::Same, ..Conv::new(2, 3) };
        let a = g.conv("same", x, same)?;
        let b = g.conv_transpose("up", a, ConvTranspose::new(2, 3, 2))?;
        let c = g.crop_or_pad("match", b, x)?;
        let d = g.crop_or_pad("grow", c, b)?;
        let e = g.activation("relu", d, Activation::Relu)?;
        g.output("y", e)
    })
    .unwrap();
    let plan = Plan::new(&graph, &[[2, 7, 8].into()]).unwrap();
    let margins = |name: &str| plan.margins(graph.find(name).unwrap());
    let margin = |before, after| Margin { before, after };
    assert_eq!(margins("same"), [margin(1, 1), margin(0, 1)]);
    assert_eq!(margins("up"), [margin(0, -1), margin(0, -1)]);
    assert_eq!(margins("match"), [margin(0, -1), margin(0, 0)]);
    assert_eq!(margins("grow"), [margin(0, 1), margin(0, 0)]);
    assert_eq!(margins("relu"), []);
    let larger = Plan::new(&graph, &[[2, 8, 9].into()]).unwrap();
    assert_eq!(larger.margins(graph.find("same").unwrap()), [margin(0, 1), margin(1, 1)]);
}

#[test]
fn an_impossible_size_is_an_error() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [4, 20])?;
        let x = g.conv("conv", x, Conv { padding: Padding::Valid, ..Conv::new(2, 9) })?;
        g.output("y", x)
    })
    .unwrap();
    let error = Plan::new(&graph, &[[4, 5].into()]).unwrap_err();
    assert_eq!(error.node(), "conv");
    assert!(Plan::new(&graph, &[]).is_err());
}
