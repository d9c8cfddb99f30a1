//! A trained network, and what it says.

use data::Task;
use graph::{Array, Graph, Shape};
use torch::Net;
use torch::tch::Device;

use super::cut::{Cut, Piece};
use crate::failure::Failure;
use crate::page::probabilities;
use crate::trained::Trained;

/// A network that is asked.
pub(crate) struct Network {
    trained: Trained,
    net: Net,
    /// What it was built for.
    pub(crate) input: Shape,
    /// The shape of what it says of that.
    output: Shape,
}

/// What the network says of a recording, of a window of it or of some of its samples.
pub(crate) struct Answer {
    /// Where the recording comes from.
    pub(crate) origin: String,
    /// The first sample that it is about.
    pub(crate) start: usize,
    /// `[K]`, `[K, T]` or `[K, H, W]`: what the network puts out; a denoised signal in the data's own
    /// units.
    pub(crate) outputs: Array,
}

impl Network {
    pub(crate) fn new(trained: Trained, device: Device, unmerged: bool) -> Result<Self, Failure> {
        let net = trained.net(device)?;
        let net = if unmerged { net } else { net.merged()?.net };
        let graph = net.graph();
        let output = graph.node(graph.main_output().value).shape.clone();
        Ok(Self { input: trained.model.input.clone(), output, trained, net })
    }

    pub(crate) fn graph(&self) -> &Graph {
        self.net.graph()
    }

    pub(crate) fn is_of_series(&self) -> bool {
        self.input.rank() == 1
    }

    /// Whether it says something of each sample or pixel.
    pub(crate) fn is_of_each(&self) -> bool {
        self.output.space == self.input.space
    }

    /// Whether one thread runs batches of this size as fast as several.
    pub(crate) fn is_small(&self, batch: usize) -> Result<bool, Failure> {
        Ok(train::is_small(self.graph(), batch)?)
    }

    /// The classes' names; none where it puts out values.
    pub(crate) fn classes(&self) -> Option<&[String]> {
        match self.trained.data.task {
            Task::Classification | Task::Segmentation => Some(&self.trained.file.classes),
            Task::Regression | Task::Denoising => None,
        }
    }

    /// Channels of what it puts out.
    pub(crate) fn channels(&self) -> usize {
        self.output.channels
    }

    /// How it is given series: `step` samples from one result to the next, or for results of each
    /// sample that many at once.
    pub(crate) fn cut(&self, step: Option<usize>, at_once: usize) -> Cut {
        let length = self.input.space[0];
        if self.is_of_each() {
            Cut::of_samples(self.graph(), step.unwrap_or(at_once))
        } else {
            Cut::Windows { length, step: step.unwrap_or(length) }
        }
    }

    /// Whether it takes a series of this length, and says something of each sample of it where it
    /// does of those it was built for; in a sentence why not.
    pub(crate) fn takes(&self, length: usize) -> Result<(), String> {
        let graph = self.graph();
        let needed = &self.input.space;
        let shapes = graph.shapes_for(&[Shape::new(self.input.channels, [length])]).map_err(|error| {
            format!("{length} samples, where the network is built for {needed:?}; at this length {error}")
        })?;
        let output = &shapes[graph.main_output().value];
        if self.is_of_each() && output.space != [length] {
            let message = format!("{length} samples; of so many the network puts out {:?}", output.space);
            return Err(format!("{message}, and one for each is needed"));
        }
        Ok(())
    }

    /// What it says of inputs of one shape, `[C, T]` or `[C, H, W]` in the data's own units.
    pub(crate) fn say(&self, inputs: &[Array]) -> Result<Vec<Array>, Failure> {
        let Some(first) = inputs.first() else { return Ok(Vec::new()) };
        let shape: Vec<usize> = [inputs.len()].iter().chain(first.shape()).copied().collect();
        let normalization = &self.trained.file.normalization;
        let mut values = Vec::with_capacity(shape.iter().product());
        for input in inputs {
            let begin = values.len();
            values.extend_from_slice(input.data());
            normalization.apply(&mut values[begin..]);
        }
        let batch = Array::new(shape, values).expect("inputs of one shape");
        let outputs = train::predict(&self.net, &batch)?;
        let shape = outputs.shape()[1..].to_vec();
        let size = shape.iter().product::<usize>().max(1);
        let own_units = |values: &[f32]| {
            let mut values = values.to_vec();
            if self.trained.data.task == Task::Denoising {
                normalization.invert(&mut values);
            }
            Array::new(shape.as_slice(), values).expect("a part of a batch")
        };
        Ok(outputs.data().chunks(size).map(own_units).collect())
    }

    /// The probability of each class at each position, `[classes]`, `[classes, T]` or
    /// `[classes, H, W]`, of outputs of one's shape.
    pub(crate) fn probabilities(&self, outputs: &Array) -> Array {
        let positions: usize = outputs.shape()[1..].iter().product();
        let at = |position: usize| -> Vec<f32> {
            let own = outputs.data().iter().skip(position).step_by(positions.max(1));
            probabilities(&self.trained, &own.copied().collect::<Vec<_>>())
        };
        let columns: Vec<Vec<f32>> = (0..positions).map(at).collect();
        let classes = columns.first().map_or(0, Vec::len);
        let shape: Vec<usize> = [classes].iter().chain(&outputs.shape()[1..]).copied().collect();
        Array::from_fn(shape, |i| columns[i % positions.max(1)][i / positions.max(1)])
    }

    /// What of a piece's outputs is kept: those of the kept samples, or all of a window's.
    pub(crate) fn kept(&self, outputs: Array, piece: &Piece) -> Array {
        match *outputs.shape() {
            [channels, samples] if self.is_of_each() => {
                let kept = piece.keep.start - piece.from..piece.keep.end - piece.from;
                let rows = outputs.data().chunks(samples.max(1));
                let values = rows.flat_map(|row| &row[kept.clone()]).copied().collect();
                Array::new([channels, kept.len()], values).expect("as many from each channel")
            }
            _ => outputs,
        }
    }
}
