//! The place of every value in one arena, for one size of the input.

use graph::{BuildError, Graph, Shape, Table, Value};
use kernels::{Lanes, Size, View, blocks};

use crate::instruction::{Instruction, Kind};
use crate::lower::Program;
use crate::parts::Parts;
use crate::planar::is_planar;
use crate::window::{before, geometry, padded};
use crate::winograd::Choice;

/// Elements around a value that are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Margins {
    pub(crate) before: [usize; 2],
    pub(crate) after: [usize; 2],
}

impl Margins {
    fn include(&mut self, other: Self) {
        for axis in 0..2 {
            self.before[axis] = self.before[axis].max(other.before[axis]);
            self.after[axis] = self.after[axis].max(other.after[axis]);
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A value's place in the arena.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    /// The first element in the arena.
    pub(crate) start: usize,
    /// The number of elements, margins included.
    pub(crate) len: usize,
    /// The place of the value's elements within the buffer.
    pub(crate) view: View,
    pub(crate) size: Size,
    pub(crate) channels: usize,
    /// Spatial axes of the value.
    pub(crate) rank: usize,
    pub(crate) margins: Margins,
}

impl Buffer {
    fn new(shape: &Shape, margins: Margins) -> Self {
        let [height, width] = plane(shape);
        let pitch = margins.before[1] + width + margins.after[1];
        let rows = margins.before[0] + height + margins.after[0];
        let size = Size { blocks: blocks(shape.channels), height, width };
        let view = View {
            origin: margins.before[0] * pitch + margins.before[1],
            plane: pitch * rows,
            pitch,
            step: 1,
        };
        Self {
            start: 0,
            len: size.blocks * view.plane,
            view,
            size,
            channels: shape.channels,
            rank: shape.rank(),
            margins,
        }
    }

    /// The elements in the arena.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.len
    }

    /// Sets the margins to zero.
    pub(crate) fn clear_margins(&self, values: &mut [Lanes]) {
        if self.margins.is_empty() {
            return;
        }
        let View { plane, pitch, .. } = self.view;
        let [top, left] = self.margins.before;
        for block in 0..self.size.blocks {
            let values = &mut values[block * plane..][..plane];
            values[..top * pitch].fill(Lanes::ZERO);
            for row in top..top + self.size.height {
                let row = &mut values[row * pitch..][..pitch];
                row[..left].fill(Lanes::ZERO);
                row[left + self.size.width..].fill(Lanes::ZERO);
            }
            values[(top + self.size.height) * pitch..].fill(Lanes::ZERO);
        }
    }
}

/// Rows and columns of a value; a series has one row, a feature vector one element.
pub(crate) fn plane(shape: &Shape) -> [usize; 2] {
    match shape.space[..] {
        [] => [1, 1],
        [width] => [1, width],
        [height, width, ..] => [height, width],
    }
}

/// The buffers of an instruction.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// The first three inputs; the first again for those that the instruction does not have.
    pub(crate) inputs: [Buffer; 3],
    pub(crate) output: Buffer,
    /// The first input from the first tap of the first output on.
    pub(crate) padded: View,
    /// Whether the first input is stored channel by channel.
    pub(crate) is_planar: bool,
    /// Whether the output is the first input, in the same place.
    pub(crate) is_in_place: bool,
}

/// The buffers of a program at one size.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) shapes: Table<Shape>,
    /// `None` for values that are never stored, and for those below.
    pub(crate) buffers: Table<Option<Buffer>>,
    /// The buffers of inputs that are stored channel by channel: their blocks are channels and their elements numbers.
    pub(crate) planar: Table<Option<Buffer>>,
    /// The forms of Winograd convolutions, by output.
    pub(crate) choices: Table<Option<Choice>>,
    pub(crate) parts: Parts,
    /// For each instruction.
    pub(crate) tasks: Vec<Task>,
    /// The size of the arena.
    pub(crate) elements: usize,
}

