//! The interpreters that can run the cases. A new interpreter adds a variant here.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use anyhow::Result;
use clap::ValueEnum;
use engine::Engine;
use graph::{Forward, Graph, Weights, reference};
use model::Model;
use torch::Net;
use torch::tch::Device;
use torch::tch::nn::VarStore;

use crate::onnx::{Network, Reader, Readers, python};

/// An interpreter of graphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Interpreter {
    /// libtorch
    #[default]
    Torch,
    /// The plain interpreter of `graph`, in f64; skips cases above 3 million parameters
    Reference,
    /// The ONNX export, run by ONNX Runtime in Python
    Onnx,
    /// The engine; the tolerance is at least 5e-5 of the largest output
    Engine,
    /// The engine without Winograd convolutions; the tolerance is at least 1e-5 of the largest output
    EngineDirect,
}

/// An interpreter with the processes that it needs.
pub(super) enum Loader {
    Torch,
    Reference,
    Onnx(Rc<RefCell<Readers>>),
    Engine(engine::Options),
}

impl Interpreter {
    /// Largest number of parameters for which the interpreter is fast enough. `None` if there is no limit.
    pub(super) fn parameter_limit(self) -> Option<u64> {
        match self {
            Self::Torch | Self::Onnx | Self::Engine | Self::EngineDirect => None,
            Self::Reference => Some(3_000_000),
        }
    }

    /// The difference that is allowed in any case, as a share of the largest expected output.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            Self::Torch | Self::Reference | Self::Onnx => 0.0,
            Self::Engine => 5e-5,
            Self::EngineDirect => 1e-5,
        }
    }

    /// Prepares the interpreter.
    ///
    /// # Errors
    /// If the readers of ONNX cannot be installed.
    pub(super) fn loader(self) -> Result<Loader> {
        match self {
            Self::Torch => Ok(Loader::Torch),
            Self::Reference => Ok(Loader::Reference),
            Self::Onnx => {
                let python = python(&mut |line: &str| drop(writeln!(io::stderr(), "{line}")))?;
                Ok(Loader::Onnx(Rc::new(RefCell::new(Readers::new(python)?))))
            }
            Self::Engine | Self::EngineDirect => {
                let winograd = self == Self::Engine;
                Ok(Loader::Engine(engine::Options { winograd, merge: false, ..Default::default() }))
            }
        }
    }
}

impl Loader {
    /// Loads a network.
    ///
    /// # Errors
    /// If the weights do not match the graph.
    pub(super) fn load(&self, graph: Graph, weights: Weights) -> Result<Box<dyn Forward>> {
        match self {
            Self::Torch => {
                let store = VarStore::new(Device::Cpu);
                Ok(Box::new(Net::with_weights(&store.root(), graph, &weights)?))
            }
            Self::Reference => Ok(Box::new(reference::Interpreter::new(graph, weights)?)),
            Self::Onnx(readers) => {
                let model = Model::new(graph, weights);
                Ok(Box::new(Network::new(model, Reader::OnnxRuntime, Rc::clone(readers))?))
            }
            Self::Engine(options) => Ok(Box::new(Engine::new(&Model::new(graph, weights), *options)?)),
        }
    }
}
