//! Running a trained model on data in its own units.

use data::{Filling, Values};
use engine::{Engine, EngineError, Options, Stream};
use graph::{Array, Forward, ForwardError, Graph, Shape};
use model::{Model, Normalization, Task};

use crate::classes::{column, independent_probabilities, positions, probabilities};
use crate::cut::{Cut, Piece};
use crate::recordings::SAMPLES;

/// A trained model with an interpreter that runs it.
pub struct Predictor {
    interpreter: Interpreter,
    task: Option<Task>,
    classes: Vec<String>,
    channels: Vec<String>,
    columns: Vec<String>,
    outputs: Vec<String>,
    normalization: Normalization,
    /// The normalization of the outputs, if they are values.
    output_normalization: Option<Normalization>,
    input: Shape,
    output: Shape,
    /// The treatment of missing values and of appended samples.
    pub(crate) filling: Option<Filling>,
}

/// The interpreter of a model's graph.
enum Interpreter {
    /// The engine, which can stream.
    Engine(Box<Engine>),
    Other(Box<dyn Forward>),
}

impl Interpreter {
    fn forward(&mut self) -> &mut dyn Forward {
        match self {
            Self::Engine(engine) => &mut **engine,
            Self::Other(forward) => &mut **forward,
        }
    }

    fn graph(&self) -> &Graph {
        match self {
            Self::Engine(engine) => engine.graph(),
            Self::Other(forward) => forward.graph(),
        }
    }
}

/// The outputs for a recording, for a window of it, or for some of its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The origin of the recording.
    pub origin: String,
    /// The index of the first sample that the outputs belong to.
    pub start: usize,
    /// The network's outputs `[K]`, `[K, T]` or `[K, H, W]`. Values are in the units of the data.
    pub outputs: Values,
}

impl Predictor {
    /// Prepares a model to run on the engine, merged, on one thread.
    ///
    /// # Errors
    /// If the weights do not match the graph.
    pub fn new(model: &Model) -> Result<Self, EngineError> {
        Ok(Self::with_engine(model, Engine::new(model, Options::default())?))
    }

    /// Combines the task, classes and normalization of `model` with an engine of its graph.
    pub fn with_engine(model: &Model, engine: Engine) -> Self {
        Self::of(model, Interpreter::Engine(Box::new(engine)))
    }

    /// Combines the task, classes and normalization of `model` with any interpreter of its graph, merged or not.
    pub fn with_interpreter(model: &Model, interpreter: Box<dyn Forward>) -> Self {
        Self::of(model, Interpreter::Other(interpreter))
    }

    fn of(model: &Model, interpreter: Interpreter) -> Self {
        let graph = interpreter.graph();
        let output = graph.output_shape().clone();
        let (_, input) = graph.inputs().next().expect("a graph has an input");
        Self {
            input: input.shape.clone(),
            classes: class_names(model, output.channels),
            channels: model.channels.clone(),
            columns: model.columns.clone(),
            outputs: output_names(model, output.channels),
            output,
            task: model.task,
            normalization: model.normalization.clone(),
            output_normalization: model.output_normalization().cloned(),
            filling: None,
            interpreter,
        }
    }

    /// Sets the treatment of missing values and of samples that are appended to short series, as in training. By
    /// default, inputs have neither.
    #[must_use]
    pub fn with_filling(self, filling: Filling) -> Self {
        Self { filling: Some(filling), ..self }
    }

    /// Returns the graph that is run.
    pub fn graph(&self) -> &Graph {
        self.interpreter.graph()
    }

    /// Returns the input shape that the network was built for.
    pub fn input(&self) -> &Shape {
        &self.input
    }

    /// Returns whether the inputs are series, rather than images.
    pub fn takes_series(&self) -> bool {
        self.input.rank() == 1
    }

    /// Returns whether the network has an output for each sample or pixel.
    pub fn is_dense(&self) -> bool {
        self.output.space == self.input.space
    }

    /// Returns the names of the classes, or `None` if the outputs are values. If the model has no class names,
    /// they are the indices, `0`, `1` and so on.
    pub fn classes(&self) -> Option<&[String]> {
        let has_classes = self.task.is_some_and(Task::has_classes);
        if has_classes { Some(&self.classes) } else { None }
    }

