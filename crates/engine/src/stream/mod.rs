//! A network on a series that arrives sample by sample.

mod run;
mod state;
mod track;

use std::sync::Arc;

use graph::{BuildError, ErrorKind, Reads, Shape, Streaming, Table, Value};

use crate::error::EngineError;
use crate::instruction::Instruction;
use crate::lower::Program;
use run::Run;
use track::Track;

/// Samples that are computed at once.
const PIECE: usize = 128;

/// A network on a series that arrives sample by sample, in chunks of any size.
///
/// The outputs are exactly those of a [`Session`](crate::Session) without Winograd convolutions on the whole series.
/// Each is available as soon as the samples that it depends on have arrived. The memory is bounded: it holds the
/// positions of each value that are still needed. A stream allocates memory until it has held its largest number of
/// positions, then no more.
///
/// ```
/// use engine::{Engine, Options};
/// use graph::{Conv, Graph, Weights};
/// use model::Model;
///
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [3, 50])?;
///     let x = g.conv("conv", x, Conv::new(8, 5))?;
///     g.output("y", x)
/// })?;
/// let weights = Weights::initial(&graph, 0);
/// let engine = Engine::new(&Model::new(graph, weights), Options::default())?;
/// let mut stream = engine.stream()?;
/// // Four samples of three channels. The kernel is centered, so that outputs come two samples later.
/// stream.push(&[0.5; 4 * 3])?;
/// assert_eq!(stream.output(0).len(), 2 * 8);
/// stream.finish()?;
/// assert_eq!(stream.output(0).len(), 2 * 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    program: Arc<Program>,
    facts: Arc<Facts>,
    /// `None` for values that are never stored.
    tracks: Table<Option<Track>>,
    /// The outputs of the last call.
    outputs: Vec<Vec<f32>>,
    /// The number of positions of each output that were complete before.
    emitted: Vec<i64>,
    samples: u64,
}

/// The part of a stream that does not change while it runs.
#[derive(Debug)]
struct Facts {
    streaming: Streaming,
    input: Value,
    /// For each instruction, the part that it reads of each of its inputs.
    reads: Vec<Vec<Reads>>,
    /// The values that read each value, with the part that they read.
    readers: Table<Vec<(Value, Reads)>>,
}

impl Stream {
    pub(crate) fn new(program: Arc<Program>) -> Result<Self, EngineError> {
        let graph = &program.graph;
        let streaming = graph.streaming()?;
        let input = graph.inputs().next().map(|(input, _)| input);
        let input = input
            .ok_or_else(|| invalid("graph", "expected an input of a graph that is streamed, found none"))?;
        let mut reads = Vec::new();
        let mut readers: Table<Vec<(Value, Reads)>> = Table::from_fn(graph, |_, _| Vec::new());
        let mut is_stored = Table::from_fn(graph, |value, _| value == input);
        for instruction in &program.instructions {
            is_stored[instruction.output] = true;
            let mut of_inputs =
                streaming.node(instruction.node).map_or(Vec::new(), |node| node.reads.clone());
            // A residual is read where it is added.
            of_inputs.resize(instruction.inputs.len(), Reads::SAME);
            for (value, reads) in instruction.inputs.iter().zip(&of_inputs) {
                readers[*value].push((instruction.output, *reads));
            }
            reads.push(of_inputs);
        }
        let tracks = Table::from_fn(graph, |value, node| {
            let facts = streaming.node(value).filter(|_| is_stored[value])?;
            let positions = PIECE * facts.rate.positions / facts.rate.samples + facts.rate.positions;
            Some(Track::new(node.shape.channels, 2 * facts.history + positions + 1))
        });
        let outputs = vec![Vec::new(); graph.outputs().len()];
        let emitted = vec![0; outputs.len()];
        let facts = Arc::new(Facts { streaming, input, reads, readers });
        let mut stream = Self { program, facts, tracks, outputs, emitted, samples: 0 };
        stream.restart();
        Ok(stream)
    }

    /// The delay, rate and history of each node.
    pub fn facts(&self) -> &Streaming {
        &self.facts.streaming
    }

