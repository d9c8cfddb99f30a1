//! Runs trained models without libtorch.
//!
//! [`Engine::new`] merges a model by default, lowers its graph to instructions, and packs its weights for the machine.
//! A [`Session`] holds a plan for one input size and one arena; running it on one thread allocates nothing.
//!
//! ```
//! use graph::{Activation, Conv, Graph, Weights};
//! use model::Model;
//! use engine::{Engine, Options};
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [3, 50])?;
//!     let x = g.conv("conv", x, Conv::new(8, 5))?;
//!     let x = g.activation("relu", x, Activation::Relu)?;
//!     g.output("y", x)
//! })?;
//! let weights = Weights::initial(&graph, 0);
//! let engine = Engine::new(&Model::new(graph, weights), Options::default())?;
//! let mut session = engine.session(&[[3, 50].into()])?;
//! let (input, mut output) = (vec![1.0; 3 * 50], vec![0.0; 8 * 50]);
//! session.run(&[&input], &mut [&mut output])?;
//! # assert!(output.iter().any(|y| *y > 0.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod calls;
mod divide;
mod error;
mod excite;
mod gate;
mod instruction;
mod lower;
mod memory;
mod pack;
mod parts;
mod plan;
mod planar;
mod session;
mod step;
mod stream;
mod summary;
mod threads;
mod window;
mod winograd;

use std::sync::Arc;

use graph::{Array, Forward, ForwardError, Graph, Shape, batch_and_shapes};
use kernels::Team;
use model::Model;

pub use error::EngineError;
pub use kernels::Level;
pub use session::Session;
pub use stream::Stream;
pub use summary::InstructionSummary;

use lower::Program;

/// Options of an engine.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The instruction set; `None` for the fastest of the machine.
    pub level: Option<Level>,
    /// Whether convolutions may be computed by Winograd's algorithm where that is faster. It multiplies less and rounds
    /// more: outputs of a whole network differ by at most 5e-5 of the largest magnitude from those without it.
    pub winograd: bool,
    /// Whether norms and branches are folded into convolutions first, as `Model::merged` does. Without it, outputs
    /// are those of the stored weights, more slowly.
    pub merge: bool,
    /// The number of threads that work is divided among, from 1 to 64: the calling one, and others that belong to the
    /// engine and are awake while a session runs. Sessions that run at the same time do not share them: the first has
    /// them all, and the others compute on the calling thread. The bytes of results depend on none of this.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { level: None, winograd: true, merge: true, threads: 1 }
    }
}

/// A network that is ready to run. Cloning shares its weights.
#[derive(Clone, Debug)]
pub struct Engine {
    program: Arc<Program>,
    /// The session of the last call as [`Forward`].
    last: Option<Session>,
}

impl Engine {
    /// Prepares a model.
    ///
    /// # Errors
    /// If the weights do not match the graph, or if threads cannot be started.
    pub fn new(model: &Model, options: Options) -> Result<Self, EngineError> {
        let team = if options.threads > 1 { Some(Team::new(options.threads)?) } else { None };
        let settings = (options.level.unwrap_or_else(Level::best), options.winograd, team);
        let program = if options.merge {
            let merged = graph::merge(&model.graph, &model.weights);
            Program::new(merged.graph, &merged.weights, settings)?
        } else {
            Program::new(model.graph.clone(), &model.weights, settings)?
        };
        Ok(Self { program: Arc::new(program), last: None })
    }

    /// The graph that is run, which is merged by default.
    pub fn graph(&self) -> &Graph {
        &self.program.graph
    }

    /// The instruction set.
    pub fn level(&self) -> Level {
        self.program.level
    }

    /// A session for inputs of these shapes, in the graph's order.
    ///
    /// # Errors
    /// If the graph does not accept the shapes.
    pub fn session(&self, inputs: &[Shape]) -> Result<Session, EngineError> {
        Session::new(Arc::clone(&self.program), inputs)
    }

    /// A stream, which computes a series while its samples arrive.
    ///
    /// # Errors
    /// Names the node that prevents it, as [`Graph::streaming`].
    pub fn stream(&self) -> Result<Stream, EngineError> {
        Stream::new(Arc::clone(&self.program))
    }
}

impl Forward for Engine {
    fn graph(&self) -> &Graph {
        &self.program.graph
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let (batch, shapes) = batch_and_shapes(inputs)?;
        let mut session = match self.last.take() {
            Some(session) if session.inputs() == shapes => session,
            _ => self.session(&shapes).map_err(ForwardError::from)?,
        };
        let given: Vec<&[f32]> = inputs.iter().map(Array::data).collect();
        let mut found: Vec<Array> = session
            .outputs()
            .iter()
            .map(|shape| Array::from_fn([vec![batch], shape.dims()].concat(), |_| 0.0))
            .collect();
        let mut places: Vec<&mut [f32]> = found.iter_mut().map(Array::data_mut).collect();
        session.run(&given, &mut places).map_err(ForwardError::from)?;
        self.last = Some(session);
        Ok(found)
    }
}
