//! A trained model, in memory and as a file.
//!
//! A [`Model`] is self-contained: it consists of the graph, its weights, the task, the names of the classes
//! and the normalization of the input. Its file is a safetensors file whose header contains everything
//! except the weights, including the graph as text. Reading it requires neither an architecture crate nor
//! libtorch, and a later version of a preset cannot change what an old file computes.
//!
//! ```
//! use graph::{BatchNorm, Conv, Graph, Weights};
//! use model::{Model, Task};
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [3, 50])?;
//!     let x = g.conv("conv", x, Conv::new(2, 5))?;
//!     let x = g.batch_norm("norm", x, BatchNorm::default())?;
//!     let x = g.global_mean("mean", x)?;
//!     let x = g.flatten("flatten", x)?;
//!     g.output("logits", x)
//! })?;
//! let weights = Weights::initial(&graph, 0);
//! let mut model = Model::new(graph, weights);
//! model.task = Some(Task::Classification);
//! model.classes = vec!["rest".to_owned(), "walk".to_owned()];
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("merged.safetensors");
//! let (merged, refusals) = model.merged();
//! assert!(refusals.is_empty());
//! merged.write(&path)?;
//! assert_eq!(Model::read(&path)?, merged);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod annotated;
mod check;
mod error;
mod file;
mod model;
mod normalization;
mod task;

pub use annotated::{CHECKPOINT_KEY, is_checkpoint, read_annotated, write_annotated};
pub use error::ModelError;
pub use graph::Forward;
pub use model::{Model, Source};
pub use normalization::Normalization;
pub use task::Task;
