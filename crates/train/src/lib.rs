//! Training: from a graph and data to weights that can be trusted.
//!
//! [`Run`] trains into a folder: checkpoints, metrics, the model, a report; killed at any instant and
//! resumed, it ends with the same bytes as if it never had been. [`Trainer`] is the loop under it, a
//! step at a time. [`evaluate`](fn@evaluate) and [`predict`] use what was learned.

mod checkpoint;
mod config;
mod error;
mod evaluate;
mod fit;
mod flat;
mod learner;
mod logs;
mod loss;
mod model;
mod run;
mod schedule;
mod tensors;
mod trainer;
mod watch;

pub use config::{Config, Loss, Optimizer, Precision, Schedule};
pub use error::Error;
pub use evaluate::{Evaluation, Purpose, evaluate, predict};
pub use model::Model;
pub use run::{End, Finished, Run, is_small};
pub use trainer::{Step, Trainer};
pub use watch::{Epoch, Quiet, Watch};

/// The Rust in the guide is compiled with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/training.md")]
struct Guide;
