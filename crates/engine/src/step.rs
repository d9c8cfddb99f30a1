//! One instruction as it runs.

use std::ops::Range;

use graph::{Extent, Pool, UpsampleMode, Window};
use kernels::{
    BLOCK, Conv as KernelConv, Depthwise as DepthwiseGeometry, Epilogue, Function, Lanes, Level, Neighbors,
    Part, Residual, Size, View, Windows, blocks, copy, copy_channels, flatten, reverse, softmax,
};

use crate::calls::*;
use crate::instruction::{Affine, Conv, Depthwise, Instruction, Kind, Phase};
use crate::plan::{Buffer, Plan};

/// An instruction with its operands.
pub(crate) struct Step<'s> {
    pub(crate) level: Level,
    pub(crate) plan: &'s Plan,
    pub(crate) instruction: &'s Instruction,
    pub(crate) neighbors: &'s [Vec<Neighbors>; 2],
    pub(crate) arena: &'s mut [Lanes],
    pub(crate) scratch: &'s mut [Lanes],
}

/// The operands of an instruction in the arena.
struct Operands<'a> {
    x: (&'a [Lanes], &'a Buffer),
    /// The second input, or the first again.
    second: (&'a [Lanes], &'a Buffer),
    y: &'a mut [Lanes],
    to: &'a Buffer,
}

impl Step<'_> {
    pub(crate) fn run(&mut self) {
        let to = self.plan.buffer(self.instruction.output);
        to.clear_margins(&mut self.arena[to.range()]);
        match &self.instruction.kind {
            Kind::Add => return self.add(),
            Kind::Concat => return self.concat(),
            _ => {}
        }
        let plan = self.plan;
        let first = plan.buffer(self.instruction.inputs[0]);
        let second = plan.buffer(*self.instruction.inputs.get(1).unwrap_or(&self.instruction.inputs[0]));
        let ([x, other], y) = operands(self.arena, to.range(), [first.range(), second.range()]);
        let operands = Operands { x: (x, first), second: (other, second), y, to };
        compute(self.level, self.instruction, self.neighbors, self.scratch, operands);
    }

    /// The sum of all inputs, in order.
    fn add(&mut self) {
        let to = self.plan.buffer(self.instruction.output);
        let size = to.size;
        let mut inputs = self.instruction.inputs.iter().map(|input| self.plan.buffer(*input));
        let Some(first) = inputs.next() else { return };
        let Some(second) = inputs.next() else {
            let ([x], y) = operands(self.arena, to.range(), [first.range()]);
            return copy(size, (x, first.view), (y, to.view));
        };
        let ([a, b], y) = operands(self.arena, to.range(), [first.range(), second.range()]);
        self.level.run(CallAdd { size, a: (a, first.view), b: (b, second.view), y: (y, to.view) });
        for next in inputs {
            let ([x], y) = operands(self.arena, to.range(), [next.range()]);
            accumulate(size, (x, next.view), (y, to.view));
        }
    }

    fn concat(&mut self) {
        let to = self.plan.buffer(self.instruction.output);
        let mut channel = 0;
        for input in &self.instruction.inputs {
            let from = self.plan.buffer(*input);
            let ([x], y) = operands(self.arena, to.range(), [from.range()]);
            let channels = (from.channels, 0, channel);
            copy_channels(channels, (to.size.height, to.size.width), (x, from.view), (y, to.view));
            channel += from.channels;
        }
    }
}

/// Adds `x` to `y`.
fn accumulate(size: Size, (x, x_view): Input<'_>, (y, y_view): Output<'_>) {
    for block in 0..size.blocks {
        for row in 0..size.height {
            for column in 0..size.width {
                let x = &x[x_view.index(block, row, column)];
                let y = &mut y[y_view.index(block, row, column)];
                for (y, x) in y.0.iter_mut().zip(x.0) {
                    *y += x;
                }
            }
        }
    }
}

/// The inputs and the output of an instruction, which do not overlap.
fn operands<const N: usize>(
    arena: &mut [Lanes],
    output: Range<usize>,
    inputs: [Range<usize>; N],
) -> ([&[Lanes]; N], &mut [Lanes]) {
    let (before, rest) = arena.split_at_mut(output.start);
    let (y, after) = rest.split_at_mut(output.len());
    let (before, after) = (&*before, &*after);
    let inputs = inputs.map(|range| {
        if range.end <= output.start {
            &before[range]
        } else {
            &after[range.start - output.end..range.end - output.end]
        }
    });
    (inputs, y)
}

