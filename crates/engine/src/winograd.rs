//! Winograd convolutions where they take less time.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use kernels::{
    BLOCK, Conv as KernelConv, Epilogue, Form, Function, Lanes, Part, Residual, Size, View, Winograd, blocks,
};

use crate::calls::{CallConv, CallGather, CallSpread, Input, Output};
use crate::divide::{Piece, activate, cut, divide};
use crate::instruction::{Conv, TapWeights};
use crate::threads::{Machine, READ};
use crate::window::Geometry;

/// Output blocks whose products are computed before they are transformed.
const GROUP: usize = 2;

/// Elements of scratch that stay in a cache beside the weights of a point.
const SCRATCH: usize = 12 << 10;

/// A chunk of fewer tiles would spend its time reading weights.
const FEWEST: usize = 16;

/// Multiply-adds that take as long as the transform of an element.
const TRANSFORM: usize = 10;

/// A convolution's weights in each form that a session has chosen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transformed(Box<[OnceLock<Vec<TapWeights>>; Form::ALL.len()]>);

impl Transformed {
    /// The number of taps in all forms.
    pub(crate) fn taps(&self) -> usize {
        self.0.iter().filter_map(OnceLock::get).map(Vec::len).sum()
    }
}

/// The form of a convolution at one size.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// The index in [`Form::ALL`].
    form: usize,
    pub(crate) winograd: Winograd,
    /// Blocks of the input, and channels in the last of them.
    blocks: usize,
    last_lanes: usize,
    /// The most tiles that are transformed at once.
    chunk: usize,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Winograd { form, .. } = self.winograd;
        let ([rows, columns], [down, across]) = (form.outputs(), form.taps());
        let (chunk, tiles) = (self.chunk, self.winograd.tiles());
        write!(f, "Winograd convolution F({rows}x{columns}, {down}x{across}), {tiles} tiles, {chunk} at once")
    }
}

impl Choice {
    /// The fastest form; `None` if a direct convolution is as fast. `size` is the output's.
    pub(crate) fn new(conv: &Conv, geometry: &Geometry, size: [usize; 2]) -> Option<Self> {
        let Geometry { taps, dilation, stride } = *geometry;
        let source = *conv.sources.first()?;
        if stride != [1, 1]
            || conv.has_gate
            || conv.weights.is_empty()
            || conv.sources.iter().any(|other| *other != source)
        {
            return None;
        }
        let (channels, out) = (source.1, conv.sources.len());
        let positions = size[0] * size[1];
        // A direct convolution reads its weights, too, which takes long where there are few positions.
        let mut best = (None, taps[0] * taps[1] * channels * out * (positions + READ));
        for (index, form) in Form::ALL.into_iter().enumerate() {
            if form.taps() == taps {
                let winograd = Winograd { form, dilation, size };
                let (blocks, last_lanes) = (blocks(channels), (channels - 1) % BLOCK + 1);
                let choice = Self { form: index, winograd, blocks, last_lanes, chunk: 0 }.divided();
                let cost = choice.cost(channels, out);
                if cost < best.1 {
                    best = (Some(choice), cost);
                }
            }
        }
        let choice = best.0?;
        conv.transformed.0[choice.form].get_or_init(|| transform(conv, choice.winograd.form));
        Some(choice)
    }

    /// With all tiles in nearly equal chunks that fit into the scratch.
    fn divided(self) -> Self {
        let each = self.winograd.form.points() * (self.blocks + GROUP);
        let most = (SCRATCH / each).max(FEWEST);
        let tiles = self.winograd.tiles();
        Self { chunk: tiles.div_ceil(tiles.div_ceil(most)), ..self }
    }

    /// The elements of scratch for the transformed inputs and the products of each thread.
    pub(crate) fn scratch(&self, threads: usize) -> usize {
        threads * (self.blocks + GROUP) * self.each()
    }

    /// The same for some of the output's rows.
    fn with_rows(&self, rows: usize) -> Self {
        let size = [rows, self.winograd.size[1]];
        Self { winograd: Winograd { size, ..self.winograd }, ..self.clone() }
    }

    /// The elements of scratch for all points of a block.
    fn each(&self) -> usize {
        self.winograd.form.points() * Winograd::distance(self.chunk)
    }

