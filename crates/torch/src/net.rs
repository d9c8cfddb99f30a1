//! The net: a graph and its variables, run on libtorch.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use graph::{BuildError, ErrorKind, Graph, Node, Shape, Table, Value, Weights};
use tch::{Device, Kind, Tensor, nn};

use crate::error::{Error, Fault};
use crate::interpret::{Task, interpret};
use crate::number::sizes;
use crate::precision::Precision;
use crate::schedule::Schedule;
use crate::sizes::Sizes;
use crate::variables::Variables;

/// A [`Graph`] on libtorch: a `tch` module whose variables live in the caller's `VarStore`.
///
/// Gradients are recorded as everywhere in tch, also with `train` false; wrap inference in
/// [`tch::no_grad`] where none are needed.
pub struct Net {
    pub(crate) graph: Graph,
    pub(crate) variables: Variables,
    inputs: Vec<Value>,
    /// What the main output needs.
    main: Schedule,
    /// What all outputs need.
    all: Schedule,
    sizes: Sizes,
    pub(crate) precision: Precision,
}

impl Net {
    /// Makes the variables of `graph` under `path`, of its device and kind, initialised with seed
    /// 0 as [`graph::Weights::initial`] says. Running statistics are not trainable.
    ///
    /// # Errors
    /// A name that is taken in the store, where tch would rename silently; a store whose kind is
    /// not floating-point. Nothing is made then.
    pub fn new(path: &nn::Path<'_>, graph: Graph) -> Result<Self, Error> {
        let weights = Weights::initial(&graph, 0);
        Self::with_weights(path, graph, &weights)
    }

    /// As [`Net::new`] followed by a strict [`Net::load`], without drawing initial weights first.
    ///
    /// # Errors
    /// As [`Net::new`], and anything missing, unexpected or misshapen. Nothing is made then.
    pub fn with_weights(path: &nn::Path<'_>, graph: Graph, weights: &Weights) -> Result<Self, Error> {
        let fit = weights.compare(&graph);
        if !fit.is_exact() {
            return Err(Error::Weights(fit));
        }
        let variables = Variables::new(path, &graph, weights)?;
        let outputs: Vec<Value> = graph.outputs().iter().map(|output| output.value).collect();
        Ok(Self {
            inputs: graph.inputs().map(|(value, _)| value).collect(),
            main: Schedule::of(&graph, &outputs[..1]),
            all: Schedule::of(&graph, &outputs),
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

    /// The main output for a batch of any size the graph accepts: `[N, C, T]` or `[N, C, H, W]` in,
    /// for example `[N, classes]` out. Only what the main output needs is computed.
    ///
    /// In training, dropouts act, and batch norms take the batch's statistics and update the
    /// running ones.
    ///
    /// # Errors
    /// Names the node: an input of the wrong kind, device, rank, channels or size; in training a
    /// batch norm with fewer than two values per channel; whatever libtorch refuses.
    pub fn run(&self, input: &Tensor, train: bool) -> Result<Tensor, Error> {
        let mut values = self.values(&[input], train, &self.main)?;
        Ok(values.take(self.graph.main_output().value))
    }

    /// Every named output, the main one first.
    ///
    /// # Errors
    /// As [`Net::run`].
    pub fn outputs(&self, input: &Tensor, train: bool) -> Result<Vec<(String, Tensor)>, Error> {
        self.run_all(&[input], train)
    }

    /// Every named output of a graph with any number of inputs, given in the order of
    /// [`Graph::inputs`].
    ///
    /// # Errors
    /// As [`Net::run`]; another number of inputs or batches of different sizes.
    pub fn run_all<T: Borrow<Tensor>>(
        &self,
        inputs: &[T],
        train: bool,
    ) -> Result<Vec<(String, Tensor)>, Error> {
        let inputs: Vec<&Tensor> = inputs.iter().map(Borrow::borrow).collect();
        let values = self.values(&inputs, train, &self.all)?;
        let outputs = self.graph.outputs().iter();
        Ok(outputs.map(|output| (output.name.clone(), values.get(output.value).shallow_clone())).collect())
    }

    /// Where the variables are.
    pub fn device(&self) -> Device {
        self.variables.device()
    }

    fn values(&self, inputs: &[&Tensor], train: bool, schedule: &Schedule) -> Result<Values<'_>, Error> {
        let mut values = self.begin(inputs, train)?;
        for step in schedule.steps() {
            values.compute(step.value)?;
            values.free(&step.freed);
        }
        Ok(values)
    }

    /// Computes in the net's precision.
    fn precise(&self, task: &Task<'_>) -> Result<Tensor, Fault> {
        if !self.precision.lowers(task.op) {
            return interpret(task);
        }
        let inputs =
            task.inputs.iter().map(|input| self.precision.cast(input)).collect::<Result<Vec<_>, _>>()?;
        let parameters =
            task.parameters.iter().map(|p| self.precision.cast(p)).collect::<Result<Vec<_>, _>>()?;
        let inputs: Vec<&Tensor> = inputs.iter().collect();
        let result = interpret(&Task { inputs: &inputs, parameters: &parameters, ..*task })?;
        Ok(result.f_to_kind(task.inputs[0].kind())?)
    }

    /// Checks the inputs.
    pub(crate) fn begin(&self, inputs: &[&Tensor], train: bool) -> Result<Values<'_>, Error> {
        if inputs.len() != self.inputs.len() {
            let message = format!("{} inputs given, {} needed", inputs.len(), self.inputs.len());
            return Err(BuildError::new("graph", ErrorKind::Input, message).into());
        }
        let given = || self.inputs.iter().map(|value| self.graph.node(*value)).zip(inputs);
        let shapes = given().map(|(node, input)| self.shape(node, input)).collect::<Result<_, _>>()?;
        for (node, input) in given() {
            if input.size()[0] != inputs[0].size()[0] {
                let (found, first) = (input.size()[0], inputs[0].size()[0]);
                return Err(refusal(node, format!("a batch of {found} beside one of {first}")));
            }
        }
        let mut values: Vec<Option<Tensor>> = self.graph.nodes().map(|_| None).collect();
        for (value, input) in self.inputs.iter().zip(inputs) {
            values[value.index()] = Some(input.shallow_clone());
        }
        Ok(Values { net: self, shapes: self.sizes.shapes(&self.graph, shapes)?, values, train })
    }

    /// The shape of one input; its channels and size are checked with the graph's.
    fn shape(&self, node: &Node, input: &Tensor) -> Result<Shape, Error> {
        if !input.defined() {
            return Err(refusal(node, "the tensor is undefined".to_owned()));
        }
        let needed = self.variables.kind();
        let kind = input.kind();
        if needed.is_some_and(|needed| needed != kind) || !is_float(kind) {
            let needed = needed.unwrap_or(Kind::Float);
            return Err(refusal(node, format!("a tensor of kind {needed:?} is needed, not {kind:?}")));
        }
        if self.variables.kind().is_some() && input.device() != self.device() {
            let message = format!(
                "a tensor on {:?} is needed, where the net is, not {:?}",
                self.device(),
                input.device()
            );
            return Err(refusal(node, message));
        }
        match sizes(input).as_slice() {
            [_, channels, space @ ..] if space.len() == node.shape.rank() => Ok(Shape::new(*channels, space)),
            found => {
                let needed = if node.shape.rank() == 1 { "series [N, C, T]" } else { "images [N, C, H, W]" };
                Err(refusal(node, format!("a batch of {needed} is needed, not {found:?}")))
            }
        }
    }
}

/// The values of one pass that are alive.
pub(crate) struct Values<'a> {
    net: &'a Net,
    shapes: Arc<Table<Shape>>,
    values: Vec<Option<Tensor>>,
    train: bool,
}

