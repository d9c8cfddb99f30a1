//! One instruction on the positions of a series that have become complete.

use graph::{Pool, Reads, Table, UpsampleMode};
use kernels::{Level, Neighbors, Size, View, Windows, copy, copy_channels};

use super::track::Track;
use crate::calls::{CallAdd, CallAveragePool, CallInterpolate, CallMaxPool};
use crate::instruction::{Instruction, Kind, Phase};
use crate::session::neighbor;
use crate::step::{Operands, accumulate, compute};
use crate::window::{Geometry, conv_from, convolve, depthwise_from};

/// The positions of an instruction's output that are computed.
pub(super) struct Run<'s> {
    pub(super) level: Level,
    pub(super) instruction: &'s Instruction,
    /// The part that is read of each input.
    pub(super) reads: &'s [Reads],
    pub(super) tracks: &'s Table<Option<Track>>,
    /// The first position.
    pub(super) from: i64,
    pub(super) count: usize,
    /// The positions of the first input that are part of the series.
    pub(super) known: i64,
}

impl Run<'_> {
    fn input(&self, index: usize) -> &Track {
        self.tracks[self.instruction.inputs[index]].as_ref().expect("inputs of instructions are stored")
    }

    /// Computes the positions, which are the last of `y`.
    pub(super) fn run(&self, y: &mut Track) {
        match &self.instruction.kind {
            Kind::Transposed(phases) => return self.transposed(phases, y),
            Kind::MaxPool(pool) => return self.pool(pool, None, y),
            Kind::AveragePool { pool, count_padding } => return self.pool(pool, Some(*count_padding), y),
            Kind::Upsample { factor, mode: UpsampleMode::Nearest } => return self.repeat(factor.at(0), y),
            Kind::Upsample { factor, .. } => return self.interpolate(factor.at(0), y),
            Kind::Add => return self.add(y),
            Kind::Concat => return self.concat(y),
            _ => {}
        }
        let (x, from) = self.input(0).at(self.reads[0].first_of(self.from), self.count);
        let second = self.instruction.inputs.len().min(2) - 1;
        let (other, other_from) = self.input(second).at(self.reads[second].first_of(self.from), self.count);
        let (y, to) = y.at_mut(self.from, self.count);
        let second = (other, &other_from);
        let operands = Operands { x: (x, &from), second, third: second, y, to: &to };
        match &self.instruction.kind {
            Kind::Conv(step) => conv_from(self.level.into(), (step, &step.weights), from.view, operands),
            Kind::Depthwise(step) => depthwise_from(self.level.into(), step, from.view, operands),
            Kind::CropOrPad => copy(to.size, (x, from.view), (operands.y, to.view)),
            _ => compute(self.level.into(), self.instruction, &[Vec::new(), Vec::new()], &mut [], operands),
        }
    }

    fn transposed(&self, phases: &[Phase], y: &mut Track) {
        for phase in phases {
            let (stride, offset) = (phase.stride[1] as i64, phase.offset[1] as i64);
            let strides = |position: i64| -(offset - position).div_euclid(stride);
            let (first, end) = (strides(self.from), strides(self.from + self.count as i64));
            let Ok(count @ 1..) = usize::try_from(end - first) else { continue };
            let (x, from) = self.input(0).at(first + phase.start[1] as i64, count);
            let (y, to) = y.at_mut(first * stride + offset, count);
            let geometry = Geometry { taps: phase.taps, dilation: [1, 1], stride: [1, 1] };
            let y_view = View { step: phase.stride[1], ..to.view };
            let conv = (&phase.conv, &phase.conv.weights[..]);
            let part = (to.size, 0..to.size.blocks);
            convolve(self.level.into(), conv, &geometry, (x, from.view), None, (y, y_view), part);
        }
    }

    fn pool(&self, pool: &Pool, count_padding: Option<bool>, y: &mut Track) {
        let start = self.reads[0].first_of(self.from);
        let first = start.max(0);
        let (x, from) = self.input(0).at(first, self.count);
        let (y, to) = y.at_mut(self.from, self.count);
        let index = |position: i64| usize::try_from(position).unwrap_or(0);
        let rows = Windows { kernel: 1, stride: 1, before: 0, size: 1 };
        let columns = Windows {
            kernel: pool.kernel.at(0),
            stride: pool.stride.at(0),
            before: index(-start),
            size: index(self.known - first),
        };
        let (size, windows, x, y) = (to.size, (rows, columns), (x, from.view), (y, to.view));
        match count_padding {
            None => self.level.run(CallMaxPool { size, windows, x, y }),
            Some(count_padding) => self.level.run(CallAveragePool { size, windows, count_padding, x, y }),
        }
    }

    fn repeat(&self, factor: usize, y: &mut Track) {
        for position in self.from..self.from + self.count as i64 {
            let (x, from) = self.input(0).at(position.div_euclid(factor as i64), 1);
            let (y, to) = y.at_mut(position, 1);
            copy(to.size, (x, from.view), (y, to.view));
        }
    }

    fn interpolate(&self, factor: usize, y: &mut Track) {
        let input = self.input(0);
        let index = |position: i64| usize::try_from(position).unwrap_or(0);
        for position in self.from..self.from + self.count as i64 {
            let Neighbors { before, after, share } =
                neighbor(index(position), factor, index(self.known).max(1));
            let first = before as i64;
            let (x, from) = input.at(first, 1);
            let (y, to) = y.at_mut(position, 1);
            let columns = [Neighbors { before: 0, after: after - before, share }];
            self.level.run(CallInterpolate {
                blocks: to.size.blocks,
                neighbors: (&[Neighbors { before: 0, after: 0, share: 0.0 }], &columns),
                x: (x, from.view),
                y: (y, to.view),
            });
        }
    }

    fn add(&self, y: &mut Track) {
        let (y, to) = y.at_mut(self.from, self.count);
        let size = to.size;
        let (a, a_from) = self.input(0).at(self.from, self.count);
        if self.instruction.inputs.len() == 1 {
            return copy(size, (a, a_from.view), (y, to.view));
        }
        let (b, b_from) = self.input(1).at(self.from, self.count);
        self.level.run(CallAdd { size, a: (a, a_from.view), b: (b, b_from.view), y: (y, to.view) });
        for index in 2..self.instruction.inputs.len() {
            let (x, from) = self.input(index).at(self.from, self.count);
            accumulate(size, (x, from.view), (y, to.view));
        }
    }

    fn concat(&self, y: &mut Track) {
        let (y, to) = y.at_mut(self.from, self.count);
        let mut channel = 0;
        for index in 0..self.instruction.inputs.len() {
            let (x, from) = self.input(index).at(self.from, self.count);
            let Size { height, width, .. } = to.size;
            copy_channels((from.channels, 0, channel), (height, width), (x, from.view), (y, to.view));
            channel += from.channels;
        }
    }
}
