//! The facts of computing a series while its samples arrive: delays, rates and history.

mod reads;

use crate::number::greatest_common_divisor;
use crate::plan::Schedule;
use crate::{BuildError, ErrorKind, Graph, Node, Op, Shape, Table, Value, Window};

pub use reads::Reads;
use reads::{int, reads, shift};

/// The largest number of samples after which the strides of a streamed graph must coincide.
const LONGEST_PERIOD: usize = 1 << 16;
/// Maximum number of nodes examined, over all samples of a period.
const VISITS: usize = 1 << 26;
/// The number of lengths that are tried.
const TRIES: usize = 1 << 8;
/// The length of a series in which no border is near the middle, at least.
const LONG: usize = 1 << 20;

/// The facts of a graph that is computed on a series while its samples arrive.
///
/// ```
/// use graph::{Conv, Graph, Padding};
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [1, 100])?;
///     let x = g.conv("causal", x, Conv { padding: Padding::Causal, ..Conv::new(8, 9) })?;
///     let x = g.conv("centered", x, Conv { stride: 2.into(), ..Conv::new(8, 5) })?;
///     g.output("y", x)
/// })?;
/// let streaming = graph.streaming()?;
/// let y = streaming.node(graph.main_output().value).unwrap();
/// assert_eq!((y.rate.positions, y.rate.samples), (1, 2));
/// // Position 0 is complete when samples 0, 1 and 2 have arrived.
/// assert_eq!((y.delay, y.first), (2, 3));
/// let signal = streaming.node(graph.find("signal").unwrap()).unwrap();
/// assert_eq!(signal.history, 8);
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streaming {
    period: usize,
    lengths: Lengths,
    nodes: Table<Option<StreamNode>>,
}

/// The lengths of series that a graph accepts on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lengths {
    /// 1, unless the padding before the first sample depends on the length, as that of `same` with a stride does.
    pub multiple: usize,
    /// The length is a multiple of `multiple` plus this number.
    pub remainder: usize,
}

impl Lengths {
    /// Whether a series may have this length.
    pub fn contain(self, length: u64) -> bool {
        length % self.multiple as u64 == self.remainder as u64
    }
}

impl std::fmt::Display for Lengths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self { multiple, remainder: 0 } => write!(f, "a multiple of {multiple}"),
            Self { multiple, remainder } => write!(f, "a multiple of {multiple} plus {remainder}"),
        }
    }
}

/// The facts of one node of a graph that is streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamNode {
    /// Positions per input sample.
    pub rate: Rate,
    /// The number of input samples after its own that a position needs, at most over all positions away from the
    /// start. The own sample of position `p` is `p * samples / positions`, rounded down. It is negative if a position
    /// is complete before its own sample arrives.
    pub delay: i64,
    /// The number of samples after which position 0 is complete. With the rate, it gives the phase: the samples at
    /// which positions become complete.
    pub first: usize,
    /// The number of positions that must be kept between two samples, at most, because other nodes read them later.
    pub history: usize,
    /// The part that the node reads of each of its inputs.
    pub reads: Vec<Reads>,
}

/// Positions of a value per input sample, as a reduced fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Positions.
    pub positions: usize,
    /// Samples.
    pub samples: usize,
}

impl Rate {
    fn times(self, (up, down): (usize, usize)) -> Self {
        let (positions, samples) = (self.positions.saturating_mul(up), self.samples.saturating_mul(down));
        let common = greatest_common_divisor(positions, samples).max(1);
        Self { positions: positions / common, samples: samples / common }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self { positions, samples: 1 } => write!(f, "{positions}"),
            Self { positions, samples } => write!(f, "{positions}/{samples}"),
        }
    }
}

