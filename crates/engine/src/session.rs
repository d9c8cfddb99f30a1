//! A plan and an arena that a network runs in.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graph::{BuildError, ErrorKind, Graph, Shape, UpsampleMode};
use kernels::{BLOCK, Lanes, Neighbors, Team, blocks, from_blocks, to_blocks};

use crate::error::EngineError;
use crate::instruction::Kind;
use crate::lower::Program;
use crate::plan::{Buffer, Plan, plane};
use crate::planar;
use crate::step::Step;
use crate::threads::Machine;

/// A network at one input size. Running it on one thread allocates nothing.
#[derive(Debug)]
pub struct Session {
    program: Arc<Program>,
    plan: Plan,
    inputs: Vec<Shape>,
    outputs: Vec<Shape>,
    arena: Vec<Lanes>,
    /// Inputs that are stored channel by channel, with margins that stay zero.
    planar: Vec<f32>,
    /// Statistics of a group norm, weights that are multiplied by a gate, or transforms of a convolution.
    scratch: Vec<Lanes>,
    /// For each instruction that interpolates, the neighbors along rows and columns; otherwise empty.
    neighbors: Vec<[Vec<Neighbors>; 2]>,
}

impl Clone for Session {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.program), &self.inputs).expect("the shapes were accepted before")
    }
}

impl Session {
    pub(crate) fn new(program: Arc<Program>, inputs: &[Shape]) -> Result<Self, EngineError> {
        let plan = Plan::new(&program, inputs)?;
        let outputs =
            program.graph.outputs().iter().map(|output| plan.shapes[output.value].clone()).collect();
        let widest = plan.shapes.values().map(|shape| blocks(shape.channels)).max().unwrap_or(0);
        let choices = plan.choices.values().flatten();
        let scratch = choices.map(|choice| choice.scratch(program.threads())).max().unwrap_or(0);
        let gated = program.instructions.iter().map(|instruction| match &instruction.kind {
            Kind::Conv(conv) if conv.has_gate => conv.weights.len() * BLOCK,
            _ => 0,
        });
        let gated = gated.max().unwrap_or(0);
        let neighbors = program.instructions.iter().map(|instruction| match &instruction.kind {
            Kind::Upsample { mode: UpsampleMode::Linear { align_corners }, .. } => {
                let sizes = |value| plane(&plan.shapes[value]);
                let (from, to) = (sizes(instruction.inputs[0]), sizes(instruction.output));
                [0, 1].map(|axis| neighbors(from[axis], to[axis], *align_corners))
            }
            _ => [Vec::new(), Vec::new()],
        });
        let neighbors = neighbors.collect();
        Ok(Self {
            arena: vec![Lanes::ZERO; plan.elements],
            planar: vec![0.0; plan.planar.values().flatten().map(|buffer| buffer.len).sum()],
            scratch: vec![Lanes::ZERO; scratch.max(gated).max(2 * widest)],
            inputs: inputs.to_vec(),
            outputs,
            neighbors,
            plan,
            program,
        })
    }

    /// The graph that is run.
    pub fn graph(&self) -> &Graph {
        &self.program.graph
    }

    /// The shapes of the inputs, in the graph's order.
    pub fn inputs(&self) -> &[Shape] {
        &self.inputs
    }

    /// The shapes of the outputs, in the graph's order.
    pub fn outputs(&self) -> &[Shape] {
        &self.outputs
    }

    /// Bytes of all values: the arena, inputs beside it, and what instructions write for themselves.
    pub fn arena_bytes(&self) -> usize {
        size_of_val(&*self.arena) + size_of_val(&*self.planar) + size_of_val(&*self.scratch)
    }

    /// The kernel of each instruction, with the name of the node whose value it computes.
    pub fn kernels(&self) -> impl Iterator<Item = (&str, String)> {
        self.program.instructions.iter().zip(&self.plan.tasks).map(|(instruction, task)| {
            let name = instruction.kind.name();
            let kernel = match &self.plan.choices[instruction.output] {
                Some(choice) => choice.to_string(),
                None if task.is_in_place => format!("{name}, in place"),
                None => name.to_owned(),
            };
            (&*self.program.graph.node(instruction.output).name, kernel)
        })
    }

    /// Computes the outputs of a batch. Each slice has the samples one after another, each `[C]`, `[C, T]` or
    /// `[C, H, W]`. A sample's outputs do not depend on the others.
    ///
    /// # Errors
    /// If a slice does not have as many elements as its shape for the same number of samples.
    pub fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError> {
        let batch = self.batch(inputs, outputs)?;
        let program = Arc::clone(&self.program);
        // While another session has the threads, the calling one computes alone.
        let team = program.team.as_ref().and_then(Team::gather);
        self.run_batch(Machine::new(program.level, team.as_ref()), batch, inputs, outputs);
        Ok(())
    }

