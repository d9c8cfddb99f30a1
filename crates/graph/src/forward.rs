//! One interface of all interpreters.

use std::error::Error;

use crate::{Array, BuildError, ErrorKind, Graph, LoadReport, Shape};

/// A graph with weights that can be run: arrays in, arrays out.
///
/// Prediction, calibration and agreement tests are written over this trait, so that they work with
/// every interpreter.
pub trait Forward {
    /// The graph that is run.
    fn graph(&self) -> &Graph;

    /// The outputs in the graph's order, for inputs in the graph's order. Every array has the batch
    /// as its first axis: `[N, C]`, `[N, C, T]` or `[N, C, H, W]`, with the same N for all.
    ///
    /// # Errors
    /// If the inputs do not suit the graph.
    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError>;
}

impl<F: Forward + ?Sized> Forward for &mut F {
    fn graph(&self) -> &Graph {
        (**self).graph()
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        (**self).forward(inputs)
    }
}

impl<F: Forward + ?Sized> Forward for Box<F> {
    fn graph(&self) -> &Graph {
        (**self).graph()
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        (**self).forward(inputs)
    }
}

/// An interpreter that cannot be made, or cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForwardError {
    /// The inputs do not suit the graph.
    #[error(transparent)]
    Input(#[from] BuildError),
    /// The weights do not suit the graph.
    #[error("the weights do not match the graph: {0}")]
    Weights(LoadReport),
    /// The interpreter's own error.
    #[error(transparent)]
    Interpreter(Box<dyn Error + Send + Sync>),
}

/// The batch size and the shapes of one sample for a graph's inputs, as [`Forward::forward`] gets them.
///
/// # Errors
/// If an array has no batch or no channels, or if the batches differ.
pub fn batch_and_shapes(inputs: &[Array]) -> Result<(usize, Vec<Shape>), BuildError> {
    let mut batch = None;
    let mut shapes = Vec::new();
    for array in inputs {
        let [n, channels, space @ ..] = array.shape() else {
            let message = format!("expected an input of [N, C, …], found {:?}", array.shape());
            return Err(BuildError::new("graph", ErrorKind::Rank, message));
        };
        let first = *batch.get_or_insert(*n);
        if *n != first {
            let message = format!("expected inputs of equal batch size, found {first} and {n}");
            return Err(BuildError::new("graph", ErrorKind::Shape, message));
        }
        shapes.push(Shape::new(*channels, space));
    }
    Ok((batch.unwrap_or(0), shapes))
}