    /// An estimate of the time, in multiply-adds of a block. The constants are measured with AVX-512.
    fn cost(&self, channels: usize, out: usize) -> usize {
        let (points, tiles) = (self.winograd.form.points(), self.winograd.tiles());
        let products = points * tiles * channels * out;
        let transforms = points * tiles * (self.blocks + out) * TRANSFORM;
        let chunks = tiles.div_ceil(self.chunk);
        products + transforms + points * channels * out * chunks * READ
    }
}

/// The transformed weights of each group of output blocks, point, output block, and input block.
fn transform(conv: &Conv, form: Form) -> Vec<TapWeights> {
    let [height, width] = form.taps();
    let (taps, points) = (height * width, form.points());
    let blocks_in = conv.weights.len() / (conv.sources.len() * taps);
    let mut transformed = vec![[Lanes::ZERO; BLOCK]; conv.sources.len() * points * blocks_in];
    let mut result = vec![Lanes::ZERO; points];
    for (pair, direct) in conv.weights.chunks(taps).enumerate() {
        let (out, block) = (pair / blocks_in, pair % blocks_in);
        let (group, member) = (out / GROUP, out % GROUP);
        let members = GROUP.min(conv.sources.len() - group * GROUP);
        let start = group * GROUP * points * blocks_in;
        for lane in 0..BLOCK {
            let kernel: Vec<Lanes> = direct.iter().map(|tap| tap[lane]).collect();
            form.transform(&kernel, &mut result);
            for (point, result) in result.iter().enumerate() {
                transformed[start + (point * members + member) * blocks_in + block][lane] = *result;
            }
        }
    }
    transformed
}

/// Computes a convolution, whose input begins at the first tap of the first output.
pub(crate) fn compute(
    machine: Machine<'_>,
    (conv, choice): (&Conv, &Choice),
    x: Input<'_>,
    residual: Option<Residual<'_>>,
    (y, view): Output<'_>,
    scratch: &mut [Lanes],
) {
    if conv.sources.len() == 1 && machine.threads() > 1 {
        compute_rows(machine, (conv, choice), x, residual, (&mut *y, view), scratch);
    } else {
        compute_blocks(machine, (conv, choice), x, residual, (&mut *y, view), scratch);
    }
    // Other functions are part of the transform.
    if conv.function.is_slow() {
        let [height, width] = choice.winograd.size;
        let size = Size { blocks: conv.sources.len(), height, width };
        activate(machine, conv.function, size, (y, view));
    }
}

/// Divides the rows of the only output block among threads, between tiles.
fn compute_rows(
    machine: Machine<'_>,
    (conv, choice): (&Conv, &Choice),
    (x, x_view): Input<'_>,
    residual: Option<Residual<'_>>,
    (y, view): Output<'_>,
    scratch: &mut [Lanes],
) {
    let Winograd { form, dilation, size: [rows, _] } = choice.winograd;
    let step = form.outputs()[0] * dilation[0];
    let (steps, threads) = (rows.div_ceil(step), machine.threads());
    let start = |thread: usize| rows.min(steps * thread / threads * step);
    let starts = (1..threads).map(|thread| view.index(0, start(thread), 0));
    let scratches = scratch.chunks_mut(choice.scratch(1));
    let parts = cut(y, starts).into_iter().zip(scratches).enumerate().collect();
    machine.each(parts, |(thread, ((y, offset), scratch))| {
        let rows = start(thread)..start(thread + 1);
        let y = (y, View { origin: view.index(0, rows.start, 0) - offset, ..view });
        let from = |view: View| View { origin: view.index(0, rows.start, 0), ..view };
        let residual = residual.map(|Residual { x, view }| Residual { x, view: from(view) });
        let choice = choice.with_rows(rows.len());
        compute_blocks(machine.alone(), (conv, &choice), (x, from(x_view)), residual, y, scratch);
    });
}

