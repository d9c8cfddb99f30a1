//! A network on the engine.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use engine::{Engine, InstructionSummary, Options, Session};

/// A session with its input and output.
#[derive(Debug)]
pub struct EngineRun {
    session: Session,
    input: Vec<f32>,
    output: Vec<f32>,
}

/// Options for a number of threads.
pub fn engine_options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

impl EngineRun {
    /// A session for the shape that the graph was built for, and this input of one or more samples.
    ///
    /// # Errors
    /// If the graph does not have one input and one output.
    pub fn new(engine: &Engine, input: Vec<f32>) -> Result<Self> {
        let shapes: Vec<_> = engine.graph().inputs().map(|(_, node)| node.shape.clone()).collect();
        let session = engine.session(&shapes)?;
        let ([shape], [found]) = (session.inputs(), session.outputs()) else {
            bail!("expected a graph with one input and one output");
        };
        let output = vec![0.0; input.len() / shape.elements() * found.elements()];
        Ok(Self { session, input, output })
    }

    /// Computes the output.
    ///
    /// # Errors
    /// If the input does not have whole samples.
    pub fn run(&mut self) -> Result<&[f32]> {
        self.session.run(&[&self.input], &mut [&mut self.output])?;
        Ok(&self.output)
    }

    /// Bytes of the arena.
    pub fn arena_bytes(&self) -> usize {
        self.session.arena_bytes()
    }

    /// The instructions, and the median time of each over this number of runs.
    ///
    /// # Errors
    /// If the cost of an instruction is unknown.
    pub(crate) fn instructions(&mut self, runs: usize) -> Result<Vec<(InstructionSummary, Duration)>> {
        let times = self.session.times(runs);
        Ok(self.session.instructions()?.into_iter().zip(times).collect())
    }

    /// The time of a run.
    pub(super) fn milliseconds(&mut self) -> Result<f64> {
        let start = Instant::now();
        self.run()?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }
}
