//! The net: a graph and its variables, run on libtorch.

use std::borrow::Borrow;
use std::fmt;

use graph::plan::Schedule;
use graph::{BuildError, ErrorKind, Graph, Value, Weights};
use tch::{Device, Tensor, nn};

use crate::device;
use crate::error::TorchError;
use crate::input;
use crate::pass::Pass;
use crate::precision::{Precision, processor_has_bf16};
use crate::sizes::Sizes;
use crate::variables::Variables;

/// A [`Graph`] on libtorch: a `tch` module whose variables live in the caller's `VarStore`.
///
/// Gradients are recorded as everywhere in tch, also with `train` false; wrap inference in
/// [`tch::no_grad`] if it needs none.
///
/// # Threads
/// A net is `Send` but not `Sync`: it can move to another thread, but two threads cannot use it at the same
/// time, because libtorch's tensors cannot be shared safely. There are two ways to serve several threads, with
/// identical results: one net behind a lock, or one net per thread, made from the shared graph and weights.
///
/// ```
/// use std::sync::Mutex;
///
/// use graph::{Activation, Array, Conv, Forward, Graph, Weights};
/// use tch::{Device, nn::VarStore};
/// use torch::{Net, TorchError};
///
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [6, 100])?;
///     let x = g.conv("conv1", x, Conv::new(16, 7))?;
///     let x = g.activation("relu", x, Activation::Relu)?;
///     g.output("features", x)
/// })?;
/// let weights = Weights::initial(&graph, 0);
/// let make = || Net::with_weights(&VarStore::new(Device::Cpu).root(), graph.clone(), &weights);
/// let signal = Array::from_fn([1, 6, 100], |i| (i as f32).sin());
///
/// let locked = Mutex::new(make()?);
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| locked.lock().unwrap().forward(std::slice::from_ref(&signal)).unwrap());
///         scope.spawn(|| make().unwrap().forward(std::slice::from_ref(&signal)).unwrap());
///     }
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Net {
    pub(crate) graph: Graph,
    pub(crate) variables: Variables,
    inputs: Vec<Value>,
    /// The nodes that the main output needs.
    pub(crate) main: Schedule,
    /// The nodes that the outputs need.
    all: Schedule,
    sizes: Sizes,
    precision: Precision,
}

impl Net {
    /// Makes the variables of `graph` under `path`, of its device and kind, initialized with seed
    /// 0 as described at [`graph::Weights::initial`]. Running statistics are not trainable.
    ///
    /// # Errors
    /// If a name is taken in the store (tch would rename silently), if the store's kind is not floating-point, or
    /// if its device cannot be used. No variable is made then.
    pub fn new(path: &nn::Path<'_>, graph: Graph) -> Result<Self, TorchError> {
        let weights = Weights::initial(&graph, 0);
        Self::with_weights(path, graph, &weights)
    }

