//! Instructions with a sliding window.

use std::ops::Range;

use graph::{Extent, Pool, Window};
use kernels::{
    BLOCK, Conv as KernelConv, Depthwise as DepthwiseGeometry, Epilogue, Lanes, Part, Residual, Size, View,
    Windows, blocks,
};

use crate::calls::{CallConv, CallConvFew, CallDepthwise, CallGateWeights, Input, Output};
use crate::divide::{Piece, divide};
use crate::instruction::{Conv, Depthwise, Phase, TapWeights};
use crate::plan::Buffer;
use crate::step::Operands;
use crate::threads::Machine;
use crate::winograd::{self, Choice};

/// The numbers down and across; those of a series or a vector are 1 down.
pub(crate) fn pair(extent: Extent, rank: usize) -> [usize; 2] {
    match rank {
        0 => [1, 1],
        1 => [1, extent.at(0)],
        _ => [extent.at(0), extent.at(1)],
    }
}

/// The windows of a pooling down and across.
pub(crate) fn windows(pool: &Pool, from: &Buffer) -> (Windows, Windows) {
    let [height, width] = [from.size.height, from.size.width];
    let [kernel, stride] = [pool.kernel, pool.stride].map(|extent| pair(extent, from.rank));
    let before = before(&pool.window(), from);
    let along = |axis: usize, size: usize| Windows {
        kernel: kernel[axis],
        stride: stride[axis],
        before: before[axis],
        size,
    };
    (along(0, height), along(1, width))
}

/// Padding before rows and columns.
pub(crate) fn before(window: &Window, from: &Buffer) -> [usize; 2] {
    match from.rank {
        0 => [0, 0],
        1 => [0, window.pads(0, from.size.width).0],
        _ => [window.pads(0, from.size.height).0, window.pads(1, from.size.width).0],
    }
}

/// The view that begins at the first tap of the first output.
pub(crate) fn padded(view: View, before: [usize; 2]) -> View {
    View { origin: view.origin - before[0] * view.pitch - before[1] * view.step, ..view }
}

/// A residual that is added to sums, if there is one.
fn residual<'a>(has_residual: bool, (x, buffer): (&'a [Lanes], &Buffer)) -> Option<Residual<'a>> {
    if has_residual { Some(Residual { x, view: buffer.view }) } else { None }
}

/// The geometry of a convolution of an input with `rank` spatial axes.
pub(crate) fn geometry(conv: &Conv, rank: usize) -> Geometry {
    let rank = if conv.is_linear { 0 } else { rank };
    let Window { kernel, dilation, stride, .. } = conv.window;
    Geometry { taps: pair(kernel, rank), dilation: pair(dilation, rank), stride: pair(stride, rank) }
}

pub(crate) fn conv(
    machine: Machine<'_>,
    (step, choice): (&Conv, Option<&Choice>),
    x_view: View,
    operands: Operands<'_>,
    scratch: &mut [Lanes],
) {
    let (x, from) = operands.x;
    if let Some(choice) = choice {
        let residual = residual(step.has_residual, operands.second);
        let y = (operands.y, operands.to.view);
        return winograd::compute(machine, (step, choice), (x, x_view), residual, y, scratch);
    }
    if !step.has_gate {
        return conv_from(machine, (step, &step.weights), x_view, operands);
    }
    let (gate, buffer) = if step.has_residual { operands.third } else { operands.second };
    let (to, _) = scratch.as_chunks_mut();
    let to = &mut to[..step.weights.len()];
    machine.run(CallGateWeights {
        blocks_and_taps: (from.size.blocks, geometry(step, from.rank).taps.iter().product()),
        weights: &step.weights,
        gate: (gate, buffer.view),
        to: &mut *to,
    });
    conv_from(machine, (step, to), x_view, operands);
}

/// A convolution with weights, whose first tap of the first output is the first element of a view of the input.
pub(crate) fn conv_from(
    machine: Machine<'_>,
    (step, weights): (&Conv, &[TapWeights]),
    x_view: View,
    operands: Operands<'_>,
) {
    let Operands { x: (x, from), second, y, to, .. } = operands;
    let geometry = geometry(step, from.rank);
    let residual = residual(step.has_residual, second);
    let size = to.size;
    // A convolution with few outputs computes them all at once.
    let work = weights.len() * BLOCK * size.height * size.width;
    divide(machine.for_work(work), size, (y, to.view), &|piece: &Piece, (y, y_view)| {
        let row = piece.rows.start;
        let at_row = |view: View, row: usize| View { origin: view.index(0, row, 0), ..view };
        let residual_view = residual.map_or(y_view, |residual| at_row(residual.view, row));
        let mut views = [at_row(x_view, row * geometry.stride[0]), y_view, residual_view];
        let mut size = Size { height: piece.rows.len(), ..size };
        // Without margins, the rows of a pointwise convolution are one long row.
        let is_pointwise = geometry.taps == [1, 1] && geometry.stride == [1, 1];
        if is_pointwise && views.iter().all(|view| view.pitch == size.width) {
            size = Size { height: 1, width: size.height * size.width, ..size };
            for view in &mut views {
                view.pitch = size.width;
            }
        }
        let residual = residual.map(|residual| Residual { view: views[2], ..residual });
        let part = (size, piece.blocks.clone());
        convolve(machine, (step, weights), &geometry, (x, views[0]), residual, (y, views[1]), part);
    });
}