impl Plan {
    pub(crate) fn new(program: &Program, inputs: &[Shape]) -> Result<Self, BuildError> {
        let graph = &program.graph;
        let shapes = graph.shapes_for(inputs)?;
        let mut margins = Table::from_fn(graph, |_, _| Margins::default());
        let mut choices = Table::from_fn(graph, |_, _| None);
        for instruction in &program.instructions {
            let input = instruction.inputs[0];
            let output = plane(&shapes[instruction.output]);
            if let (Kind::Conv(conv), true) = (&instruction.kind, program.winograd) {
                choices[instruction.output] =
                    Choice::new(conv, &geometry(conv, shapes[input].rank()), output);
            }
            let choice = choices[instruction.output].as_ref();
            margins[input].include(needed(instruction, choice, &shapes));
        }
        let parts = Parts::new(graph, &program.instructions, &shapes);
        for (value, _) in graph.nodes() {
            let own = margins[value];
            margins[parts.root(value).0].include(own);
        }
        let lives = lives(graph, &program.instructions, &parts);
        let mut buffers: Table<Option<Buffer>> = Table::from_fn(graph, |value, _| {
            lives[value].map(|_| Buffer::new(&shapes[value], margins[parts.root(value).0]))
        });
        let mut planar: Table<Option<Buffer>> = Table::from_fn(graph, |_, _| None);
        let mut start = 0;
        for (value, _) in graph.inputs().filter(|(value, _)| is_planar(program, &choices, *value)) {
            let Some(mut buffer) = buffers[value].take() else { continue };
            buffer.size.blocks = buffer.channels;
            buffer.len = buffer.channels * buffer.view.plane;
            buffer.start = start;
            start += buffer.len;
            planar[value] = Some(buffer);
        }
        let elements = place(&mut buffers, &lives, &parts);
        let mut plan = Self { shapes, buffers, planar, choices, parts, tasks: Vec::new(), elements };
        plan.tasks = program.instructions.iter().map(|instruction| plan.task(instruction)).collect();
        Ok(plan)
    }

    fn task(&self, instruction: &Instruction) -> Task {
        let input = instruction.inputs[0];
        let planar = self.planar[input].as_ref();
        let first = planar.unwrap_or_else(|| self.buffer(input));
        let other = |index: usize| match instruction.inputs.get(index) {
            Some(value) if self.planar[*value].is_none() => self.buffer(*value).clone(),
            _ => first.clone(),
        };
        let padding = match &instruction.kind {
            Kind::Conv(conv) if !conv.is_linear => before(&conv.window, first),
            Kind::Depthwise(depthwise) => before(&depthwise.window, first),
            _ => [0, 0],
        };
        Task {
            inputs: [first.clone(), other(1), other(2)],
            output: self.buffer(instruction.output).clone(),
            padded: padded(first.view, padding),
            is_planar: planar.is_some(),
            is_in_place: self.parts.is_within(input, instruction.output)
                && !matches!(instruction.kind, Kind::Concat),
        }
    }

    /// The buffer of a value that is stored.
    pub(crate) fn buffer(&self, value: Value) -> &Buffer {
        self.buffers[value].as_ref().expect("an instruction reads and writes stored values only")
    }
}

