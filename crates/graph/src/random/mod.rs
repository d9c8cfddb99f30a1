//! Random small graphs for property tests: of rewrites and of every interpreter.
//!
//! A [`Problem`] is a graph with weights and sizes to run it at. [`cells`] lists what must be
//! covered, operation by padding by rank by stride, dilation and groups; [`problem`] makes a graph
//! around one cell. Everything is a function of the seed.

mod operations;

use std::collections::BTreeMap;
use std::fmt;

use crate::number::single;
use crate::{Array, Conv, DropUnit, Graph, Noise, Op, Role, Scope, Shape, Value, Weights};
use operations::operations;

/// A random graph with weights that move every output, and sizes to run it at.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The graph.
    pub graph: Graph,
    /// Its weights, with running statistics that are not trivial.
    pub weights: Weights,
    /// The size it was built for, then others it runs at.
    pub sizes: Vec<Shape>,
}

/// The code path of an interpreter that a node exercises.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The operation.
    pub op: &'static str,
    /// Its padding, or another attribute that selects a code path; empty for none.
    pub variant: String,
    /// Spatial axes of its input.
    pub rank: usize,
    /// Whether a stride is above 1.
    pub strided: bool,
    /// Whether a dilation is above 1.
    pub dilated: bool,
    /// Whether there is more than one group.
    pub grouped: bool,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |on, mark| if on { mark } else { "-" };
        let marks = [mark(self.strided, "s"), mark(self.dilated, "d"), mark(self.grouped, "g")].concat();
        write!(f, "{:<14} {:<15} rank {} {marks}", self.op, self.variant, self.rank)
    }
}

/// Every cell that must be covered.
pub fn cells() -> Vec<Cell> {
    let mut random = Random::new("cells");
    let each =
        |rank| operations(rank, 4, &mut random).iter().map(|op| Cell::of(op, rank)).collect::<Vec<_>>();
    let mut cells: Vec<Cell> = (0..=2).flat_map(each).collect();
    cells.extend([1, 2].map(|rank| Cell::of(&Op::Input { channels: 1, rank }, rank)));
    cells
}

/// Number of occurrences of each cell of [`cells`] in `graphs`.
pub fn coverage<'g>(graphs: impl IntoIterator<Item = &'g Graph>) -> BTreeMap<Cell, usize> {
    let mut table: BTreeMap<Cell, usize> = cells().into_iter().map(|cell| (cell, 0)).collect();
    for graph in graphs {
        for (_, node) in graph.nodes() {
            let of = node.inputs.first().map_or(&node.shape, |value| &graph.node(*value).shape);
            table.entry(Cell::of(&node.op, of.rank())).and_modify(|count| *count += 1);
        }
    }
    table
}

/// A graph around the `index`-th cell of [`cells`], different for each seed.
pub fn problem(index: usize, seed: u64) -> Problem {
    let cell = &cells()[index];
    let mut random = Random::new(&format!("problem {index} {seed}"));
    // A draw may be incompatible with its neighbors; then the next one is tried.
    loop {
        let Some(graph) = graph(cell, &mut random) else { continue };
        let (_, input) = graph.inputs().next().expect("a random graph has an input");
        let mut sizes = vec![input.shape.clone()];
        let others = (0..4).map(|_| random.space(input.shape.rank()));
        let others = others.map(|space| Shape::new(input.shape.channels, space));
        sizes.extend(others.filter(|size| graph.shapes_for(std::slice::from_ref(size)).is_ok()));
        return Problem { weights: weights(&graph, &mut random), graph, sizes };
    }
}

fn graph(cell: &Cell, random: &mut Random) -> Option<Graph> {
    let built = Graph::build(|g| {
        let rank = if cell.rank == 0 { random.pick(&[1, 2]) } else { cell.rank };
        let shape = Shape::new(random.pick(&[2, 4, 6]), random.space(rank));
        let mut x = g.input("x", shape)?;
        if random.chance(0.5) {
            x = step(g, "before", x, random, &|op| matches!(op, Op::Activation(_) | Op::BatchNorm(_)))?;
        }
        if cell.rank == 0 {
            x = g.flatten("vector", g.global_mean("mean", x)?)?;
        }
        if cell.op != "input" {
            let rank = g.shape(x).rank();
            x = step(g, "cell", x, random, &|op| Cell::of(op, rank) == *cell)?;
        }
        for i in 0..random.below(4) {
            let any = |op: &Op| !matches!(op, Op::PositionNorm { .. } | Op::Flatten);
            // A step that does not fit here, such as a window larger than what is left, is left out.
            let added = if random.chance(0.25) {
                branches(g / format!("branches{i}"), x, random)
            } else {
                step(g, &format!("step{i}"), x, random, &any)
            };
            x = added.unwrap_or(x);
        }
        if random.chance(0.3) {
            g.output("early", x)?;
            x = g.op("late", Op::Activation(crate::Activation::Tanh), &[x])?;
        }
        g.output("y", x)
    });
    built.ok()
}

