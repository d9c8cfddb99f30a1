//! Training on libtorch: from a graph and data to a trained `model::Model`.
//!
//! [`run`](fn@run) trains into a folder, with checkpoints, metrics and the model. A run on the CPU that is
//! killed at any moment and then resumed ends with the same bytes as an undisturbed run. [`Trainer`] is the
//! training loop, one step at a time. [`evaluate`](fn@evaluate) measures a network on examples with any interpreter of
//! its graph.
//!
//! ```
//! # #[cfg(feature = "torch")] {
//! use std::sync::Arc;
//!
//! use data::{Memory, Recording, Sources, Splits, Target, Task};
//! use graph::{Array, Conv, Graph};
//! use torch::tch::Device;
//! use train::{Config, Trainer};
//!
//! // Two classes of series: rising and falling.
//! let recording = |i: usize| {
//!     let input = Array::from_fn([1, 16], |t| if i % 2 == 0 { t as f32 } else { -(t as f32) });
//!     Recording::new(format!("series {i}"), input, Target::Class(i % 2))
//! };
//! let classes = vec!["rising".to_owned(), "falling".to_owned()];
//! let recordings = (0..8).map(recording).collect();
//! let train = Memory { classes, recordings, ..Memory::default() };
//! let sources = Sources { train: Arc::new(train), validation: None, test: None };
//! let splits = Splits::of(&data::Config::new(Task::Classification), &[1, 16].into(), sources)?;
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("series", [1, 16])?;
//!     let x = g.conv("conv", x, Conv::new(2, 5))?;
//!     let x = g.global_mean("mean", x)?;
//!     let x = g.flatten("flatten", x)?;
//!     g.output("logits", x)
//! })?;
//! let config = Config { epochs: 2, batch_size: 4, ..Config::default() };
//! let mut trainer = Trainer::new(graph, &splits, config, 1, Device::Cpu)?;
//! while !trainer.is_done() {
//!     let report = trainer.step()?;
//!     assert!(report.loss.is_finite());
//! }
//! assert_eq!(trainer.steps(), 4);
//! let weights = trainer.weights()?;
//! assert!(weights.get("conv.weight").is_some());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Config`], the section `train` of a config, compiles without libtorch, and so does the evaluation, with the feature
//! `evaluate`. Everything else is behind the feature `torch`, which is on by default.

#[cfg(feature = "torch")]
mod callback;
#[cfg(feature = "torch")]
mod checkpoint;
#[cfg(feature = "evaluate")]
mod communicator;
#[cfg(feature = "torch")]
mod compatibility;
mod config;
#[cfg(feature = "torch")]
mod digest;
#[cfg(feature = "evaluate")]
mod error;
#[cfg(feature = "evaluate")]
mod evaluate;
#[cfg(feature = "torch")]
mod files;
#[cfg(feature = "torch")]
mod finish;
#[cfg(feature = "torch")]
mod folder;
#[cfg(feature = "torch")]
mod identity;
#[cfg(feature = "torch")]
mod logs;
#[cfg(feature = "torch")]
mod loss;
#[cfg(feature = "torch")]
mod optimizer;
#[cfg(feature = "torch")]
mod parameter_buffer;
#[cfg(feature = "torch")]
mod position;
#[cfg(feature = "torch")]
mod ranks;
#[cfg(feature = "torch")]
mod run;
#[cfg(feature = "torch")]
mod schedule;
#[cfg(feature = "torch")]
mod score;
#[cfg(feature = "torch")]
mod session;
#[cfg(feature = "evaluate")]
mod task_info;
#[cfg(feature = "torch")]
mod tensors;
#[cfg(feature = "torch")]
mod trainer;

#[cfg(feature = "torch")]
pub use callback::{Callback, EpochReport, NoCallback, RunLength};
#[cfg(feature = "evaluate")]
pub use communicator::{Communicator, SingleProcess};
#[cfg(feature = "mpi")]
pub use communicator::{Mpi, MpiSession};
pub use config::{
    AdamW, BestMetric, Config, Focal, LossConfig, OptimizerConfig, Precision, ScheduleConfig, Sgd, Smoothing,
    StepDecay,
};
#[cfg(feature = "evaluate")]
pub use error::TrainError;
#[cfg(feature = "evaluate")]
pub use evaluate::{
    Evaluation, evaluate, evaluate_in_detail, evaluate_in_detail_on_ranks, evaluate_on_ranks,
};
#[cfg(feature = "torch")]
pub use run::{Finished, Run, RunEnd, run, run_on_ranks};
#[cfg(feature = "evaluate")]
pub use task_info::TaskInfo;
#[cfg(feature = "torch")]
pub use trainer::{StepReport, Trainer};

/// The Rust in the guides is compiled with the documentation's tests.
#[cfg(all(doctest, feature = "torch"))]
#[doc = include_str!("../../../docs/training.md")]
#[doc = include_str!("../../../docs/scale.md")]
struct Guide;
