//! One instruction as it runs.

use std::ops::Range;

use graph::{Extent, UpsampleMode};
use kernels::{
    Lanes, Neighbors, Residual, Size, View, Windows, copy, copy_channels, flatten, reverse, softmax,
};

use crate::calls::{
    CallAdd, CallAffine, CallAveragePool, CallGroupStatistics, CallInterpolate, CallLayerNorm, CallMaxPool,
    CallMultiply, CallPositionNorm, Input, Output,
};
use crate::divide::{activate, divide};
use crate::excite::{excite, global_mean};
use crate::instruction::{Affine, Conv, Instruction, Kind};
use crate::plan::{Buffer, Plan, Task};
use crate::planar;
use crate::threads::{Machine, READ};
use crate::window::{conv, depthwise_from, pair, transposed, windows};

/// An instruction with its operands.
pub(crate) struct Step<'s> {
    pub(crate) machine: Machine<'s>,
    pub(crate) plan: &'s Plan,
    pub(crate) task: &'s Task,
    pub(crate) instruction: &'s Instruction,
    pub(crate) neighbors: &'s [Vec<Neighbors>; 2],
    pub(crate) arena: &'s mut [Lanes],
    pub(crate) planar: &'s [f32],
    pub(crate) scratch: &'s mut [Lanes],
}

/// The operands of an instruction in the arena.
pub(crate) struct Operands<'a> {
    pub(crate) x: (&'a [Lanes], &'a Buffer),
    /// The second and third input, or the first again.
    pub(crate) second: (&'a [Lanes], &'a Buffer),
    pub(crate) third: (&'a [Lanes], &'a Buffer),
    pub(crate) y: &'a mut [Lanes],
    pub(crate) to: &'a Buffer,
}

impl Step<'_> {
    pub(crate) fn run(&mut self) {
        let Task { inputs: [first, second, third], output: to, padded, .. } = self.task;
        to.clear_margins(&mut self.arena[to.range()]);
        match &self.instruction.kind {
            Kind::Add => return self.add(),
            Kind::Concat => return self.concat(),
            Kind::Conv(step) if self.task.is_planar => return self.planar(step),
            _ if self.task.is_in_place => return,
            _ => {}
        }
        let ranges = [first, second, third].map(Buffer::range);
        let ([x, other, last], y) = operands(self.arena, to.range(), ranges);
        let operands = Operands { x: (x, first), second: (other, second), third: (last, third), y, to };
        match &self.instruction.kind {
            Kind::Conv(step) => {
                let choice = self.plan.choices[self.instruction.output].as_ref();
                conv(self.machine, (step, choice), *padded, operands, self.scratch);
            }
            Kind::Depthwise(step) => depthwise_from(self.machine, step, *padded, operands),
            Kind::Transposed(phases) => transposed(self.machine, phases, operands),
            Kind::Upsample { factor, mode: UpsampleMode::Nearest } => repeat(*factor, operands),
            Kind::CropOrPad => crop_or_pad(operands),
            _ => compute(self.machine, self.instruction, self.neighbors, self.scratch, operands),
        }
    }

    /// A convolution of an input that is stored channel by channel.
    fn planar(&mut self, step: &Conv) {
        let Task { inputs: [from, other, _], output: to, padded, .. } = self.task;
        let x = (self.planar, from, *padded);
        if step.has_residual {
            let ([values], y) = operands(self.arena, to.range(), [other.range()]);
            let residual = Residual { x: values, view: other.view };
            planar::conv(self.machine, step, x, Some(residual), (y, to));
        } else {
            planar::conv(self.machine, step, x, None, (&mut self.arena[to.range()], to));
        }
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
        divide(self.machine.for_work(READ * size.elements()), size, (&mut *y, to.view), &|piece, y| {
            let (a, b) = ((a, piece.view(first.view)), (b, piece.view(second.view)));
            self.machine.run(CallAdd { size: piece.size(size.width), a, b, y });
        });
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
            if !self.plan.parts.is_within(*input, self.instruction.output) {
                let ([x], y) = operands(self.arena, to.range(), [from.range()]);
                let channels = (from.channels, 0, channel);
                copy_channels(channels, (to.size.height, to.size.width), (x, from.view), (y, to.view));
            }
            channel += from.channels;
        }
    }
}