    /// Computes the outputs of a batch, of which the slices have the sizes.
    fn run_batch(
        &mut self,
        machine: Machine<'_>,
        batch: usize,
        inputs: &[&[f32]],
        outputs: &mut [&mut [f32]],
    ) {
        for sample in 0..batch {
            for (index, (value, _)) in self.program.graph.inputs().enumerate() {
                let elements = self.inputs[index].elements();
                let x = &inputs[index][sample * elements..][..elements];
                if let Some(buffer) = &self.plan.planar[value] {
                    planar::copy(&self.inputs[index], x, buffer, &mut self.planar);
                    continue;
                }
                let buffer = self.plan.buffer(value);
                let place = &mut self.arena[buffer.range()];
                buffer.clear_margins(place);
                to_blocks(dims(buffer), x, (place, buffer.view));
            }
            self.compute(machine, 0..self.program.instructions.len());
            for (index, output) in self.program.graph.outputs().iter().enumerate() {
                let elements = self.outputs[index].elements();
                let y = &mut outputs[index][sample * elements..][..elements];
                let buffer = self.plan.buffer(output.value);
                from_blocks(dims(buffer), (&self.arena[buffer.range()], buffer.view), y);
            }
        }
    }

    /// Computes the values of some of the instructions for one sample.
    fn compute(&mut self, machine: Machine<'_>, range: Range<usize>) {
        for index in range {
            let (instruction, neighbors) = (&self.program.instructions[index], &self.neighbors[index]);
            let mut step = Step {
                machine,
                plan: &self.plan,
                task: &self.plan.tasks[index],
                instruction,
                neighbors,
                arena: &mut self.arena,
                planar: &self.planar,
                scratch: &mut self.scratch,
            };
            step.run();
        }
    }

    /// The median time of each instruction, in the order of [`kernels`](Self::kernels), over `runs` passes over the
    /// values of the last sample.
    pub fn times(&mut self, runs: usize) -> Vec<Duration> {
        let mut times = vec![Vec::with_capacity(runs); self.program.instructions.len()];
        let program = Arc::clone(&self.program);
        let team = program.team.as_ref().and_then(Team::gather);
        let machine = Machine::new(program.level, team.as_ref());
        for _ in 0..runs {
            for (index, times) in times.iter_mut().enumerate() {
                let start = Instant::now();
                self.compute(machine, index..index + 1);
                times.push(start.elapsed());
            }
        }
        for times in &mut times {
            times.sort_unstable();
        }
        times.iter().map(|times| times.get(runs / 2).copied().unwrap_or_default()).collect()
    }

    /// The number of samples.
    fn batch(&self, inputs: &[&[f32]], outputs: &[&mut [f32]]) -> Result<usize, EngineError> {
        let given = inputs.iter().map(|slice| slice.len()).chain(outputs.iter().map(|slice| slice.len()));
        let shapes = || self.inputs.iter().chain(&self.outputs);
        let (expected, found) = (shapes().count(), inputs.len() + outputs.len());
        if inputs.len() != self.inputs.len() || expected != found {
            return Err(invalid(format!("expected {expected} slices, found {found}")));
        }
        let batch = inputs.first().map_or(0, |first| first.len() / self.inputs[0].elements().max(1));
        for (len, shape) in given.zip(shapes()) {
            if len != batch * shape.elements() {
                return Err(invalid(format!(
                    "expected {batch} samples of {shape}, found a slice of {len} elements"
                )));
            }
        }
        Ok(batch)
    }
}

fn invalid(message: String) -> EngineError {
    EngineError::Input(BuildError::new("graph", ErrorKind::Shape, message))
}

/// Channels, rows and columns.
fn dims(buffer: &Buffer) -> (usize, usize, usize) {
    (buffer.channels, buffer.size.height, buffer.size.width)
}

/// The neighbors of each of `to` elements that are interpolated from `from` elements.
fn neighbors(from: usize, to: usize, align_corners: bool) -> Vec<Neighbors> {
    if !align_corners {
        return (0..to).map(|index| neighbor(index, to / from, from)).collect();
    }
    let aligned = |index: usize| {
        let (whole, parts) = (index * (from - 1), (to - 1).max(1));
        let before = whole / parts;
        let share = graph::single((whole % parts) as f64 / parts as f64);
        Neighbors { before, after: (before + 1).min(from - 1), share }
    };
    (0..to).map(aligned).collect()
}

/// The neighbors, among `from` elements, of an element after enlargement by `factor`. It lies at
/// `(index + 1/2) / factor - 1/2`.
pub(crate) fn neighbor(index: usize, factor: usize, from: usize) -> Neighbors {
    let (units, parts) = ((2 * index + 1).saturating_sub(factor), 2 * factor);
    let (before, rest) = (units / parts, units % parts);
    let after = if rest > 0 { (before + 1).min(from - 1) } else { before };
    Neighbors { before, after, share: graph::single(rest as f64 / parts as f64) }
}