    /// Returns whether the outputs are any number of classes, rather than one of them.
    pub fn is_multi_label(&self) -> bool {
        self.task == Some(Task::MultiLabel)
    }

    /// Returns the names of the input channels. Empty if they are unknown.
    pub fn channel_names(&self) -> &[String] {
        &self.channels
    }

    /// Returns the names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    pub fn column_names(&self) -> &[String] {
        &self.columns
    }

    /// Returns the names of the outputs, if they are values. If the model has no names, they are `value_1`,
    /// `value_2` and so on.
    pub fn output_names(&self) -> &[String] {
        &self.outputs
    }

    /// Returns the number of output channels.
    pub(crate) fn output_channels(&self) -> usize {
        self.output.channels
    }

    /// Returns a stream that computes each sample's output once, if the engine has one for series of any length.
    pub(crate) fn stream(&self) -> Option<Stream> {
        let Interpreter::Engine(engine) = &self.interpreter else { return None };
        if !self.is_dense() {
            return None;
        }
        let stream = engine.stream().ok()?;
        let output = stream.facts().node(engine.graph().main_output().value)?;
        let is_per_sample = (output.rate.positions, output.rate.samples) == (1, 1);
        if is_per_sample && stream.facts().lengths().multiple == 1 { Some(stream) } else { None }
    }

    /// Returns the number of spatial axes of the output.
    pub(crate) fn output_rank(&self) -> usize {
        self.output.rank()
    }

    /// Runs the network on inputs of equal shape, `[C, T]` or `[C, H, W]`, in the units of the data. Returns
    /// the outputs of each; values are in the units of the data, too.
    ///
    /// # Errors
    /// If the graph does not accept the inputs.
    ///
    /// # Panics
    /// If the inputs differ in shape.
    pub fn run(&mut self, inputs: &[Values]) -> Result<Vec<Values>, ForwardError> {
        let normalized: Vec<Array> = inputs.iter().map(|input| self.normalized(input)).collect();
        let outputs = self.run_normalized(&normalized)?;
        Ok(outputs.iter().map(|output| self.output_in_data_units(output)).collect())
    }

    /// Returns an input in the units of the data after normalization, without missing values.
    pub(crate) fn normalized(&self, input: &Values) -> Array {
        let normalized = self.normalization.apply(input.data());
        let mut normalized = Array::new(input.shape(), normalized).expect("as many values as before");
        if let Some(filling) = &self.filling {
            filling.finish(&mut normalized);
        }
        normalized
    }

    /// Checks that numbers, `[C, …]`, are finite in f32 after normalization.
    pub(crate) fn check_magnitude(&self, numbers: &[f64]) -> Result<(), String> {
        let normalized = self.normalization.apply(numbers);
        match normalized.iter().position(|value| value.is_infinite()) {
            None => Ok(()),
            Some(i) => Err(format!(
                "expected numbers near those that the model was trained on, found {:e}",
                numbers[i]
            )),
        }
    }

    /// Runs the network on inputs of equal shape that have already been normalized. Returns the outputs as
    /// the network computes them.
    ///
    /// # Errors
    /// If the graph does not accept the inputs.
    ///
    /// # Panics
    /// If the inputs differ in shape.
    pub fn run_normalized(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let Some(first) = inputs.first() else { return Ok(Vec::new()) };
        let shape = [&[inputs.len()], first.shape()].concat();
        let values = inputs.iter().flat_map(|input| input.data()).copied().collect();
        let batch = Array::new(shape, values).expect("inputs of one shape");
        let outputs = self.interpreter.forward().forward(&[batch])?;
        let main = outputs.first().expect("a graph has an output");
        let shape = &main.shape()[1..];
        let size = shape.iter().product::<usize>().max(1);
        let split = |values: &[f32]| Array::new(shape, values.to_vec()).expect("one element of a batch");
        Ok(main.data().chunks(size).map(split).collect())
    }

    /// Converts normalized inputs `[C, …]` to the units of the data.
    pub fn in_data_units(&self, normalized: &Array) -> Values {
        inverted(&self.normalization, normalized)
    }

    /// Converts the network's outputs, or normalized targets, to the units of the data, if they are values.
    pub fn output_in_data_units(&self, output: &Array) -> Values {
        match &self.output_normalization {
            Some(normalization) => inverted(normalization, output),
            None => output.into(),
        }
    }

    /// Returns the probability of each class at each position, `[classes]`, `[classes, T]` or
    /// `[classes, H, W]`, given the outputs of one prediction.
    pub fn probabilities(&self, outputs: &Array) -> Array {
        let count = positions(outputs.shape());
        let probabilities = |position: usize| {
            let outputs = column(outputs.data(), count, position);
            if self.is_multi_label() {
                independent_probabilities(self.graph(), &outputs)
            } else {
                probabilities(self.graph(), &outputs)
            }
        };
        let columns: Vec<Vec<f32>> = (0..count).map(probabilities).collect();
        let classes = columns.first().map_or(0, Vec::len);
        let shape = [&[classes], &outputs.shape()[1..]].concat();
        Array::from_fn(shape, |i| columns[i % count][i / count])
    }

    /// Returns how to cut a series. `step` is the number of samples between windows, by default the length of
    /// a window; if the network has an output per sample, it is the number of results at once, by default
    /// `at_once`. More than [`SAMPLES`] results at once would only take memory. A step of 0 is treated as 1.
    pub(crate) fn cut(&self, step: Option<usize>, at_once: usize) -> Cut {
        if self.is_dense() {
            return Cut::of_samples(self.graph(), step.unwrap_or(at_once).clamp(1, SAMPLES));
        }
        let length = self.input.space[0];
        Cut::Windows { length, step: step.unwrap_or(length).max(1) }
    }

    /// Checks that the network accepts a series of this length and, if it has an output for each sample, that
    /// it still has as many.
    pub(crate) fn check_length(&self, length: usize) -> Result<(), String> {
        let graph = self.graph();
        let shapes = graph
            .shapes_for(&[Shape::new(self.input.channels, [length])])
            .map_err(|error| format!("expected {} samples, found {length}; {error}", self.input.space[0]))?;
        let output = &shapes[graph.main_output().value];
        if self.is_dense() && output.space != [length] {
            let outputs = output.space.first().copied().unwrap_or(0);
            return Err(format!("expected an output for each of {length} samples, found {outputs} outputs"));
        }
        Ok(())
    }

    /// Returns the outputs of the samples that `piece` keeps, or all outputs if they are not per sample.
    pub(crate) fn kept(&self, outputs: Values, piece: &Piece) -> Values {
        match *outputs.shape() {
            [channels, samples] if self.is_dense() => {
                let kept = piece.keep.start - piece.from..piece.keep.end - piece.from;
                let rows = outputs.data().chunks(samples.max(1));
                let values = rows.flat_map(|row| &row[kept.clone()]).copied().collect();
                Values::new([channels, kept.len()], values).expect("as many samples of each channel")
            }
            _ => outputs,
        }
    }
}

fn inverted(normalization: &Normalization, normalized: &Array) -> Values {
    let values = normalization.invert(normalized.data());
    Values::new(normalized.shape(), values).expect("as many values as before")
}

/// Returns a name for each class: the name in the model or, if the model has no names, the index.
fn class_names(model: &Model, channels: usize) -> Vec<String> {
    // A single output distinguishes two classes.
    let is_pair = channels == 1 && model.task != Some(Task::MultiLabel);
    let classes = if is_pair { 2 } else { channels };
    let name = |class: usize| model.classes.get(class).cloned().unwrap_or_else(|| class.to_string());
    (0..classes).map(name).collect()
}

/// Returns a name for each output channel, if the outputs are values. Those of denoising are the input's.
fn output_names(model: &Model, channels: usize) -> Vec<String> {
    let names = if model.task == Some(Task::Denoising) { &model.channels } else { &model.outputs };
    if names.len() == channels {
        return names.clone();
    }
    (1..=channels).map(|channel| format!("value_{channel}")).collect()
}

impl std::fmt::Debug for Predictor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { task, input, output, .. } = self;
        write!(f, "Predictor({task:?}, {input} to {output})")
    }
}