/// Taps, and the distances between them and between outputs.
pub(crate) struct Geometry {
    pub(crate) taps: [usize; 2],
    pub(crate) dilation: [usize; 2],
    pub(crate) stride: [usize; 2],
}

/// Computes some output blocks of `size.blocks`, the first of which is that of `y`: at once if they read the same input,
/// else one by one.
pub(crate) fn convolve(
    machine: Machine<'_>,
    (step, mut weights): (&Conv, &[TapWeights]),
    geometry: &Geometry,
    (x, x_view): Input<'_>,
    residual: Option<Residual<'_>>,
    (y, y_view): Output<'_>,
    (size, part): (Size, Range<usize>),
) {
    let Geometry { taps, dilation, stride } = *geometry;
    let has_one_source = step.sources.iter().all(|source| *source == step.sources[0]);
    let at_once = if has_one_source { size.blocks } else { 1 };
    let mut block = 0;
    while block < size.blocks {
        let (first, channels) = step.sources[block];
        let count = blocks(channels);
        let geometry =
            KernelConv { blocks: count, last_lanes: channels - (count - 1) * BLOCK, taps, dilation, stride };
        let (start, end) = (block.max(part.start), (block + at_once).min(part.end));
        let epilogue = Epilogue {
            bias: &step.bias[start..],
            residual: residual.map(|residual| Residual { view: residual.view.from_block(start), ..residual }),
            function: step.function,
        };
        let blocks = 0..end.saturating_sub(start);
        let own_part = Part { blocks, rows: 0..size.height, width: size.width };
        let input_taps = count * taps[0] * taps[1];
        let x = (x, x_view.from_block(first));
        if !step.few_weights.is_empty() {
            let (outputs, weights) = (step.few_weights.len() / input_taps, &step.few_weights[..]);
            let (geometry, y) = (&geometry, (y, y_view));
            return machine.run(CallConvFew { outputs, geometry, x, weights, epilogue, y, part: own_part });
        }
        let (own, rest) = weights.split_at(at_once * input_taps);
        weights = rest;
        block += at_once;
        if start < end {
            let weights = &own[(start + at_once - block) * input_taps..];
            let y = (&mut *y, y_view.from_block(start - part.start));
            machine.run(CallConv { geometry: &geometry, x, weights, epilogue, y, part: own_part });
        }
    }
}

/// A depthwise convolution whose first tap of the first output is the first element of a view of the input.
pub(crate) fn depthwise_from(machine: Machine<'_>, step: &Depthwise, x_view: View, operands: Operands<'_>) {
    let Operands { x: (x, from), second, y, to, .. } = operands;
    let window = &step.window;
    let geometry = DepthwiseGeometry {
        taps: pair(window.kernel, from.rank),
        dilation: pair(window.dilation, from.rank),
        stride: pair(window.stride, from.rank),
    };
    let size = to.size;
    let taps: usize = geometry.taps.iter().product();
    let work = taps * size.blocks * size.height * size.width;
    let residual = residual(step.has_residual, second);
    divide(machine.for_work(work), size, (y, to.view), &|piece: &Piece, y| {
        let [first_block, first_row] = [piece.blocks.start, piece.rows.start];
        let origin = x_view.index(first_block, first_row * geometry.stride[0], 0);
        machine.run(CallDepthwise {
            geometry: &geometry,
            x: (x, View { origin, ..x_view }),
            weights: &step.weights[first_block * taps..],
            epilogue: piece.epilogue(&step.bias, residual, step.function),
            y,
            part: piece.part(size.width),
        });
    });
}

pub(crate) fn transposed(machine: Machine<'_>, phases: &[Phase], operands: Operands<'_>) {
    let Operands { x: (x, from), y, to, .. } = operands;
    for phase in phases {
        let geometry = Geometry { taps: phase.taps, dilation: [1, 1], stride: [1, 1] };
        let [down, across] = phase.start;
        let moved = down * from.view.pitch.cast_signed() + across;
        let x_view = View { origin: from.view.origin.checked_add_signed(moved).unwrap_or(0), ..from.view };
        let y_view = View {
            origin: to.view.index(0, phase.offset[0], phase.offset[1]),
            plane: to.view.plane,
            pitch: to.view.pitch * phase.stride[0],
            step: phase.stride[1],
        };
        let size = Size { blocks: to.size.blocks, ..from.size };
        let weights = &phase.conv.weights[..];
        let work = weights.len() * BLOCK * size.height * size.width;
        divide(machine.for_work(work), size, (&mut *y, y_view), &|piece: &Piece, y| {
            let x_view = View { origin: x_view.index(0, piece.rows.start, 0), ..x_view };
            let part = (Size { height: piece.rows.len(), ..size }, piece.blocks.clone());
            convolve(machine, (&phase.conv, weights), &geometry, (x, x_view), None, y, part);
        });
    }
}