impl Graph {
    /// The facts of computing the graph on a series while its samples arrive. The outputs are those of a whole run, with
    /// a delay that is bounded.
    ///
    /// # Errors
    /// Names the first node that prevents it: one that depends on the whole series, such as a mean over time; one
    /// whose inputs have different rates; or an input, if it is an image or not the only one.
    pub fn streaming(&self) -> Result<Streaming, BuildError> {
        let schedule = Schedule::new(self);
        let values: Vec<Value> =
            schedule.instructions().iter().map(|instruction| instruction.value).collect();
        let channels = self.channels_of_series()?;
        let rates = self.rates(&values)?;
        let period = self.period(&values, &rates)?;
        let (length, shapes) = self.long_series(channels, period)?;
        let mut all_reads: Table<Vec<Reads>> = Table::from_fn(self, |_, _| Vec::new());
        for value in &values {
            all_reads[*value] = reads(self.node(*value), &shapes)?;
        }
        let depends_on_length = values.iter().any(|value| depends_on_length(self.node(*value)))
            || self.has_moving_crop(&values, &shapes, (channels, length, period));
        let facts = Facts { graph: self, values: &values, reads: &all_reads, rates: &rates, period };
        let nodes = facts.nodes();
        let multiple = if depends_on_length { period } else { 1 };
        Ok(Streaming { period, lengths: Lengths { multiple, remainder: length % multiple }, nodes })
    }

    /// A length that is far above all windows, as a rule a multiple of the period, and the shapes at this length.
    fn long_series(&self, channels: usize, period: usize) -> Result<(usize, Table<Shape>), BuildError> {
        let first = period * (LONG / period).max(1);
        let shapes = |length: usize| self.shapes_for(&[Shape::new(channels, [length])]);
        let error = match shapes(first) {
            Ok(shapes) => return Ok((first, shapes)),
            Err(error) => error,
        };
        // Sizes may match only if the strides leave a remainder.
        for length in first + 1..first + period.min(TRIES) {
            if let Ok(shapes) = shapes(length) {
                return Ok((length, shapes));
            }
        }
        let message = format!("expected a graph that accepts long series; {}", error.message());
        Err(BuildError::new(error.node(), ErrorKind::Stream, message))
    }

    /// The number of channels of the only input, a series.
    fn channels_of_series(&self) -> Result<usize, BuildError> {
        let refusal =
            |node: &Node, message: &str| Err(BuildError::new(node.name.clone(), ErrorKind::Stream, message));
        let mut channels = 0;
        for (index, (_, node)) in self.inputs().enumerate() {
            if node.shape.rank() != 1 {
                return refusal(node, "expected a series, found an image");
            }
            if index > 0 {
                return refusal(node, "expected one input of a graph that is streamed, found another");
            }
            channels = node.shape.channels;
        }
        Ok(channels)
    }

    fn rates(&self, values: &[Value]) -> Result<Table<Rate>, BuildError> {
        let mut rates = Table::from_fn(self, |_, _| Rate { positions: 1, samples: 1 });
        for value in values {
            let node = self.node(*value);
            let factor = reads::rate(node)?;
            let Some(first) = node.inputs.first() else { continue };
            if let Some(other) = node.inputs.iter().find(|input| rates[**input] != rates[*first]) {
                let message = format!(
                    "expected inputs of one rate, found {} and {} positions per sample",
                    rates[*first], rates[*other]
                );
                return Err(BuildError::new(node.name.clone(), ErrorKind::Stream, message));
            }
            rates[*value] = rates[*first].times(factor);
        }
        Ok(rates)
    }

    /// The number of samples after which all strides coincide again.
    fn period(&self, values: &[Value], rates: &Table<Rate>) -> Result<usize, BuildError> {
        let mut period: usize = 1;
        for value in values {
            let Rate { positions, samples } = rates[*value];
            period = (period / greatest_common_divisor(period, samples)).saturating_mul(samples);
            let largest = LONGEST_PERIOD.min(VISITS / values.len());
            if period.max(positions) > largest {
                let message = format!(
                    "expected strides that coincide after at most {largest} samples, found {}",
                    period.max(positions)
                );
                return Err(BuildError::new(self.node(*value).name.clone(), ErrorKind::Stream, message));
            }
        }
        Ok(period)
    }

