//! Predictions of a trained model on files and streams.
//!
//! A [`Predictor`] runs a `model::Model` on the engine, or on any other interpreter (`graph::Forward`) of its graph. It
//! normalizes the inputs, cuts series into pieces that the network accepts, computes class probabilities, and returns
//! values in the units of the data. A series gives the same results whether it is read from a file or from a stream.
//! Where the engine can stream the network, each sample is computed once. [`csv`](csv()), [`json`](json()) and
//! [`npz`](npz()) encode predictions as files.
//!
//! ```
//! use graph::{Array, Conv, Graph, Padding, Weights};
//! use model::{Model, Task};
//! use predict::Predictor;
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [1, 8])?;
//!     let x = g.conv("smooth", x, Conv { padding: Padding::Same, ..Conv::new(1, 3) })?;
//!     g.output("denoised", x)
//! })?;
//! let weights = Weights::initial(&graph, 0);
//! let model = Model { task: Some(Task::Denoising), ..Model::new(graph, weights) };
//! let mut predictor = Predictor::new(&model)?;
//! let ramp = Array::from_fn([1, 20], |i| i as f32);
//! let recording = data::Recording::new("a ramp", ramp, data::Target::None);
//! let predictions = predictor.predict(&[recording], None)?;
//! assert_eq!(predictions[0].outputs.shape(), [1, 20]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod classes;
mod cut;
mod error;
mod format;
mod incremental;
mod predictor;
mod recordings;
mod samples;
mod stream;

pub use classes::classes;
pub use error::PredictError;
pub use format::{csv, json, npz};
pub use predictor::{Prediction, Predictor};
pub use recordings::MAX_BATCH;
