//! A trained model as a value.
//!
//! A [`Model`] is self-contained: the graph, its weights, the task, the names of the classes and the
//! normalization of the input.

mod model;
mod normalization;
mod task;

pub use model::{Model, Source};
pub use normalization::Normalization;
pub use task::Task;
