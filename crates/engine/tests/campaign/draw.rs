//! Random graphs of wider variety than those of the agreement suite: more channels than a block, long and tiny
//! series, large kernels and dilations, skips, several inputs and outputs.

use fastrand::Rng;
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, DropUnit, Extent, Graph, GroupNorm, Op,
    Padding, Pool, Scope, Shape, TimeStep, UpsampleMode, Value, Weights, random,
};

/// A graph with weights, and sizes of its inputs to run it at.
pub(crate) struct Drawn {
    pub(crate) graph: Graph,
    pub(crate) weights: Weights,
    pub(crate) sizes: Vec<Vec<Shape>>,
}

/// Most multiplications of a convolution, because the reference is slow.
const MOST_PRODUCTS: usize = 2_000_000;
/// Most elements of a value.
const MOST_ELEMENTS: usize = 50_000;

/// The graph of a seed.
pub(crate) fn draw(seed: u64) -> Drawn {
    let mut rng = Rng::with_seed(seed);
    loop {
        let Ok(graph) = Graph::build(|g| build(g, &mut rng)) else { continue };
        let own: Vec<Shape> = graph.inputs().map(|(_, node)| node.shape.clone()).collect();
        let mut sizes = vec![own.clone()];
        for _ in 0..2 {
            let rank = own[0].rank();
            let space = space(&mut rng, rank);
            let other: Vec<Shape> =
                own.iter().map(|shape| Shape::new(shape.channels, space.clone())).collect();
            let is_small =
                |shapes: &graph::Table<Shape>| shapes.values().all(|shape| shape.elements() <= MOST_ELEMENTS);
            if graph.shapes_for(&other).is_ok_and(|shapes| is_small(&shapes)) {
                sizes.push(other);
            }
        }
        return Drawn { weights: random::moving_weights(&graph, seed), graph, sizes };
    }
}

fn pick<T: Copy>(rng: &mut Rng, among: &[T]) -> T {
    among[rng.usize(..among.len())]
}

fn space(rng: &mut Rng, rank: usize) -> Vec<usize> {
    let most = if rank == 1 { pick(rng, &[4, 40, 300]) } else { pick(rng, &[3, 12, 24]) };
    (0..rank).map(|_| rng.usize(1..=most)).collect()
}

fn channels(rng: &mut Rng) -> usize {
    if rng.bool() { pick(rng, &[1, 2, 3, 8, 15, 16, 17, 24, 32, 48, 64, 96]) } else { rng.usize(1..70) }
}

fn build(g: Scope<'_>, rng: &mut Rng) -> Result<(), BuildError> {
    let rank = rng.usize(1..3);
    let space = space(rng, rank);
    let mut values = Vec::new();
    for index in 0..pick(rng, &[1, 1, 1, 2]) {
        values.push(g.input(format!("x{index}"), Shape::new(channels(rng), space.clone()))?);
    }
    let mut has_statistics = false;
    for index in 0..rng.usize(1..12) {
        let near = values[values.len() - 1];
        let x = if rng.u8(..4) == 0 { pick(rng, &values) } else { near };
        let op = operation(rng, &g.shape(x));
        let is_statistic = matches!(op, Op::LayerNorm { .. } | Op::GroupNorm(_) | Op::PositionNorm { .. });
        // Several in a row enlarge rounding errors without bound.
        if is_statistic && has_statistics || !is_cheap(&op, &g.shape(x)) {
            continue;
        }
        let inputs = operands(g, rng, &op, x, &values);
        // A step that does not fit, such as a window larger than what is left, is left out.
        let Ok(value) = g.op(format!("{index} {}", op.name()).replace(' ', "_"), op, &inputs) else {
            continue;
        };
        if g.shape(value).elements() <= MOST_ELEMENTS {
            has_statistics |= is_statistic;
            values.push(value);
        }
    }
    let last = values[values.len() - 1];
    for index in 0..pick(rng, &[0, 0, 1, 2]) {
        g.output(format!("early{index}"), pick(rng, &values))?;
    }
    g.output("y", last)
}

/// Whether the reference computes it in a short time.
fn is_cheap(op: &Op, shape: &Shape) -> bool {
    let positions: usize = shape.space.iter().product();
    let area = |kernel: Extent| kernel.axes(shape.rank()).product::<usize>();
    let products = match op {
        Op::Conv(conv) => conv.out * shape.channels / conv.groups * area(conv.kernel) * positions,
        Op::ConvTranspose(conv) => conv.out * shape.channels / conv.groups * area(conv.kernel) * positions,
        Op::Linear(linear) => linear.out * shape.channels,
        Op::Upsample { factor, .. } => shape.elements() * area(*factor),
        _ => shape.elements(),
    };
    products <= MOST_PRODUCTS
}

/// The operands of an operation: `x`, and others of equal shape where it has several.
fn operands(g: Scope<'_>, rng: &mut Rng, op: &Op, x: Value, values: &[Value]) -> Vec<Value> {
    let shape = g.shape(x);
    let fitting: Vec<Value> = values
        .iter()
        .copied()
        .filter(|value| match op {
            Op::Add => g.shape(*value) == shape,
            Op::Multiply => {
                let other = g.shape(*value);
                let mut axes = other.space.iter().zip(&shape.space);
                other.channels == shape.channels
                    && other.rank() == shape.rank()
                    && axes.all(|(a, b)| a == b || *a == 1)
            }
            Op::Concat => g.shape(*value).space == shape.space,
            Op::CropOrPad => g.shape(*value).rank() == shape.rank(),
            _ => false,
        })
        .collect();
    let count = match op {
        Op::Add | Op::Concat => rng.usize(1..4),
        Op::Multiply | Op::CropOrPad => 1,
        _ => 0,
    };
    let mut operands = vec![x];
    if !fitting.is_empty() {
        operands.extend((0..count).map(|_| pick(rng, &fitting)));
    }
    if matches!(op, Op::Add | Op::Concat) {
        rng.shuffle(&mut operands);
    }
    operands
}