/// The margins that an instruction needs around its first input.
fn needed(instruction: &Instruction, choice: Option<&Choice>, shapes: &Table<Shape>) -> Margins {
    let input = plane(&shapes[instruction.inputs[0]]);
    let output = plane(&shapes[instruction.output]);
    let mut margins = Margins::default();
    match &instruction.kind {
        Kind::Conv(graph_conv) if graph_conv.is_linear => {}
        Kind::Conv(crate::instruction::Conv { window, .. })
        | Kind::Depthwise(crate::instruction::Depthwise { window, .. }) => {
            let rank = shapes[instruction.inputs[0]].rank();
            for axis in 2 - rank..2 {
                let own = axis + rank - 2;
                let (before, _) = window.pads(own, input[axis]);
                let last = (output[axis] - 1) * window.stride.at(own) + window.reach(own);
                let end = choice.map_or(last + 1, |choice| choice.winograd.reach(axis));
                margins.before[axis] = before;
                margins.after[axis] = end.saturating_sub(before + input[axis]);
            }
        }
        Kind::Transposed(phases) => {
            for phase in phases {
                for axis in 0..2 {
                    let start = phase.start[axis];
                    let end = start + phase.taps[axis].cast_signed() - 1;
                    margins.before[axis] = margins.before[axis].max((-start).max(0).cast_unsigned());
                    margins.after[axis] = margins.after[axis].max(end.max(0).cast_unsigned());
                }
            }
        }
        Kind::Function(_) | Kind::Affine(_) | Kind::LayerNorm { .. } | Kind::GroupNorm { .. } => {}
        Kind::PositionNorm { .. } | Kind::Softmax | Kind::Add | Kind::Multiply | Kind::Concat => {}
        Kind::Slice { .. } | Kind::MaxPool(_) | Kind::AveragePool { .. } => {}
        Kind::GlobalMean | Kind::Excite(_) => {}
        Kind::Upsample { .. } | Kind::CropOrPad | Kind::Select(_) | Kind::Reverse | Kind::Flatten => {}
    }
    margins
}

/// The first and last instruction during which a value, or a part of it, is stored. `None` if it never is.
fn lives(graph: &Graph, instructions: &[Instruction], parts: &Parts) -> Table<Option<(usize, usize)>> {
    let mut lives: Table<Option<(usize, usize)>> = Table::from_fn(graph, |_, _| None);
    // The caller writes the inputs before the first instruction.
    for (value, _) in graph.inputs() {
        lives[value] = Some((0, 0));
    }
    for (now, instruction) in instructions.iter().enumerate() {
        lives[instruction.output] = Some((now, now));
        for input in &instruction.inputs {
            if let Some((_, end)) = &mut lives[*input] {
                *end = now;
            }
        }
    }
    for output in graph.outputs() {
        if let Some((_, end)) = &mut lives[output.value] {
            *end = instructions.len();
        }
    }
    for (value, _) in graph.nodes() {
        let root = parts.root(value).0;
        if let (Some(own), Some((start, end))) = (lives[value], &mut lives[root]) {
            *start = own.0.min(*start);
            *end = own.1.max(*end);
        }
    }
    lives
}

/// Places the buffers, the largest first, each at the lowest place that is free during its life, and parts within
/// others. Returns the size of the arena.
fn place(buffers: &mut Table<Option<Buffer>>, lives: &Table<Option<(usize, usize)>>, parts: &Parts) -> usize {
    let stored: Vec<Value> =
        buffers.iter().filter_map(|(value, buffer)| buffer.as_ref().map(|_| value)).collect();
    let mut order: Vec<Value> =
        stored.iter().copied().filter(|value| parts.root(*value).0 == *value).collect();
    order.sort_by_key(|value| {
        (std::cmp::Reverse(buffers[*value].as_ref().map_or(0, |buffer| buffer.len)), *value)
    });
    let mut placed: Vec<(usize, usize, (usize, usize))> = Vec::new();
    let mut elements = 0;
    for value in order {
        let (Some(buffer), Some(life)) = (&mut buffers[value], lives[value]) else { continue };
        let mut start = 0;
        placed.sort_unstable();
        for (other_start, other_end, other_life) in &placed {
            let overlaps = life.0 <= other_life.1 && other_life.0 <= life.1;
            if overlaps && start < *other_end && *other_start < start + buffer.len {
                start = *other_end;
            }
        }
        buffer.start = start;
        elements = elements.max(start + buffer.len);
        placed.push((start, start + buffer.len, life));
    }
    for value in stored {
        let (root, block) = parts.root(value);
        let start = buffers[root].as_ref().map_or(0, |root| root.start + block * root.view.plane);
        if let Some(buffer) = &mut buffers[value] {
            buffer.start = start;
        }
    }
    elements
}