/// Divides blocks among threads, for some tiles at a time.
fn compute_blocks(
    machine: Machine<'_>,
    (conv, choice): (&Conv, &Choice),
    x: Input<'_>,
    residual: Option<Residual<'_>>,
    (y, y_view): Output<'_>,
    scratch: &mut [Lanes],
) {
    let winograd = &choice.winograd;
    let (tiles, points) = (winograd.tiles(), winograd.form.points());
    let (spread, products) = scratch.split_at_mut(choice.blocks * choice.each());
    for first in (0..tiles).step_by(choice.chunk) {
        let part = first..tiles.min(first + choice.chunk);
        let each = points * Winograd::distance(part.len());
        let size = Size { blocks: choice.blocks, height: 1, width: each };
        let view = View::plain(1, each);
        divide(machine, size, (&mut *spread, view), &|piece: &Piece, (result, _)| {
            let x = (x.0, x.1.from_block(piece.blocks.start));
            machine.run(CallSpread { winograd, tiles: (piece.blocks.len(), part.clone()), x, result });
        });
        let groups = Groups { conv, choice, tiles: part, spread, residual };
        groups.compute(machine, (&mut *y, y_view), products);
    }
}

/// The products of a chunk of transformed tiles.
struct Groups<'g> {
    conv: &'g Conv,
    choice: &'g Choice,
    tiles: Range<usize>,
    spread: &'g [Lanes],
    residual: Option<Residual<'g>>,
}

impl Groups<'_> {
    /// Computes all output blocks, on all threads.
    fn compute(&self, machine: Machine<'_>, (y, view): Output<'_>, products: &mut [Lanes]) {
        let blocks = self.conv.sources.len();
        let groups = blocks.div_ceil(GROUP);
        let threads = machine.threads().min(groups);
        if threads == 1 {
            return self.multiply(machine, 0..blocks, (y, view), products);
        }
        let start = |thread: usize| blocks.min(groups * thread / threads * GROUP);
        let starts = (1..threads).map(|thread| view.index(start(thread), 0, 0));
        let products = products.chunks_mut(GROUP * self.choice.each());
        let parts = cut(y, starts).into_iter().zip(products).enumerate().collect();
        machine.each(parts, |(thread, ((y, offset), products))| {
            let blocks = start(thread)..start(thread + 1);
            let y = (y, View { origin: view.index(blocks.start, 0, 0) - offset, ..view });
            self.multiply(machine, blocks, y, products);
        });
    }

    /// Computes some output blocks, the first of which is that of `y`, on this thread.
    fn multiply(
        &self,
        machine: Machine<'_>,
        part: Range<usize>,
        (y, view): Output<'_>,
        products: &mut [Lanes],
    ) {
        let Self { conv, choice, tiles, residual, .. } = self;
        let weights = conv.transformed.0[choice.form].get().expect("weights are transformed with the choice");
        let (winograd, each) = (&choice.winograd, choice.winograd.form.points() * choice.blocks);
        for block in part.clone().step_by(GROUP) {
            let members = GROUP.min(part.end - block);
            multiply(
                machine,
                choice,
                (tiles.len(), self.spread),
                &weights[block * each..][..members * each],
                products,
            );
            let epilogue = Epilogue {
                bias: &conv.bias[block..],
                residual: residual
                    .map(|residual| Residual { view: residual.view.from_block(block), ..residual }),
                function: conv.function,
            };
            let tiles = (members, tiles.clone());
            let y = (&mut *y, view.from_block(block - part.start));
            machine.run(CallGather { winograd, tiles, products, epilogue, y });
        }
    }
}

/// The products of a chunk of transformed tiles and the weights of some output blocks, point by point.
fn multiply(
    machine: Machine<'_>,
    choice: &Choice,
    (tiles, spread): (usize, &[Lanes]),
    weights: &[TapWeights],
    products: &mut [Lanes],
) {
    let points = choice.winograd.form.points();
    let members = weights.len() / (points * choice.blocks);
    let geometry = KernelConv {
        blocks: choice.blocks,
        last_lanes: choice.last_lanes,
        taps: [1, 1],
        dilation: [1, 1],
        stride: [1, 1],
    };
    let distance = Winograd::distance(tiles);
    for point in 0..points {
        let view = View { origin: point * distance, plane: points * distance, pitch: tiles, step: 1 };
        machine.run(CallConv {
            geometry: &geometry,
            x: (spread, view),
            weights: &weights[point * members * choice.blocks..][..members * choice.blocks],
            epilogue: Epilogue { bias: &[Lanes::ZERO; GROUP], residual: None, function: Function::Identity },
            y: (&mut *products, view),
            part: Part { blocks: 0..members, rows: 0..1, width: tiles },
        });
    }
}