fn extent(rng: &mut Rng, rank: usize, among: &[usize]) -> Extent {
    let first = pick(rng, among);
    if rank == 2 && rng.bool() { Extent::Each(first, pick(rng, among)) } else { first.into() }
}

fn padding(rng: &mut Rng, rank: usize) -> Padding {
    let explicit = Padding::Explicit {
        before: extent(rng, rank, &[0, 1, 2, 5]),
        after: extent(rng, rank, &[0, 1, 2, 5]),
    };
    pick(rng, &[Padding::Same, Padding::Symmetric, Padding::Causal, Padding::Valid, explicit])
}

fn operation(rng: &mut Rng, shape: &Shape) -> Op {
    let rank = shape.rank();
    if rank == 0 {
        return match rng.u8(..4) {
            0 => anywhere(rng, shape),
            1 => Op::Activation(pick(rng, &Activation::ALL)),
            _ => Op::Linear(graph::Linear { out: channels(rng), bias: rng.bool() }),
        };
    }
    match rng.u8(..10) {
        0..=3 => Op::Conv(conv(rng, shape)),
        4 => Op::Activation(pick(rng, &Activation::ALL)),
        5..=7 => anywhere(rng, shape),
        _ => in_space(rng, rank),
    }
}

fn conv(rng: &mut Rng, shape: &Shape) -> Conv {
    let rank = shape.rank();
    let divisors: Vec<usize> =
        (1..=shape.channels).filter(|groups| shape.channels.is_multiple_of(*groups)).collect();
    let (groups, out) = match rng.u8(..4) {
        0 => (shape.channels, shape.channels),
        1 => {
            let groups = pick(rng, &divisors);
            (groups, groups * rng.usize(1..=(64 / groups).max(1)))
        }
        _ => (1, channels(rng)),
    };
    let kernels: &[usize] = if rank == 1 { &[1, 1, 2, 3, 4, 5, 7, 9, 16] } else { &[1, 1, 2, 3, 3, 4, 5, 7] };
    Conv {
        out,
        kernel: extent(rng, rank, kernels),
        stride: extent(rng, rank, &[1, 1, 1, 2, 3, 5]),
        dilation: extent(rng, rank, &[1, 1, 1, 2, 3, 8, 33]),
        groups,
        padding: padding(rng, rank),
        bias: rng.bool(),
        weight_norm: rng.u8(..8) == 0,
    }
}

fn anywhere(rng: &mut Rng, shape: &Shape) -> Op {
    let channels = shape.channels;
    let start = rng.usize(..channels);
    let groups: Vec<usize> = (1..=channels).filter(|groups| channels.is_multiple_of(*groups)).collect();
    let among = [
        Op::BatchNorm(BatchNorm { eps: 1e-3, affine: rng.bool(), ..BatchNorm::default() }),
        Op::GroupNorm(GroupNorm { groups: pick(rng, &groups), eps: 1e-2, affine: rng.bool() }),
        Op::LayerNorm { eps: 1e-2 },
        Op::Softmax,
        Op::Add,
        Op::Add,
        Op::Multiply,
        Op::Concat,
        Op::Slice { start, length: rng.usize(1..=channels - start) },
        Op::Dropout { p: 0.5, unit: DropUnit::Element },
    ];
    among[rng.usize(..among.len())].clone()
}

fn in_space(rng: &mut Rng, rank: usize) -> Op {
    let pool = Pool {
        kernel: extent(rng, rank, &[1, 2, 3, 4, 7]),
        stride: extent(rng, rank, &[1, 2, 3]),
        padding: padding(rng, rank),
    };
    let stride = extent(rng, rank, &[1, 2, 3, 4]);
    let surplus = rng.usize(..4);
    let transposed = ConvTranspose {
        out: channels(rng),
        kernel: stride.map(|stride| stride + surplus),
        stride,
        groups: 1,
        crop: pick(rng, &[Crop::Same, Crop::Causal]),
        bias: rng.bool(),
    };
    let mode = pick(
        rng,
        &[
            UpsampleMode::Nearest,
            UpsampleMode::Linear { align_corners: false },
            UpsampleMode::Linear { align_corners: true },
        ],
    );
    let among = [
        Op::PositionNorm { eps: 1e-2 },
        Op::GlobalMean,
        Op::GlobalMean,
        Op::CropOrPad,
        Op::CropOrPad,
        Op::MaxPool(pool),
        Op::AveragePool { pool, count_padding: rng.bool() },
        Op::Upsample { factor: extent(rng, rank, &[1, 2, 3]), mode },
        Op::ConvTranspose(transposed),
        Op::Flatten,
        if rank == 1 { Op::Reverse } else { Op::GlobalMean },
        if rank == 1 {
            Op::Select(pick(rng, &[TimeStep::First, TimeStep::Middle, TimeStep::Last]))
        } else {
            Op::CropOrPad
        },
    ];
    among[rng.usize(..among.len())].clone()
}