fn compute(
    level: Level,
    instruction: &Instruction,
    neighbors: &[Vec<Neighbors>; 2],
    scratch: &mut [Lanes],
    operands: Operands<'_>,
) {
    match &instruction.kind {
        Kind::Conv(step) => return conv(level, step, operands),
        Kind::Depthwise(step) => return depthwise(level, step, operands),
        Kind::Transposed(phases) => return transposed(level, phases, operands),
        Kind::Upsample { factor, mode: UpsampleMode::Nearest } => return repeat(*factor, operands),
        Kind::CropOrPad => return crop_or_pad(operands),
        _ => {}
    }
    let Operands { x: (x, from), second: (other, second), y, to } = operands;
    let (size, channels) = (to.size, to.channels);
    let (input, output) = ((x, from.view), (y, to.view));
    match &instruction.kind {
        Kind::Function(function) => {
            copy(size, input, (&mut *output.0, to.view));
            activate_rows(level, *function, output.0, to);
        }
        Kind::Affine(step) => level.run(CallAffine { size, x: input, affine_of: slices(step), y: output }),
        Kind::LayerNorm { affine, eps } => {
            level.run(CallLayerNorm {
                channels,
                size,
                eps: *eps,
                x: input,
                affine_of: slices(affine),
                y: output,
            });
        }
        Kind::GroupNorm { affine, groups, eps } => {
            let (factor, rest) = scratch.split_at_mut(size.blocks);
            let offset = &mut rest[..size.blocks];
            let result = (&mut *factor, &mut *offset);
            let (groups, eps) = ((channels, *groups), *eps);
            level.run(CallGroupStatistics { groups, size, eps, x: input, affine_of: slices(affine), result });
            level.run(CallAffine { size, x: input, affine_of: (factor, offset), y: output });
        }
        Kind::PositionNorm { scale, shift, eps } => {
            level.run(CallPositionNorm { size, eps: *eps, x: input, affine_of: (scale, shift), y: output });
        }
        Kind::Softmax => softmax(channels, size, input, output, f32::exp),
        Kind::Multiply => {
            let b = (other, broadcast(second, size));
            level.run(CallMultiply { size, a: input, b, y: output });
        }
        Kind::Slice { start } => {
            copy_channels((channels, *start, 0), (size.height, size.width), input, output);
        }
        Kind::MaxPool(pool) => {
            level.run(CallMaxPool { size, windows: windows(pool, from), x: input, y: output });
        }
        Kind::AveragePool { pool, count_padding } => {
            let (windows, count_padding) = (windows(pool, from), *count_padding);
            level.run(CallAveragePool { size, windows, count_padding, x: input, y: output });
        }
        Kind::GlobalMean => level.run(CallGlobalMean { size: from.size, x: input, y: output }),
        Kind::Upsample { mode: UpsampleMode::Linear { .. }, .. } => {
            let neighbors = (&neighbors[0][..], &neighbors[1][..]);
            level.run(CallInterpolate { blocks: size.blocks, neighbors, x: input, y: output });
        }
        Kind::Select(step) => {
            let view = View { origin: from.view.origin + step.index(from.size.width), ..from.view };
            copy(size, (x, view), output);
        }
        Kind::Reverse => reverse(size, input, output),
        Kind::Flatten => flatten((from.channels, from.size.height, from.size.width), input, output),
        Kind::Conv(_) | Kind::Depthwise(_) | Kind::Transposed(_) | Kind::CropOrPad => {}
        Kind::Upsample { mode: UpsampleMode::Nearest, .. } | Kind::Add | Kind::Concat => {}
    }
}

fn slices(affine: &Affine) -> (&[Lanes], &[Lanes]) {
    (&affine.scale, &affine.shift)
}

fn activate_rows(level: Level, function: Function, values: &mut [Lanes], buffer: &Buffer) {
    for block in 0..buffer.size.blocks {
        for row in 0..buffer.size.height {
            let start = buffer.view.index(block, row, 0);
            let values = &mut values[start..start + buffer.size.width];
            level.run(CallActivate { function, values, step: 1 });
        }
    }
}

/// The view of a factor whose axes of size 1 are repeated.
fn broadcast(factor: &Buffer, size: Size) -> View {
    let mut view = factor.view;
    if factor.size.height == 1 && size.height > 1 {
        view.pitch = 0;
    }
    if factor.size.width == 1 && size.width > 1 {
        view.step = 0;
    }
    view
}

/// The numbers down and across; those of a series or a vector are 1 down.
fn pair(extent: Extent, rank: usize) -> [usize; 2] {
    match rank {
        0 => [1, 1],
        1 => [1, extent.at(0)],
        _ => [extent.at(0), extent.at(1)],
    }
}

/// The windows of a pooling down and across.
fn windows(pool: &Pool, from: &Buffer) -> (Windows, Windows) {
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
fn before(window: &Window, from: &Buffer) -> [usize; 2] {
    match from.rank {
        0 => [0, 0],
        1 => [0, window.pads(0, from.size.width).0],
        _ => [window.pads(0, from.size.height).0, window.pads(1, from.size.width).0],
    }
}

/// The view that begins at the first tap of the first output.
fn padded(view: View, before: [usize; 2]) -> View {
    View { origin: view.origin - before[0] * view.pitch - before[1] * view.step, ..view }
}

/// The view from a block on.
fn from_block(view: View, block: usize) -> View {
    View { origin: view.origin + block * view.plane, ..view }
}

/// A residual that is added to sums, if there is one.
fn residual<'a>(has_residual: bool, (x, buffer): (&'a [Lanes], &Buffer)) -> Option<Residual<'a>> {
    if has_residual { Some(Residual { x, view: buffer.view }) } else { None }
}