type Built = Result<Value, crate::BuildError>;

/// One random operation among those that `fit`, with the values it needs beside `x`.
fn step(g: Scope<'_>, name: &str, x: Value, random: &mut Random, fit: &dyn Fn(&Op) -> bool) -> Built {
    let shape = g.shape(x);
    let fitting: Vec<Op> =
        operations(shape.rank(), shape.channels, random).into_iter().filter(|op| fit(op)).collect();
    assert!(!fitting.is_empty(), "no operation of rank {} fits step {name}", shape.rank());
    let op = random.pick(&fitting);
    let g = g / name;
    let beside = |random: &mut Random| match shape.rank() {
        0 => g.op("beside", Op::Activation(crate::Activation::Tanh), &[x]),
        _ => g.conv("beside", x, Conv { bias: random.chance(0.5), ..Conv::new(shape.channels, 1) }),
    };
    if let Op::Add | Op::Concat = op {
        let terms = [x, beside(random)?, x];
        let count = random.pick(&[1, 2, 2, 3]);
        return g.op("op", op, &terms[..count]);
    }
    if let Op::Multiply = op {
        let mut factor = beside(random)?;
        if shape.rank() > 0 && random.chance(0.5) {
            factor = g.global_mean("squeeze", factor)?;
        }
        return g.op("op", op, &[x, factor]);
    }
    if let Op::CropOrPad = op {
        let sized = |op: &Op| matches!(op, Op::Upsample { .. } | Op::MaxPool(_));
        let like = step(g, "like", x, random, &sized)?;
        return g.op("op", op, &[x, like]);
    }
    g.op("op", op, &[x])
}

/// A sum of linear branches of `x`, as MobileOne and RepVGG have them, most of which can merge.
fn branches(g: Scope<'_>, x: Value, random: &mut Random) -> Built {
    let shape = g.shape(x);
    if shape.rank() == 0 {
        return step(g, "none", x, random, &|op| matches!(op, Op::Linear(_)));
    }
    let is_conv = |op: &&Op| matches!(op, Op::Conv(conv) if !conv.weight_norm);
    let all = operations(shape.rank(), shape.channels, random);
    let convs: Vec<&Op> = all.iter().filter(is_conv).collect();
    let Op::Conv(conv) = random.pick(&convs).clone() else { unreachable!("only convolutions were kept") };
    let conv = Conv { out: shape.channels, ..conv };
    let mut terms = Vec::new();
    for i in 0..=random.below(3) {
        let term = g.conv(format!("conv{i}"), x, conv)?;
        terms.push(if random.chance(0.7) {
            g.batch_norm(format!("bn{i}"), term, operations::batch_norm(random))?
        } else {
            term
        });
    }
    if random.chance(0.5) {
        let scale = g.conv("scale", x, Conv { kernel: 1.into(), ..conv })?;
        terms.push(g.batch_norm("scale_bn", scale, operations::batch_norm(random))?);
    }
    if random.chance(0.5) {
        terms.push(g.batch_norm("identity", x, operations::batch_norm(random))?);
    }
    if random.chance(0.2) {
        terms.push(x);
    }
    let sum = g.add("sum", &terms)?;
    let sum = g.batch_norm("after", sum, operations::batch_norm(random))?;
    g.dropout("drop", sum, 0.5, DropUnit::Element)
}

/// Weights of `graph` under which every parameter moves the outputs and nothing explodes, different for each seed.
pub fn moving_weights(graph: &Graph, seed: u64) -> Weights {
    weights(graph, &mut Random::new(&format!("weights {seed}")))
}

/// Weights under which every parameter moves the output and nothing explodes.
fn weights(graph: &Graph, random: &mut Random) -> Weights {
    let array = |parameter: crate::Parameter| {
        let noise = Noise::of(&format!("{} {}", random.next(), parameter.name));
        let spread = (3.0 / parameter.fan_in() as f64).sqrt();
        let array = Array::from_fn(parameter.shape, |i| {
            let uniform = noise.uniform(i as u64);
            single(match parameter.role {
                Role::Weight => spread * (2.0 * uniform - 1.0),
                Role::Bias | Role::Mean => uniform - 0.5,
                Role::Scale | Role::Length | Role::Variance => 0.5 + uniform,
            })
        });
        (parameter.name, array)
    };
    graph.parameters().map(array).collect()
}

impl Cell {
    /// The cell of `op` on an input of `rank` spatial axes.
    pub fn of(op: &Op, rank: usize) -> Self {
        operations::cell(op, rank)
    }
}

/// Reproducible choices.
struct Random {
    noise: Noise,
    drawn: u64,
}

impl Random {
    fn new(name: &str) -> Self {
        Self { noise: Noise::of(name), drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        self.noise.bits(self.drawn)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap_or(0)
    }

    fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())].clone()
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.drawn += 1;
        self.noise.uniform(self.drawn) < probability
    }

    fn space(&mut self, rank: usize) -> Vec<usize> {
        (0..rank).map(|_| 7 + self.below(8)).collect()
    }
}