/// Adds `x` to `y`.
pub(crate) fn accumulate(size: Size, (x, x_view): Input<'_>, (y, y_view): Output<'_>) {
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

pub(crate) fn compute(
    machine: Machine<'_>,
    instruction: &Instruction,
    neighbors: &[Vec<Neighbors>; 2],
    scratch: &mut [Lanes],
    operands: Operands<'_>,
) {
    let Operands { x: (x, from), second: (other, second), y, to, .. } = operands;
    let (size, channels) = (to.size, to.channels);
    let (input, output) = ((x, from.view), (y, to.view));
    match &instruction.kind {
        Kind::Function(function) => {
            copy(size, input, (&mut *output.0, to.view));
            activate(machine, *function, size, output);
        }
        Kind::Affine(step) => machine.run(CallAffine { size, x: input, affine_of: slices(step), y: output }),
        Kind::LayerNorm { .. } | Kind::GroupNorm { .. } | Kind::PositionNorm { .. } => {
            normalize(machine, &instruction.kind, scratch, (channels, size), input, output);
        }
        Kind::Softmax => softmax(channels, size, input, output, f32::exp),
        Kind::Multiply => {
            let view = broadcast(second, size);
            divide(machine.for_work(READ * size.elements()), size, output, &|piece, y| {
                let (a, b) = ((x, piece.view(from.view)), (other, piece.view(view)));
                machine.run(CallMultiply { size: piece.size(size.width), a, b, y });
            });
        }
        Kind::Slice { start } => {
            copy_channels((channels, *start, 0), (size.height, size.width), input, output);
        }
        Kind::MaxPool(pool) => max_pool(machine, windows(pool, from), size, input, output),
        Kind::AveragePool { pool, count_padding } => {
            let (windows, count_padding) = (windows(pool, from), *count_padding);
            machine.run(CallAveragePool { size, windows, count_padding, x: input, y: output });
        }
        Kind::Excite(convs) => excite(machine, convs, from.size, input, output, scratch),
        Kind::GlobalMean => global_mean(machine, from.size, input, output),
        Kind::Upsample { mode: UpsampleMode::Linear { .. }, .. } => {
            let neighbors = (&neighbors[0][..], &neighbors[1][..]);
            machine.run(CallInterpolate { blocks: size.blocks, neighbors, x: input, y: output });
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

fn normalize(
    machine: Machine<'_>,
    kind: &Kind,
    scratch: &mut [Lanes],
    (channels, size): (usize, Size),
    input: Input<'_>,
    output: Output<'_>,
) {
    match kind {
        Kind::LayerNorm { affine, eps } => {
            machine.run(CallLayerNorm {
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
            machine.run(CallGroupStatistics {
                groups,
                size,
                eps,
                x: input,
                affine_of: slices(affine),
                result,
            });
            machine.run(CallAffine { size, x: input, affine_of: (factor, offset), y: output });
        }
        Kind::PositionNorm { scale, shift, eps } => {
            machine.run(CallPositionNorm { size, eps: *eps, x: input, affine_of: (scale, shift), y: output });
        }
        _ => {}
    }
}

/// The largest element of each window, in whole blocks, because windows are numbered from the first row on.
fn max_pool(
    machine: Machine<'_>,
    windows: (Windows, Windows),
    size: Size,
    (x, x_view): Input<'_>,
    output: Output<'_>,
) {
    let work = windows.1.kernel * size.blocks * size.height * size.width;
    divide(machine.for_work(work), Size { height: 1, ..size }, output, &|piece, y| {
        let size = Size { blocks: piece.blocks.len(), ..size };
        machine.run(CallMaxPool { size, windows, x: (x, x_view.from_block(piece.blocks.start)), y });
    });
}

fn slices(affine: &Affine) -> (&[Lanes], &[Lanes]) {
    (&affine.scale, &affine.shift)
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
