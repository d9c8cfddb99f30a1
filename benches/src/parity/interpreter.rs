//! The interpreters that can run the cases. A new interpreter adds a variant here.

use anyhow::Result;
use clap::ValueEnum;
use graph::{Forward, Graph, Weights, reference};
use torch::Net;
use torch::tch::Device;
use torch::tch::nn::VarStore;

/// An interpreter of graphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Interpreter {
    /// libtorch
    #[default]
    Torch,
    /// The plain interpreter of `graph`, in f64; skips cases above 3 million parameters
    Reference,
}

impl Interpreter {
    /// Largest number of parameters for which the interpreter is fast enough. `None` if there is no limit.
    pub(super) fn parameter_limit(self) -> Option<u64> {
        match self {
            Self::Torch => None,
            Self::Reference => Some(3_000_000),
        }
    }

    /// Loads a network.
    ///
    /// # Errors
    /// If the weights do not match the graph.
    pub(super) fn load(self, graph: Graph, weights: Weights) -> Result<Box<dyn Forward>> {
        match self {
            Self::Torch => {
                let store = VarStore::new(Device::Cpu);
                Ok(Box::new(Net::with_weights(&store.root(), graph, &weights)?))
            }
            Self::Reference => Ok(Box::new(reference::Interpreter::new(graph, weights)?)),
        }
    }
}
