//! Values that are stored as parts of others, so that nothing has to be copied: the inputs of a concatenation, and
//! values that an instruction passes on unchanged.

use graph::{Graph, Shape, Table, Value};
use kernels::BLOCK;

use crate::instruction::{Instruction, Kind};
use crate::plan::plane;

/// For each value that is part of another, that value and the first block there.
#[derive(Debug)]
pub(crate) struct Parts(Table<Option<(Value, usize)>>);

impl Parts {
    pub(crate) fn new(graph: &Graph, instructions: &[Instruction], shapes: &Table<Shape>) -> Self {
        let mut parts = Self(Table::from_fn(graph, |_, _| None));
        for instruction in instructions.iter().rev() {
            parts.include(instruction, shapes);
        }
        let concatenations = || instructions.iter().filter(|step| matches!(step.kind, Kind::Concat));
        // A concatenation cannot copy from itself, as it would have to if one input were passed on as another.
        while let Some(step) = concatenations().find(|step| parts.would_copy_from_itself(step)) {
            for input in &step.inputs {
                if parts.is_within(*input, step.output) {
                    parts.0[*input] = None;
                }
            }
        }
        parts
    }

    /// Makes inputs of an instruction parts of its output.
    fn include(&mut self, instruction: &Instruction, shapes: &Table<Shape>) {
        let (input, output) = (instruction.inputs[0], instruction.output);
        let passes_on = match &instruction.kind {
            Kind::CropOrPad => plane(&shapes[input]) == plane(&shapes[output]),
            Kind::Flatten => plane(&shapes[input]) == [1, 1],
            Kind::Concat => {
                let mut channel = 0;
                for input in &instruction.inputs {
                    let is_listed_once =
                        instruction.inputs.iter().filter(|other| *other == input).count() == 1;
                    if channel % BLOCK == 0 && is_listed_once && self.0[*input].is_none() {
                        self.0[*input] = Some((output, channel / BLOCK));
                    }
                    channel += shapes[*input].channels;
                }
                false
            }
            _ => false,
        };
        if passes_on && self.0[input].is_none() {
            self.0[input] = Some((output, 0));
        }
    }

    /// Whether a concatenation has an input that it copies, but that is stored in the same place as its output.
    fn would_copy_from_itself(&self, step: &Instruction) -> bool {
        let root = self.root(step.output).0;
        let mut copied = step.inputs.iter().filter(|input| !self.is_within(**input, step.output));
        let has_parts = step.inputs.iter().any(|input| self.is_within(*input, step.output));
        has_parts && copied.any(|input| self.root(*input).0 == root)
    }

    /// Whether a value is stored in another one, of which it is an input.
    pub(crate) fn is_within(&self, value: Value, of: Value) -> bool {
        self.0[value].is_some_and(|(parent, _)| parent == of)
    }

    /// The value in whose place a value is stored, and the first block there.
    pub(crate) fn root(&self, value: Value) -> (Value, usize) {
        let (mut root, mut block) = (value, 0);
        while let Some((parent, first)) = self.0[root] {
            root = parent;
            block += first;
        }
        (root, block)
    }
}