impl Values<'_> {
    /// Computes the value from those before it.
    pub(crate) fn compute(&mut self, value: Value) -> Result<(), Error> {
        let node = self.net.graph.node(value);
        // A model input stands in its own place from the beginning.
        let own = [value];
        let from: &[Value] = if node.inputs.is_empty() { &own } else { &node.inputs };
        let inputs: Vec<&Tensor> = from.iter().map(|input| self.get(*input)).collect();
        let shapes: Vec<&Shape> = from.iter().map(|input| &self.shapes[*input]).collect();
        let task = Task {
            op: &node.op,
            inputs: &inputs,
            shapes: &shapes,
            parameters: self.net.variables.of(value),
            train: self.train,
            frozen: self.net.variables.is_frozen(value),
        };
        let tensor = self.net.precise(&task).map_err(|fault| fault.at(node))?;
        self.values[value.index()] = Some(tensor);
        Ok(())
    }

    pub(crate) fn get(&self, value: Value) -> &Tensor {
        self.values[value.index()].as_ref().expect("a schedule computes a value before its readers")
    }

    pub(crate) fn take(&mut self, value: Value) -> Tensor {
        self.values[value.index()].take().expect("a schedule keeps what is wanted")
    }

    pub(crate) fn free(&mut self, values: &[Value]) {
        values.iter().for_each(|value| self.values[value.index()] = None);
    }
}

fn refusal(node: &Node, reason: String) -> Error {
    Error::Run { node: node.name.clone(), op: node.op.name(), reason }
}

pub(crate) fn is_float(kind: Kind) -> bool {
    matches!(kind, Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16)
}

impl nn::ModuleT for Net {
    /// As [`Net::run`].
    ///
    /// # Panics
    /// With the sentence that `run` returns as an error.
    fn forward_t(&self, xs: &Tensor, train: bool) -> Tensor {
        self.run(xs, train).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named =
            |value: Value| format!("{} {}", self.graph.node(value).name, self.graph.node(value).shape);
        let outputs = self.graph.outputs().iter();
        f.debug_struct("Net")
            .field("inputs", &self.inputs.iter().map(|value| named(*value)).collect::<Vec<_>>())
            .field(
                "outputs",
                &outputs
                    .map(|o| format!("{} {}", o.name, self.graph.node(o.value).shape))
                    .collect::<Vec<_>>(),
            )
            .field("nodes", &self.graph.nodes().len())
            .field("variables", &self.variables.len())
            .field("device", &self.device())
            .finish()
    }
}