    /// As [`Net::new`] followed by a strict [`Net::load`], but draws no initial weights first.
    ///
    /// # Errors
    /// As [`Net::new`], and for missing, unexpected or misshapen weights. No variable is made then.
    pub fn with_weights(path: &nn::Path<'_>, graph: Graph, weights: &Weights) -> Result<Self, TorchError> {
        let report = weights.compare(&graph);
        if !report.is_exact() {
            return Err(TorchError::Weights(report));
        }
        device::check(path.device())?;
        let variables = Variables::new(path, &graph, weights)?;
        Ok(Self {
            inputs: graph.inputs().map(|(value, _)| value).collect(),
            main: Schedule::of(&graph, &[graph.main_output().value]),
            all: Schedule::new(&graph),
            sizes: Sizes::default(),
            precision: Precision::Full,
            variables,
            graph,
        })
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The main output for a batch of any size that the graph accepts: `[N, C, T]` or `[N, C, H, W]`
    /// in, for example `[N, classes]` out. Only what the main output needs is computed.
    ///
    /// In training, dropouts act, and batch norms use the batch's statistics and update the running
    /// ones.
    ///
    /// # Errors
    /// If an input has the wrong kind, device, rank, channels or size; if in training a batch norm has
    /// fewer than two values per channel; if libtorch refuses an operation. The error names the node.
    pub fn run(&self, input: &Tensor, train: bool) -> Result<Tensor, TorchError> {
        let mut pass = self.begin(&[input], train)?;
        pass.execute(&self.main)?;
        Ok(pass.take(self.graph.main_output().value))
    }

    /// Every named output, the main one first.
    ///
    /// # Errors
    /// As [`Net::run`].
    pub fn outputs(&self, input: &Tensor, train: bool) -> Result<Vec<(String, Tensor)>, TorchError> {
        self.run_all(&[input], train)
    }

    /// Every named output of a graph with any number of inputs, given in the order of
    /// [`Graph::inputs`].
    ///
    /// # Errors
    /// As [`Net::run`], for another number of inputs, and for batches of different sizes.
    pub fn run_all<T: Borrow<Tensor>>(
        &self,
        inputs: &[T],
        train: bool,
    ) -> Result<Vec<(String, Tensor)>, TorchError> {
        let inputs: Vec<&Tensor> = inputs.iter().map(Borrow::borrow).collect();
        let mut pass = self.begin(&inputs, train)?;
        pass.execute(&self.all)?;
        let outputs = self.graph.outputs().iter();
        Ok(outputs.map(|output| (output.name.clone(), pass.get(output.value).shallow_clone())).collect())
    }

    /// The device of the variables.
    pub fn device(&self) -> Device {
        self.variables.device()
    }

    /// Computes in `precision` from now on, in training and inference.
    ///
    /// # Errors
    /// If bfloat16 is asked for on a processor that has no instructions for it.
    pub fn set_precision(&mut self, precision: Precision) -> Result<(), TorchError> {
        if precision == Precision::Bf16 && self.device() == Device::Cpu && !processor_has_bf16() {
            return Err(TorchError::Precision);
        }
        self.precision = precision;
        Ok(())
    }

    /// Checks the inputs.
    pub(crate) fn begin(&self, inputs: &[&Tensor], train: bool) -> Result<Pass<'_>, TorchError> {
        if inputs.len() != self.inputs.len() {
            let message = format!("expected {} inputs, found {}", self.inputs.len(), inputs.len());
            return Err(BuildError::new("graph", ErrorKind::Input, message).into());
        }
        let mut shapes = Vec::new();
        for (value, tensor) in self.inputs.iter().zip(inputs) {
            shapes.push(input::shape(self.graph.node(*value), tensor, &self.variables)?);
        }
        for (value, tensor) in self.inputs.iter().zip(inputs) {
            input::check_batch(self.graph.node(*value), tensor, inputs[0])?;
        }
        let shapes = self.sizes.shapes(&self.graph, shapes)?;
        let mut pass = Pass::new(&self.graph, &self.variables, shapes, self.precision, train);
        for (value, tensor) in self.inputs.iter().zip(inputs) {
            pass.set(*value, tensor.shallow_clone());
        }
        Ok(pass)
    }
}

impl nn::ModuleT for Net {
    /// As [`Net::run`].
    ///
    /// # Panics
    /// If [`Net::run`] returns an error, with its message.
    fn forward_t(&self, xs: &Tensor, train: bool) -> Tensor {
        self.run(xs, train).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let described =
            |value: Value| format!("{} {}", self.graph.node(value).name, self.graph.node(value).shape);
        let inputs: Vec<String> = self.inputs.iter().map(|value| described(*value)).collect();
        let named =
            |output: &graph::Output| format!("{} {}", output.name, self.graph.node(output.value).shape);
        let outputs: Vec<String> = self.graph.outputs().iter().map(named).collect();
        f.debug_struct("Net")
            .field("inputs", &inputs)
            .field("outputs", &outputs)
            .field("nodes", &self.graph.nodes().len())
            .field("variables", &self.variables.len())
            .field("device", &self.device())
            .finish()
    }
}
