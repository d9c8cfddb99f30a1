//! A [`Graph`](graph::Graph) on libtorch.
//!
//! [`Net`] is a tch module, so tch's optimizers train it and tch's tools save it. As a [`graph::Forward`] it runs on
//! plain arrays. [`device()`] finds a GPU.
//!
//! ```
//! use graph::{Activation, BatchNorm, Conv, Graph};
//! use tch::nn::{self, ModuleT, OptimizerConfig};
//! use tch::{Device, Kind, Tensor};
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [6, 100])?;
//!     let x = g.conv("conv1", x, Conv::new(16, 7))?;
//!     let x = g.batch_norm("bn1", x, BatchNorm::default())?;
//!     let x = g.activation("relu", x, Activation::Relu)?;
//!     let x = g.global_mean("pool", x)?;
//!     let x = g.flatten("flatten", x)?;
//!     let x = g.linear("fc", x, 4)?;
//!     g.output("logits", x)
//! })?;
//!
//! let store = nn::VarStore::new(Device::Cpu);
//! let net = torch::Net::new(&store.root(), graph)?;
//! let mut optimizer = nn::Adam::default().build(&store, 1e-3)?;
//! let signals = Tensor::randn([8, 6, 100], (Kind::Float, Device::Cpu));
//! let labels = Tensor::from_slice(&[0i64, 1, 2, 3, 0, 1, 2, 3]);
//! let loss = net.forward_t(&signals, true).cross_entropy_for_logits(&labels);
//! optimizer.backward_step(&loss);
//!
//! // Any length that the graph accepts; for other inputs the error names the node.
//! let zeros = |shape: [i64; 3]| Tensor::zeros(shape, (Kind::Float, Device::Cpu));
//! assert_eq!(net.run(&zeros([1, 6, 250]), false)?.size(), [1, 4]);
//! let error = net.run(&zeros([1, 3, 100]), false).unwrap_err();
//! assert_eq!(error.node(), Some("signal"));
//!
//! // The form for inference: `bn1` is folded into `conv1`.
//! let merged = net.merged()?;
//! assert_eq!(merged.net.variables().len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![doc = include_str!("../README.md")]

mod array;
mod device;
mod error;
mod forward;
mod freeze;
mod input;
mod inspect;
mod interpret;
mod memory;
mod merged;
mod net;
mod number;
mod pass;
mod precision;
mod sizes;
mod synced;
mod threads;
mod variables;
mod version;
mod weights;

pub use array::{array, tensor};
pub use device::{cuda_devices, device};
pub use error::TorchError;
pub use freeze::FreezeReport;
pub use graph;
pub use inspect::NodeOutput;
pub use memory::keep_freed_memory;
pub use merged::MergedNet;
pub use net::Net;
pub use precision::Precision;
pub use synced::{Gather, SyncedPass};
pub use tch;
pub use threads::suits_one_thread;
pub use version::libtorch_version;
pub use weights::Load;