    /// The number of samples since the start of the series.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Adds samples to the series, whose channels follow one another, and computes the outputs that become complete.
    ///
    /// # Errors
    /// If the number of elements is not a multiple of the channels.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), EngineError> {
        let channels = self.track(self.facts.input).channels;
        if !samples.len().is_multiple_of(channels) {
            let message =
                format!("expected samples of {channels} channels, found {} elements", samples.len());
            return Err(invalid("graph", message));
        }
        for output in &mut self.outputs {
            output.clear();
        }
        for piece in samples.chunks(PIECE * channels) {
            let count = piece.len() / channels;
            if let Some(mut input) = self.tracks[self.facts.input].take() {
                make_room(&mut input, self.facts.input, count, &self.facts, &self.tracks);
                input.append(piece);
                self.tracks[self.facts.input] = Some(input);
            }
            self.samples += count as u64;
            self.advance(None);
        }
        Ok(())
    }

    /// Ends the series and computes its last outputs. The next sample begins a new series.
    ///
    /// # Errors
    /// If the graph does not accept a series of this length. Then the series may go on.
    pub fn finish(&mut self) -> Result<(), EngineError> {
        for output in &mut self.outputs {
            output.clear();
        }
        if self.samples == 0 {
            return Ok(());
        }
        let lengths = self.facts.streaming.lengths();
        if !lengths.contain(self.samples) {
            let message =
                format!("expected a series whose length is {lengths}, found {} samples", self.samples);
            return Err(invalid("graph", message));
        }
        let length = usize::try_from(self.samples).unwrap_or(usize::MAX);
        let channels = self.track(self.facts.input).channels;
        let shapes = self.program.graph.shapes_for(&[Shape::new(channels, [length])])?;
        let length = |shape: &Shape| shape.space.first().map_or(0, |length| *length as i64);
        self.advance(Some(&shapes.map(|_, shape| length(shape))));
        self.restart();
        Ok(())
    }

    /// The positions of an output that the last call of [`push`](Self::push) or [`finish`](Self::finish) completed,
    /// whose channels follow one another. Outputs are counted in the graph's order.
    ///
    /// # Panics
    /// If the graph has fewer outputs.
    pub fn output(&self, index: usize) -> &[f32] {
        &self.outputs[index]
    }

    /// Forgets all samples. The next one begins a new series.
    pub fn reset(&mut self) {
        for output in &mut self.outputs {
            output.clear();
        }
        self.restart();
    }

    fn restart(&mut self) {
        self.samples = 0;
        self.emitted.fill(0);
        for value in self.values() {
            // Position 0 of the readers reads padding.
            let readers = self.facts.readers[value].iter();
            let start = readers.map(|(_, reads)| reads.first_of(0)).min().unwrap_or(0).min(0);
            self.track_mut(value).restart(start, 0);
        }
    }

    /// The values that are stored.
    fn values(&self) -> Vec<Value> {
        self.tracks.iter().filter_map(|(value, track)| track.as_ref().map(|_| value)).collect()
    }

    fn track(&self, value: Value) -> &Track {
        self.tracks[value].as_ref().expect("an instruction reads and writes stored values only")
    }

    fn track_mut(&mut self, value: Value) -> &mut Track {
        self.tracks[value].as_mut().expect("an instruction reads and writes stored values only")
    }

    /// Computes all positions that are complete; after the end of the series, whose values have these lengths, all
    /// that are left.
    fn advance(&mut self, lengths: Option<&Table<i64>>) {
        let Self { program, facts, tracks, outputs, emitted, .. } = self;
        for (instruction, reads) in program.instructions.iter().zip(&facts.reads) {
            let ready = match lengths {
                Some(lengths) => lengths[instruction.output],
                None => complete(instruction, reads, |input| end(tracks, input)),
            };
            let from = end(tracks, instruction.output);
            let Ok(count @ 1..) = usize::try_from(ready - from) else { continue };
            if lengths.is_some() {
                pad(instruction, reads, ready, facts, tracks);
            }
            let input = instruction.inputs[0];
            let known = lengths.map_or(end(tracks, input), |lengths| lengths[input]);
            let Some(mut y) = tracks[instruction.output].take() else { continue };
            make_room(&mut y, instruction.output, count, facts, tracks);
            y.end = ready;
            let level = program.level;
            Run { level, instruction, reads, tracks, from, count, known }.run(&mut y);
            tracks[instruction.output] = Some(y);
        }
        for ((output, values), emitted) in program.graph.outputs().iter().zip(outputs).zip(emitted) {
            let Some(track) = &tracks[output.value] else { continue };
            let end = lengths.map_or(track.end, |lengths| lengths[output.value]);
            track.copy_to(*emitted, end, values);
            *emitted = end;
        }
    }
}

/// The position after the last known one of a value.
fn end(tracks: &Table<Option<Track>>, value: Value) -> i64 {
    tracks[value].as_ref().map_or(0, |track| track.end)
}

/// The number of positions of an instruction's output that are complete.
fn complete(instruction: &Instruction, reads: &[Reads], known: impl Fn(Value) -> i64) -> i64 {
    let inputs = instruction.inputs.iter().zip(reads);
    inputs.map(|(input, reads)| reads.complete(known(*input))).min().unwrap_or(0)
}

/// Adds the padding after the series that is read by the positions before `ready`.
fn pad(
    instruction: &Instruction,
    reads: &[Reads],
    ready: i64,
    facts: &Facts,
    tracks: &mut Table<Option<Track>>,
) {
    for (input, reads) in instruction.inputs.iter().zip(reads) {
        let Some(mut x) = tracks[*input].take() else { continue };
        let end = reads.last_of(ready - 1) + 1;
        if let Ok(count @ 1..) = usize::try_from(end - x.end) {
            make_room(&mut x, *input, count, facts, tracks);
            x.pad(end);
        }
        tracks[*input] = Some(x);
    }
}

/// Makes room for more positions of a value, if necessary by forgetting those that no reader needs any longer.
fn make_room(track: &mut Track, value: Value, count: usize, facts: &Facts, tracks: &Table<Option<Track>>) {
    if !track.has_room(count) {
        track.start = needed(track, value, facts, tracks);
        track.reserve(count);
    }
}

/// The first position of a value that is still needed.
fn needed(track: &Track, value: Value, facts: &Facts, tracks: &Table<Option<Track>>) -> i64 {
    let mut first = track.end;
    for (reader, reads) in &facts.readers[value] {
        first = first.min(reads.first_of(end(tracks, *reader)));
    }
    first
}

fn invalid(node: &str, message: impl Into<String>) -> EngineError {
    EngineError::Input(BuildError::new(node, ErrorKind::Stream, message))
}
