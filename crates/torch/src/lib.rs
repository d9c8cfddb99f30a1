//! A [`Graph`](graph::Graph) on libtorch.
//!
//! [`Net`] makes a graph's variables in a `VarStore` of the caller's and is a tch module: tch's
//! optimizers train it, tch's tools save it. Weights go in and out as plain data, parts can be
//! frozen, every intermediate value can be looked at.
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
//! // Any length the graph accepts, and a sentence that says what is wrong with other inputs.
//! let zeros = |shape: [i64; 3]| Tensor::zeros(shape, (Kind::Float, Device::Cpu));
//! assert_eq!(net.run(&zeros([1, 6, 250]), false)?.size(), [1, 4]);
//! let error = net.run(&zeros([1, 3, 100]), false).unwrap_err();
//! assert!(error.to_string().starts_with("signal: input: 6 channels are needed"));
//!
//! // The form for inference: `bn1` is folded into `conv1`.
//! let merged = net.merged()?;
//! assert_eq!(merged.net.variables().len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod freeze;
mod inspect;
mod interpret;
mod memory;
mod merged;
mod net;
mod number;
mod precision;
mod schedule;
mod sizes;
mod variables;
mod weights;

pub use error::Error;
pub use inspect::Seen;
pub use memory::keep_freed_memory;
pub use merged::Merged;
pub use net::Net;
pub use precision::Precision;
pub use tch;
pub use weights::Load;