fn conv(level: Level, step: &Conv, operands: Operands<'_>) {
    let Operands { x: (x, from), second, y, to } = operands;
    let rank = if step.is_linear { 0 } else { from.rank };
    let window = &step.window;
    let geometry = Geometry {
        taps: pair(window.kernel, rank),
        dilation: pair(window.dilation, rank),
        stride: pair(window.stride, rank),
    };
    let before = if step.is_linear { [0, 0] } else { before(window, from) };
    let residual = residual(step.has_residual, second);
    let mut views = [padded(from.view, before), to.view, residual.map_or(to.view, |residual| residual.view)];
    let mut size = to.size;
    // Without margins, the rows of a pointwise convolution are one long row.
    let is_pointwise = geometry.taps == [1, 1] && geometry.stride == [1, 1];
    if is_pointwise && views.iter().all(|view| view.pitch == size.width) {
        size = Size { height: 1, width: size.height * size.width, ..size };
        for view in &mut views {
            view.pitch = size.width;
        }
    }
    let residual = residual.map(|residual| Residual { view: views[2], ..residual });
    convolve(level, step, &geometry, (x, views[0]), residual, (y, views[1]), size);
}

/// Taps, and the distances between them and between outputs.
struct Geometry {
    taps: [usize; 2],
    dilation: [usize; 2],
    stride: [usize; 2],
}

/// Computes all output blocks: at once if they read the same input, else one by one.
fn convolve(
    level: Level,
    step: &Conv,
    geometry: &Geometry,
    (x, x_view): Input<'_>,
    residual: Option<Residual<'_>>,
    (y, y_view): Output<'_>,
    size: Size,
) {
    let Geometry { taps, dilation, stride } = *geometry;
    let has_one_source = step.sources.iter().all(|source| *source == step.sources[0]);
    let at_once = if has_one_source { size.blocks } else { 1 };
    let mut weights = &step.weights[..];
    let mut block = 0;
    while block < size.blocks {
        let (first, channels) = step.sources[block];
        let count = blocks(channels);
        let geometry =
            KernelConv { blocks: count, last_lanes: channels - (count - 1) * BLOCK, taps, dilation, stride };
        let (own, rest) = weights.split_at(at_once * count * taps[0] * taps[1]);
        weights = rest;
        let epilogue = Epilogue {
            bias: &step.bias[block..],
            residual: residual
                .map(|residual| Residual { view: from_block(residual.view, block), ..residual }),
            function: step.function,
        };
        level.run(CallConv {
            geometry: &geometry,
            x: (x, from_block(x_view, first)),
            weights: own,
            epilogue,
            y: (&mut *y, from_block(y_view, block)),
            part: Part { blocks: 0..at_once, rows: 0..size.height, width: size.width },
        });
        block += at_once;
    }
}

fn depthwise(level: Level, step: &Depthwise, operands: Operands<'_>) {
    let Operands { x: (x, from), second, y, to } = operands;
    let window = &step.window;
    let geometry = DepthwiseGeometry {
        taps: pair(window.kernel, from.rank),
        dilation: pair(window.dilation, from.rank),
        stride: pair(window.stride, from.rank),
    };
    let size = to.size;
    level.run(CallDepthwise {
        geometry: &geometry,
        x: (x, padded(from.view, before(window, from))),
        weights: &step.weights,
        epilogue: Epilogue {
            bias: &step.bias,
            residual: residual(step.has_residual, second),
            function: step.function,
        },
        y: (y, to.view),
        part: Part { blocks: 0..size.blocks, rows: 0..size.height, width: size.width },
    });
}

fn transposed(level: Level, phases: &[Phase], operands: Operands<'_>) {
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
        convolve(level, &phase.conv, &geometry, (x, x_view), None, (&mut *y, y_view), size);
    }
}

/// Copies each element `factor` times along each axis.
fn repeat(factor: Extent, operands: Operands<'_>) {
    let Operands { x: (x, from), y, to, .. } = operands;
    let [rows, columns] = pair(factor, from.rank);
    for row in 0..rows {
        for column in 0..columns {
            let view = View {
                origin: to.view.index(0, row, column),
                plane: to.view.plane,
                pitch: to.view.pitch * rows,
                step: columns,
            };
            copy(from.size, (x, from.view), (&mut *y, view));
        }
    }
}

/// Half of the surplus, rounded down, is cropped before, or the same is padded with zeros.
fn crop_or_pad(operands: Operands<'_>) {
    let Operands { x: (x, from), y, to, .. } = operands;
    y.fill(Lanes::ZERO);
    let along = |from: usize, to: usize| {
        let (cropped, padded) = (from.saturating_sub(to) / 2, to.saturating_sub(from) / 2);
        (cropped, padded, from.min(to))
    };
    let rows = along(from.size.height, to.size.height);
    let columns = along(from.size.width, to.size.width);
    let x_view = View { origin: from.view.index(0, rows.0, columns.0), ..from.view };
    let y_view = View { origin: to.view.index(0, rows.1, columns.1), ..to.view };
    let size = Size { blocks: to.size.blocks, height: rows.2, width: columns.2 };
    copy(size, (x, x_view), (y, y_view));
}
