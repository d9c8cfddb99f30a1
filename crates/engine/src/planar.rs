//! Inputs of few channels, which are stored channel by channel, as they come.

use graph::{Op, Shape, Table, Value};
use kernels::{Conv as KernelConv, Lanes, PLANAR_STRIDES, Residual, View};

use crate::calls::CallConvPlanar;
use crate::divide::{Piece, divide};
use crate::instruction::{Conv, Instruction, Kind};
use crate::lower::Program;
use crate::plan::Buffer;
use crate::threads::Machine;
use crate::window::geometry;
use crate::winograd::Choice;

/// The most channels of such an input; more fill half a block.
const MOST_CHANNELS: usize = 8;

/// Whether a value is an input that only convolutions read which have a kernel for it.
pub(crate) fn is_planar(program: &Program, choices: &Table<Option<Choice>>, value: Value) -> bool {
    let graph = &program.graph;
    let node = graph.node(value);
    let is_input = matches!(node.op, Op::Input { .. }) && node.shape.channels <= MOST_CHANNELS;
    let mut readers = program.instructions.iter().filter(|reader| reader.inputs.contains(&value)).peekable();
    is_input
        && readers.peek().is_some()
        && graph.outputs().iter().all(|output| output.value != value)
        && readers.all(|reader| reads(reader, choices, value, &node.shape))
}

fn reads(reader: &Instruction, choices: &Table<Option<Choice>>, value: Value, shape: &Shape) -> bool {
    let Kind::Conv(conv) = &reader.kind else { return false };
    reader.inputs[0] == value
        && !reader.inputs[1..].contains(&value)
        && !conv.is_linear
        && PLANAR_STRIDES.contains(&geometry(conv, shape.rank()).stride[1])
        && !conv.has_gate
        && !conv.weights.is_empty()
        && choices[reader.output].is_none()
        && conv.sources.iter().all(|source| *source == (0, shape.channels))
}

/// Copies an input into its buffer, between the margins.
pub(crate) fn copy(shape: &Shape, x: &[f32], buffer: &Buffer, to: &mut [f32]) {
    let mut rows = x.chunks_exact(buffer.size.width);
    for channel in 0..shape.channels {
        for row in 0..buffer.size.height {
            let Some(from) = rows.next() else { return };
            let start = buffer.start + buffer.view.index(channel, row, 0);
            to[start..start + from.len()].copy_from_slice(from);
        }
    }
}

/// A convolution of such an input, whose view begins at the first tap of the first output.
pub(crate) fn conv(
    machine: Machine<'_>,
    step: &Conv,
    (x, from, x_view): (&[f32], &Buffer, View),
    residual: Option<Residual<'_>>,
    (y, to): (&mut [Lanes], &Buffer),
) {
    let (geometry, size) = (geometry(step, from.rank), to.size);
    let geometry = KernelConv {
        blocks: 1,
        last_lanes: from.channels,
        taps: geometry.taps,
        dilation: geometry.dilation,
        stride: geometry.stride,
    };
    let taps: usize = geometry.taps.iter().product();
    let work = taps * from.channels * size.blocks * size.height * size.width;
    divide(machine.for_work(work), size, (y, to.view), &|piece: &Piece, y| {
        let [first_block, first_row] = [piece.blocks.start, piece.rows.start];
        let origin = x_view.index(0, first_row * geometry.stride[0], 0);
        machine.run(CallConvPlanar {
            geometry: &geometry,
            x: (&x[from.range()], View { origin, ..x_view }),
            weights: &step.weights[first_block * taps..],
            epilogue: piece.epilogue(&step.bias, residual, step.function),
            y,
            part: piece.part(size.width),
        });
    });
}