    /// Whether the crop or padding before a series depends on its length.
    fn has_moving_crop(
        &self,
        values: &[Value],
        shapes: &Table<Shape>,
        (channels, length, period): (usize, usize, usize),
    ) -> bool {
        let crops: Vec<&Node> =
            values.iter().map(|value| self.node(*value)).filter(|node| node.op == Op::CropOrPad).collect();
        if crops.is_empty() || period == 1 {
            return false;
        }
        let shift_of = |node: &Node, shapes: &Table<Shape>| {
            let length = |input: usize| shapes[node.inputs[input]].space[0];
            shift(length(0), length(1))
        };
        let moves = |more: usize| {
            // A length that the graph does not accept is refused anyway.
            let Ok(longer) = self.shapes_for(&[Shape::new(channels, [length + more])]) else { return false };
            crops.iter().any(|node| shift_of(node, &longer) != shift_of(node, shapes))
        };
        // If there are more lengths than are tried, a crop is taken to move.
        period > TRIES || (1..period).any(moves)
    }
}

/// Whether the padding before a series depends on its length.
fn depends_on_length(node: &Node) -> bool {
    let Some(window) = window_of(&node.op) else { return false };
    if window.fixed_pads(0).is_some() {
        return false;
    }
    // The padding is largest if one element is left after whole strides, and smallest if none is.
    let whole = window.stride.at(0) * (LONG / window.stride.at(0) + 1);
    window.pads(0, whole).0 != window.pads(0, whole + 1).0
}

/// The sliding window of an operation that has one.
fn window_of(op: &Op) -> Option<Window> {
    if let Op::Conv(conv) = op {
        return Some(conv.window());
    }
    if let Op::MaxPool(pool) | Op::AveragePool { pool, .. } = op { Some(pool.window()) } else { None }
}

impl Streaming {
    /// The number of samples after which all strides coincide again.
    pub fn period(&self) -> usize {
        self.period
    }

    /// The lengths of series that can be streamed.
    pub fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// The facts of a node; `None` if no output needs it.
    pub fn node(&self, value: Value) -> Option<&StreamNode> {
        self.nodes[value].as_ref()
    }
}

/// A graph with the rates and reads from which the other facts follow.
struct Facts<'g> {
    graph: &'g Graph,
    values: &'g [Value],
    reads: &'g Table<Vec<Reads>>,
    rates: &'g Table<Rate>,
    period: usize,
}

impl Facts<'_> {
    fn nodes(&self) -> Table<Option<StreamNode>> {
        let mut nodes: Table<Option<StreamNode>> = Table::from_fn(self.graph, |_, _| None);
        for value in self.values {
            let (rate, reads) = (self.rates[*value], self.reads[*value].clone());
            nodes[*value] = Some(StreamNode { rate, delay: i64::MIN, first: usize::MAX, history: 0, reads });
        }
        // Everything repeats after a period.
        for samples in 0..int(self.period) {
            let complete = self.complete(samples);
            for value in self.values {
                let count = complete[*value];
                let Some(node) = &mut nodes[*value] else { continue };
                let (up, down) = (int(node.rate.positions), int(node.rate.samples));
                // The next position needs the next sample at least.
                node.delay = node.delay.max(samples - (count * down).div_euclid(up));
                let per_period = int(self.period) / down * up;
                let periods = -(count - 1).div_euclid(per_period);
                let first = samples + periods * int(self.period);
                node.first = node.first.min(usize::try_from(first).unwrap_or(0));
            }
            for value in self.values {
                for (input, reads) in self.graph.node(*value).inputs.iter().zip(&self.reads[*value]) {
                    let kept = complete[*input] - reads.first_of(complete[*value]);
                    if let Some(node) = &mut nodes[*input] {
                        node.history = node.history.max(usize::try_from(kept).unwrap_or(0));
                    }
                }
            }
        }
        nodes
    }

    /// The number of positions of each value that are complete after so many samples, counted from a start long ago.
    fn complete(&self, samples: i64) -> Table<i64> {
        let mut complete = Table::from_fn(self.graph, |_, _| samples);
        for value in self.values {
            let inputs = self.graph.node(*value).inputs.iter().zip(&self.reads[*value]);
            let counts = inputs.map(|(input, reads)| reads.complete(complete[*input]));
            if let Some(count) = counts.min() {
                complete[*value] = count;
            }
        }
        complete
    }
}
