//! The order in which a graph is computed, and the memory it is computed in.
//!
//! A [`Schedule`] holds what does not depend on the input's size: order and lifetimes. A [`Plan`] is
//! a schedule at one size: shapes, paddings, and the place of every value in one arena. Interpreters
//! allocate that arena, and [`Cost`](crate::Cost) reports its size.

mod alias;
mod arena;
mod buffer;
mod margin;
mod regions;
mod schedule;

pub use buffer::{Buffer, Storage};
pub use margin::Margin;
pub use schedule::{Instruction, LastUse, Schedule};

use crate::{BuildError, ErrorKind, Graph, Shape, Table, Value};

/// Bytes of an element as f32.
const BYTES: usize = 4;

/// A schedule at one size: the shape of every value, the padding of every window, and the place of
/// every computed value in one arena.
///
/// A plan is for a batch of one sample in inference. Values are contiguous, `[C]`, `[C, T]` or
/// `[C, H, W]`, the last axis fastest. The arena holds everything: the caller writes the model's inputs
/// to their buffers before the first instruction and reads the outputs from theirs after the last. An
/// input's buffer is reused once nothing reads it.
///
/// ```
/// use graph::plan::{Plan, Storage};
/// use graph::{Activation, Conv, Graph};
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [1, 100])?;
///     let a = g.conv("a", x, Conv::new(8, 3))?;
///     let b = g.activation("b", a, Activation::Relu)?;
///     g.output("y", b)
/// })?;
/// let plan = Plan::new(&graph, &[[1, 100].into()])?;
/// let [a, b] = ["a", "b"].map(|name| graph.find(name).unwrap());
/// // The activation is computed over the convolution's output.
/// assert_eq!(plan.buffer(b).unwrap().storage, Storage::InPlace(a));
/// assert_eq!(plan.bytes(), 4 * (1 + 8) * 100);
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    schedule: Schedule,
    shapes: Table<Shape>,
    margins: Table<Vec<Margin>>,
    buffers: Table<Option<Buffer>>,
    elements: usize,
    peak: Option<Value>,
}

impl Plan {
    /// The plan for the outputs of `graph` when its inputs have these shapes, in order.
    ///
    /// # Errors
    /// As [`Graph::shapes_for`], and values too large to be counted.
    pub fn new(graph: &Graph, inputs: &[Shape]) -> Result<Self, BuildError> {
        let shapes = graph.shapes_for(inputs)?;
        let schedule = Schedule::new(graph);
        let assigned = regions::assign(graph, &schedule, &shapes);
        let arena = arena::place(&assigned.regions)
            .filter(|arena| arena.elements.checked_mul(BYTES).is_some())
            .ok_or_else(|| {
                BuildError::new("graph", ErrorKind::Size, "its values are too large for one arena")
            })?;
        let buffer = |place: &regions::Place| Buffer {
            offset: arena.offsets[place.region] + place.range.start,
            elements: place.range.len(),
            storage: place.storage,
        };
        let peak = peak(&schedule, &assigned.regions);
        Ok(Self {
            margins: Table::from_fn(graph, |_, node| margin::margins(node, &shapes)),
            buffers: assigned.places.map(|_, place| place.as_ref().map(buffer)),
            elements: arena.elements,
            schedule,
            shapes,
            peak,
        })
    }

    /// The order of computation and the lifetimes.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The shape of a value at this size.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn shape(&self, value: Value) -> &Shape {
        &self.shapes[value]
    }

    /// The margin of each spatial axis: for a convolution or pooling the padding of its input, for
    /// a transposed convolution the crop of its full output, for `crop_or_pad` the one or the other.
    /// Empty for other operations.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn margins(&self, value: Value) -> &[Margin] {
        &self.margins[value]
    }

    /// The place of a value in the arena, or `None` if no output needs the value.
    ///
    /// # Panics
    /// When the value belongs to another, larger graph.
    pub fn buffer(&self, value: Value) -> Option<Buffer> {
        self.buffers[value]
    }

    /// The size of the arena in elements.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// The size of the arena in bytes, elements being f32.
    pub fn bytes(&self) -> usize {
        self.elements * BYTES
    }

    /// The first value during whose computation most elements are alive.
    pub fn peak(&self) -> Option<Value> {
        self.peak
    }
}

/// The first value during whose computation the blocks that are alive have most elements.
fn peak(schedule: &Schedule, regions: &[regions::Region]) -> Option<Value> {
    let instructions = schedule.instructions();
    let mut born = vec![0; instructions.len() + 1];
    let mut dead = vec![0; instructions.len() + 1];
    for block in regions.iter().flat_map(|region| &region.blocks) {
        born[block.birth] += block.range.len();
        dead[block.death] += block.range.len();
    }
    // Blocks that are alive together lie apart in the arena, so that no sum exceeds its size.
    let (mut alive, mut most) = (0, 0);
    let mut peak = None;
    for (now, instruction) in instructions.iter().enumerate() {
        alive += born[now];
        if alive > most {
            most = alive;
            peak = Some(instruction.value);
        }
        alive -= dead[now];
    }
    peak
}
